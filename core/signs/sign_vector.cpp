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

namespace {

void make_room(std::size_t dimension, PackedSigns& into) {
  if (into.signs.dimension() != dimension) into.signs = SignVector(dimension);
  into.zeros.resize(sign_words(dimension));
}

// Most gradients have no zero at all; the kernels say so, and their plane is not looked at.
void decide_zeros(bool any, ZeroRule rule, std::uint64_t coin, PackedSigns& into) {
  if (!any) {
    into.abstained = SignVector();
  } else if (rule == ZeroRule::Random) {
    auto signs = into.signs.words();
    for (std::size_t w = 0; w < signs.size(); ++w)
      if (into.zeros[w] != 0) signs[w] |= into.zeros[w] & mix(coin, w);
    into.abstained = SignVector();
  } else {
    if (into.abstained.dimension() != into.signs.dimension())
      into.abstained = SignVector(into.signs.dimension());
    std::ranges::copy(into.zeros, into.abstained.words().begin());
  }
}

const Word* tie_words(std::span<const float> x, const SignVector& signs, const SignVector& ties) {
  SIGNET_CHECK(signs.dimension() == x.size(), "as many signs as parameters");
  SIGNET_CHECK(ties.empty() || ties.dimension() == x.size(), "as many tie bits as parameters");
  return ties.empty() ? nullptr : ties.words().data();
}

}  // namespace

void pack(std::span<const float> x, ZeroRule rule, std::uint64_t coin, PackedSigns& into) {
  make_room(x.size(), into);
  const bool any =
      best_kernels().pack_signs(x.data(), x.size(), into.signs.words().data(), into.zeros.data());
  decide_zeros(any, rule, coin, into);
}

void pack_momentum(std::span<float> momentum, std::span<const float> gradient, float beta,
                   ZeroRule rule, std::uint64_t coin, PackedSigns& into) {
  SIGNET_CHECK(momentum.size() == gradient.size(), "as many gradients as momenta");
  make_room(momentum.size(), into);
  const bool any =
      best_kernels().pack_momentum(momentum.data(), gradient.data(), beta, momentum.size(),
                                   into.signs.words().data(), into.zeros.data());
  decide_zeros(any, rule, coin, into);
}

void pack_error_feedback(std::span<float> error, std::span<const float> gradient, float scale,
                         ZeroRule rule, std::uint64_t coin, PackedSigns& into) {
  SIGNET_CHECK(error.size() == gradient.size(), "as many gradients as errors");
  make_room(error.size(), into);
  const bool any =
      best_kernels().pack_error_feedback(error.data(), gradient.data(), scale, error.size(),
                                         into.signs.words().data(), into.zeros.data());
  decide_zeros(any, rule, coin, into);
}

void apply_step(std::span<float> x, float eta, const SignVector& signs, const SignVector& ties) {
  best_kernels().apply_signs(x.data(), eta, signs.words().data(), tie_words(x, signs, ties),
                             x.size());
}

std::uint64_t apply_step_digest(std::span<float> x, float eta, const SignVector& signs,
                                const SignVector& ties) {
  return best_kernels().apply_and_digest(x.data(), eta, signs.words().data(),
                                         tie_words(x, signs, ties), x.size());
}

}  // namespace signet
