#include "core/vote/majority_tally.hpp"

#include <algorithm>
#include <bit>

#include "core/base/random.hpp"

namespace signet {

namespace {

// Rows that one pass over the counters adds.
constexpr std::size_t kGroup = 64;

const std::byte* row_of(const SignVector& signs) {
  return reinterpret_cast<const std::byte*>(signs.words().data());
}
std::byte* row_of(SignVector& signs) {
  return reinterpret_cast<std::byte*>(signs.words().data());
}

// Fewest planes whose highest is the majority of `units`: see Kernels::finish.
std::size_t planes_for(std::uint64_t units) {
  return static_cast<std::size_t>(std::bit_width(units / 2)) + 1;
}
std::uint64_t start_of(std::size_t planes, std::uint64_t units) {
  return (std::uint64_t{1} << (planes - 1)) - 1 - units / 2;
}

}  // namespace

MajorityTally::MajorityTally(std::size_t dimension, std::uint64_t expected)
    : dimension_(dimension), expected_(expected) {}

void MajorityTally::add(const SignVector& signs, const SignVector& abstained,
                        std::uint64_t weight) {
  SIGNET_CHECK(signs.dimension() == dimension_, "a vote has the tally's dimension");
  SIGNET_CHECK(weight >= 1, "a voter weighs something");
  SIGNET_CHECK(abstained.empty() || abstained.dimension() == dimension_,
               "as many abstention bits as signs");
  total_ += weight;
  voters_.push_back({&signs, abstained.empty() ? nullptr : &abstained, weight, {}});
  if (!abstained.empty()) {
    // A sender may set both bits of a coordinate: it abstains there.
    SignVector& cast = voters_.back().cast;
    cast = signs;
    for (std::size_t w = 0; w < cast.words().size(); ++w) cast.words()[w] &= ~abstained.words()[w];
  }
  if (!abstained.empty() && !halves_) {
    halves_ = true;
    return recount();
  }
  // Before anything is queued: the voters in the counters are counted anew, this one with them.
  if (counting_ && planes_for(most()) > planes_) return recount();
  foreseen_ = foreseen_ && total_ == expected_;
  queue(voters_.back());
  // Whoever is last shall find the others counted.
  if (expected_ > kCountLate && total_ + 1 == expected_) foresee();
}

void MajorityTally::queue(const Voter& voter) {
  queue(row_of(voter.abstained == nullptr ? *voter.signs : voter.cast),
        (halves_ ? 2 : 1) * voter.weight);
  if (voter.abstained != nullptr) queue(row_of(*voter.abstained), voter.weight);
}

void MajorityTally::queue(const std::byte* row, std::uint64_t units) {
  for (std::size_t plane = 0; units >> plane != 0; ++plane) {
    if (((units >> plane) & 1U) == 0) continue;
    if (waiting_.size() <= plane) waiting_.resize(plane + 1);
    waiting_[plane].push_back(row);
    // A vote that was foreseen needs no counters.
    if (foreseen_ || waiting_[plane].size() < kGroup) continue;
    if (expected_ > kCountLate || voters_.size() > kCountLate) flush(plane);
  }
}

void MajorityTally::flush(std::size_t plane) {
  if (waiting_[plane].empty()) return;
  const bool fresh = make_room();
  best_kernels().add_votes(counters(), view(waiting_[plane]), plane, fresh ? &filled_ : nullptr);
  waiting_[plane].clear();
}

void MajorityTally::flush_all() {
  for (std::size_t plane = 0; plane < waiting_.size(); ++plane) flush(plane);
}

Foreseen MajorityTally::foreseen() {
  return {row_of(ahead_), row_of(open_), &foreseen_margin_};
}

// The counters and what waits for them stay as they are, for whatever else may happen.
void MajorityTally::foresee() {
  for (std::size_t plane = 1; plane < waiting_.size(); ++plane) flush(plane);
  if (halves_) return flush_all();
  if (ahead_.empty()) ahead_ = open_ = SignVector(dimension_);
  const std::size_t planes = counting_ ? planes_ : planes_for(expected_);
  const std::uint64_t start = start_of(planes, expected_);
  best_kernels().foresee({counting_ ? words_.data() : nullptr, dimension_, planes},
                         view(waiting_[0]), counting_ ? nullptr : &start,
                         counting_ ? start - filled_ : 0, expected_, foreseen());
  foreseen_ = true;
}

std::uint64_t MajorityTally::most() const {
  return std::max((halves_ ? 2 : 1) * expected_, units());
}

bool MajorityTally::make_room() {
  const std::size_t planes = planes_for(most());
  SIGNET_CHECK(planes <= kPlanesMax, "the total weight fits the counters");
  SIGNET_CHECK(!counting_ || planes <= planes_, "the counters have grown before votes are queued");
  if (counting_) return false;
  planes_ = std::max(planes, planes_);
  words_.resize(counter_words(dimension_, planes_));
  filled_ = start_of(planes_, most());
  return counting_ = true;
}

void MajorityTally::settle() {
  flush_all();
  if (make_room()) best_kernels().fill(counters(), filled_);
}

void MajorityTally::recount() {
  for (Rows& rows : waiting_) rows.clear();
  counting_ = foreseen_ = false;
  expected_ = std::max(expected_, total_);
  for (const Voter& voter : voters_) queue(voter);
}

void MajorityTally::remove(const SignVector& signs) {
  const auto voter = std::ranges::find(voters_, &signs, &Voter::signs);
  SIGNET_CHECK(voter != voters_.end(), "only a voter that was added can be removed");
  total_ -= voter->weight;
  voters_.erase(voter);
  recount();
}

Majority MajorityTally::majority() {
  Majority result{SignVector(dimension_), SignVector(dimension_), 0};
  std::uint64_t sum = 0;
  const Outcome outcome{row_of(result.signs), row_of(result.ties), &sum};
  const bool one_plane = std::ranges::all_of(waiting_.begin() + (waiting_.empty() ? 0 : 1),
                                             waiting_.end(), &Rows::empty);
  if (foreseen_) {
    const bool came = total_ == expected_;
    best_kernels().conclude(foreseen(), came ? row_of(*voters_.back().signs) : nullptr, dimension_,
                            expected_, outcome);
  } else if (!counting_ && one_plane && !voters_.empty()) {
    best_kernels().majority(view(waiting_[0]), outcome);
  } else {
    // At most the last group of single votes is left to the end.
    for (std::size_t plane = 1; plane < waiting_.size(); ++plane) flush(plane);
    if (make_room()) best_kernels().fill(counters(), filled_);
    static const Rows kNone;
    best_kernels().finish(counters(), view(waiting_.empty() ? kNone : waiting_[0]), 0,
                          start_of(planes_, units()) - filled_, units(), outcome);
  }
  if (total_ > 0 && dimension_ > 0)
    result.margin =
        static_cast<double>(sum) / static_cast<double>(units()) / static_cast<double>(dimension_);
  return result;
}

Margin MajorityTally::margin(std::size_t first, std::size_t last) {
  SIGNET_CHECK(first <= last && last <= dimension_, "a layer lies within the dimension");
  settle();
  const std::uint64_t start = start_of(planes_, units());
  best_kernels().add_constant(counters(), start - filled_);
  filled_ = start;
  return best_kernels().margin(counters(), units(), first, last);
}

std::vector<std::uint64_t> MajorityTally::histogram() {
  settle();
  std::vector<std::uint64_t> counts(std::size_t{1} << planes_, 0);
  best_kernels().histogram(counters(), filled_, 0, dimension_, counts.data());
  counts.resize(static_cast<std::size_t>(units()) + 1);
  return counts;
}

void MajorityTally::clear() {
  voters_.clear();
  for (Rows& rows : waiting_) rows.clear();
  total_ = 0;
  halves_ = counting_ = foreseen_ = false;
}

void MajorityTally::expect(std::uint64_t total_weight) {
  SIGNET_CHECK(voters_.empty(), "a tally expects before the first voter");
  expected_ = total_weight;
}

std::uint64_t mismatch(const SignVector& signs, const SignVector& outcome, const SignVector& ties,
                       const SignVector& abstained) {
  SIGNET_CHECK(signs.dimension() == outcome.dimension(), "a vote has the outcome's dimension");
  const auto mask_of = [&](const SignVector& mask) {
    SIGNET_CHECK(mask.empty() || mask.dimension() == signs.dimension(), "as many mask bits");
    return mask.empty() ? nullptr : row_of(mask);
  };
  return best_kernels().count_differences(row_of(signs), row_of(outcome), mask_of(ties),
                                          mask_of(abstained), signs.dimension());
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
