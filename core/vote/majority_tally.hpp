#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/signs/sign_vector.hpp"
#include "core/vote/tie_rule.hpp"

namespace signet {

/// What a vote decided, before ties are broken.
struct Majority {
  SignVector signs;  ///< +1 where the votes for +1 weigh more than those for -1
  SignVector ties;   ///< where both weigh the same (or nobody voted)
};

/// sign(sum_j s_j) of Algorithm 1, line 4, from votes that arrive one by one.
///
/// Counters are bit-sliced: plane p holds bit p of every coordinate's counter, so 64 coordinates
/// are added by a few logic operations. A voter with weight w counts 2 w for +1, 0 for -1 and w
/// where it abstains; the sum is compared with the total weight. The doubling keeps abstentions
/// exact.
///
/// Memory: planes_count() * d / 8 bytes. Not thread-safe.
class MajorityTally {
 public:
  /// `weight_max`: the largest total weight of all voters of one round, at least 1.
  MajorityTally(std::size_t dimension, std::uint64_t weight_max);

  /// Adds a voter. `abstained` may be empty. Dimensions must agree, weight must be at least 1 and
  /// the total must not exceed weight_max (programmer's errors).
  void add(const SignVector& signs, const SignVector& abstained = {}, std::uint64_t weight = 1);

  std::uint64_t total_weight() const { return total_; }
  std::uint64_t weight_max() const { return weight_max_; }
  std::size_t dimension() const { return dimension_; }
  std::size_t planes_count() const { return planes_count_; }

  Majority majority() const;
  /// Mean over coordinates of |votes for +1 - votes for -1| / total weight, in [0, 1]: how clear
  /// the vote was. 0 without voters.
  double mean_margin(const Majority& majority) const;
  /// Forgets all voters.
  void clear();

 private:
  void add_weighted(const SignVector& signs, std::uint64_t weight);

  std::size_t dimension_, words_, planes_count_;
  std::uint64_t weight_max_, total_ = 0;
  std::vector<Word> planes_;
};

/// Hamming distance of a voter's signs to the outcome; coordinates set in `ties` or `abstained`
/// (either may be empty) are not counted.
std::uint64_t mismatch(const SignVector& signs, const SignVector& outcome, const SignVector& ties,
                       const SignVector& abstained);

/// Breaks the ties of `majority` in place by the job's rule and returns the plane that must travel
/// (non-empty for Hold with ties alone). Random is bit i of mix(coin, word), a pure function;
/// Previous takes the bits of `previous` (empty: Random).
SignVector break_ties(Majority& majority, TieRule rule, std::uint64_t coin,
                      const SignVector& previous);

}  // namespace signet
