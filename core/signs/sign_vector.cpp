#include "core/signs/sign_vector.hpp"

#include <algorithm>
#include <string>

#include "core/base/random.hpp"

namespace signet {

Result<SignVector> SignVector::from_bytes(ByteView bytes, std::size_t dimension) {
  SignVector signs(dimension);
  if (auto assigned = signs.assign(bytes); !assigned) return assigned.error();
  return signs;
}

Status SignVector::assign(ByteView bytes) {
  if (bytes.size() != sign_bytes(dimension_))
    return Error{ErrorKind::Mismatch, std::to_string(bytes.size()) + " bytes of signs; dimension " +
                                          std::to_string(dimension_) + " needs " +
                                          std::to_string(sign_bytes(dimension_))};
  std::ranges::copy(bytes, std::as_writable_bytes(std::span(words_)).begin());
  mask_padding();
  return {};
}

void SignVector::set(std::size_t i, bool is_positive) {
  SIGNET_CHECK(i < dimension_, "coordinate outside the vector");
  const Word bit = Word{1} << (i % 64);
  words_[i / 64] = is_positive ? words_[i / 64] | bit : words_[i / 64] & ~bit;
}

bool SignVector::none() const {
  return std::ranges::all_of(words_, [](Word w) { return w == 0; });
}

void SignVector::mask_padding() {
  if (dimension_ % 64 == 0) return;
  words_.back() &= (Word{1} << (dimension_ % 64)) - 1;
}

void pack(std::span<const float> x, ZeroRule rule, std::uint64_t coin, PackedSigns& into) {
  if (into.signs.dimension() != x.size()) into.signs = SignVector(x.size());
  if (into.abstained.dimension() != x.size()) into.abstained = SignVector(x.size());
  best_kernels().pack_signs(x.data(), x.size(), into.signs.words().data(),
                            into.abstained.words().data());
  if (rule == ZeroRule::Random) {
    auto signs = into.signs.words();
    const auto zeros = into.abstained.words();
    for (std::size_t w = 0; w < signs.size(); ++w)
      if (zeros[w] != 0) signs[w] |= zeros[w] & mix(coin, w);
    into.abstained = SignVector();
  } else if (into.abstained.none()) {
    into.abstained = SignVector();
  }
}

void apply_step(std::span<float> x, float eta, const SignVector& signs, const SignVector& ties) {
  SIGNET_CHECK(signs.dimension() == x.size(), "as many signs as parameters");
  SIGNET_CHECK(ties.empty() || ties.dimension() == x.size(), "as many tie bits as parameters");
  best_kernels().apply_signs(x.data(), eta, signs.words().data(),
                             ties.empty() ? nullptr : ties.words().data(), x.size());
}

}  // namespace signet
