#include "fleet/liars.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "core/base/check.hpp"
#include "core/base/random.hpp"
#include "core/config/text.hpp"

namespace signet {

namespace {

constexpr std::array<std::pair<std::string_view, LieKind>, 4> kLies = {
    {{"flip", LieKind::Flip},
     {"random", LieKind::Random},
     {"constant", LieKind::Constant},
     {"collude", LieKind::Collude}}};

// Of the random votes: no other use of the seed mixes this number into it.
constexpr std::uint64_t kLieCoin = 0x6c6965;

std::optional<double> share_of(std::string_view text) {
  double share = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), share);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return share >= 0 && share <= 1 ? std::optional(share) : std::nullopt;
}

void flip(SignVector& signs) {
  for (Word& word : signs.words()) word = ~word;
  signs.mask_padding();
}

}  // namespace

Result<LiarSpec> parse_liars(std::string_view text) {
  const auto colon = text.find(':');
  const auto share = share_of(text.substr(0, colon));
  if (share && colon != std::string_view::npos)
    for (const auto& [name, kind] : kLies)
      if (text.substr(colon + 1) == name) return LiarSpec{*share, kind};
  return Error{ErrorKind::Malformed,
               "is " + config::quoted(text) +
                   "; expected SHARE:KIND with a share of the agents from 0 to 1 and one of flip, "
                   "random, constant, collude, such as 0.33:flip"};
}

std::string to_text(const LiarSpec& spec) {
  for (const auto& [name, kind] : kLies)
    if (kind == spec.kind) return config::toml_number(spec.share) + ":" + std::string(name);
  SIGNET_CHECK(false, "every lie has a name");
}

Liars::Liars(const LiarSpec& spec, std::size_t agents, std::uint64_t seed)
    : spec_(spec),
      seed_(mix(seed, kLieCoin)),
      // 0.29 of 100 is 29, and a little less in binary numbers.
      lies_(static_cast<std::size_t>(std::floor(spec.share * static_cast<double>(agents) + 1e-9))) {
  first_ = agents - lies_.size();
}

const Contribution& Liars::told(std::size_t index, const Contribution& honest) {
  if (index < first_ || !honest.finite) return honest;
  Contribution& lie = lies_[index - first_];
  lie = honest;
  SignVector& signs = lie.signs.signs;
  switch (spec_.kind) {
    case LieKind::Flip: flip(signs); return lie;
    case LieKind::Collude:
      if (index != first_ && lies_.front().round == honest.round && lies_.front().finite &&
          lies_.front().signs.signs.dimension() == signs.dimension()) {
        lie.signs = lies_.front().signs;
      } else {
        flip(signs);
      }
      return lie;
    case LieKind::Random: {
      Rng rng(mix(mix(seed_, index), honest.round.value));
      for (Word& word : signs.words()) word = rng.next();
      break;
    }
    case LieKind::Constant: std::ranges::fill(signs.words(), ~Word{0}); break;
  }
  signs.mask_padding();
  lie.signs.abstained = SignVector();
  return lie;
}

}  // namespace signet
