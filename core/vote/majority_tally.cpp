#include "core/vote/majority_tally.hpp"

#include <algorithm>
#include <bit>

#include "core/base/random.hpp"

namespace signet {

MajorityTally::MajorityTally(std::size_t dimension, std::uint64_t weight_max)
    : dimension_(dimension),
      words_(sign_words(dimension)),
      planes_count_(static_cast<std::size_t>(std::bit_width(2 * weight_max))),
      weight_max_(weight_max),
      planes_(words_ * planes_count_, 0) {
  SIGNET_CHECK(weight_max >= 1, "a tally needs room for a voter");
}

void MajorityTally::add(const SignVector& signs, const SignVector& abstained,
                        std::uint64_t weight) {
  SIGNET_CHECK(signs.dimension() == dimension_, "a vote has the tally's dimension");
  SIGNET_CHECK(weight >= 1 && total_ + weight <= weight_max_, "the tally has room for the weight");
  total_ += weight;
  if (abstained.empty()) return add_weighted(signs, 2 * weight);
  SIGNET_CHECK(abstained.dimension() == dimension_, "as many abstention bits as signs");
  SignVector cast = signs;
  for (std::size_t w = 0; w < words_; ++w) cast.words()[w] &= ~abstained.words()[w];
  add_weighted(cast, 2 * weight);
  add_weighted(abstained, weight);
}

void MajorityTally::add_weighted(const SignVector& signs, std::uint64_t weight) {
  const auto* bytes = reinterpret_cast<const std::byte*>(signs.words().data());
  for (std::size_t p = 0; weight >> p != 0; ++p)
    if (((weight >> p) & 1U) != 0)
      best_kernels().add_vote(bytes, words_, planes_.data(), planes_count_, p);
}

Majority MajorityTally::majority() const {
  Majority result{SignVector(dimension_), SignVector(dimension_)};
  // The counter is twice the weight for +1: above the total is a majority, equal to it a tie.
  best_kernels().compare(planes_.data(), words_, planes_count_, total_, result.signs.words().data(),
                         result.ties.words().data());
  result.signs.mask_padding();
  result.ties.mask_padding();
  return result;
}

double MajorityTally::mean_margin(const Majority& majority) const {
  if (total_ == 0 || dimension_ == 0) return 0;
  // sum |counter - total| = sum over winners (counter - total) + sum over losers (total - counter).
  const auto& k = best_kernels();
  std::uint64_t won = 0, all = 0, winners = 0;
  const std::vector<Word> every(words_, ~Word{0});
  for (std::size_t p = 0; p < planes_count_; ++p) {
    const Word* plane = planes_.data() + p * words_;
    won += k.count_common(plane, majority.signs.words().data(), words_) << p;
    all += k.count_common(plane, every.data(), words_) << p;
  }
  winners = k.count_common(majority.signs.words().data(), every.data(), words_);
  const std::uint64_t losers = dimension_ - winners;
  const std::uint64_t sum = (won - winners * total_) + (losers * total_ - (all - won));
  return static_cast<double>(sum) / static_cast<double>(total_) / static_cast<double>(dimension_);
}

void MajorityTally::clear() {
  std::ranges::fill(planes_, Word{0});
  total_ = 0;
}

std::uint64_t mismatch(const SignVector& signs, const SignVector& outcome, const SignVector& ties,
                       const SignVector& abstained) {
  SIGNET_CHECK(signs.dimension() == outcome.dimension(), "a vote has the outcome's dimension");
  SignVector mask = ties.empty() ? SignVector(signs.dimension()) : ties;
  if (!abstained.empty())
    for (std::size_t w = 0; w < mask.words().size(); ++w) mask.words()[w] |= abstained.words()[w];
  return best_kernels().count_differences(reinterpret_cast<const std::byte*>(signs.words().data()),
                                          outcome.words().data(), mask.words().data(),
                                          signs.words().size());
}

SignVector break_ties(Majority& majority, TieRule rule, std::uint64_t coin,
                      const SignVector& previous) {
  if (majority.ties.none()) return {};
  if (rule == TieRule::Hold) return majority.ties;
  const bool copy = rule == TieRule::Previous && !previous.empty();
  auto signs = majority.signs.words();
  const auto ties = majority.ties.words();
  for (std::size_t w = 0; w < signs.size(); ++w)
    if (ties[w] != 0) signs[w] |= ties[w] & (copy ? previous.words()[w] : mix(coin, w));
  return {};
}

}  // namespace signet
