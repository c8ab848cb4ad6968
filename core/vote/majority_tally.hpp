#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/signs/sign_vector.hpp"
#include "core/vote/tie_rule.hpp"

namespace signet {

/// What a vote decided, before ties are broken.
struct Majority {
  SignVector signs;   ///< +1 where the votes for +1 weigh more than those for -1
  SignVector ties;    ///< where both weigh the same (or nobody voted)
  double margin = 0;  ///< mean of |votes for +1 - votes for -1| / total weight, in [0, 1]
};

/// sign(sum_j s_j) of Algorithm 1, line 4, from votes that arrive one by one.
///
/// Up to kCountLate voters are counted together at the end. More are added in groups to bit-sliced
/// counters (plane p holds bit p of every coordinate's counter) while they arrive, so that little
/// is left to do after the last one; when one voter of weight 1 is missing, what its vote can still
/// change is worked out before it comes. A voter with weight w counts w for +1 and 0 for -1; as
/// soon as somebody abstains from a coordinate all is doubled: 2 w, 0, and w for an abstention,
/// which is exact. Either way the sum is compared with half of the total.
///
/// Keeps the addresses of the rows, not the rows: they must stay until clear() or the last call.
/// Memory: with more than kCountLate voters about log2(total weight) + 3 planes of d / 8 bytes, and
/// d / 8 bytes for each voter that abstains from something.
/// Not thread-safe.
class MajorityTally {
 public:
  /// Voters that are counted at the end, from their rows alone.
  static constexpr std::size_t kCountLate = 16;

  /// `expected`: the total weight of a usual round; when one less has been added the last voter
  /// is foreseen. It may stay away, and more may come.
  MajorityTally(std::size_t dimension, std::uint64_t expected);

  /// Adds a voter. `abstained` may be empty; both stay where they are until clear(). Dimensions
  /// must agree, weight must be at least 1 (programmer's errors).
  void add(const SignVector& signs, const SignVector& abstained = {}, std::uint64_t weight = 1);
  /// Takes back a voter: its row's address must have been given to add() (programmer's error). The
  /// others are counted anew.
  void remove(const SignVector& signs);

  std::uint64_t total_weight() const { return total_; }
  std::size_t dimension() const { return dimension_; }

  Majority majority();
  /// Sums of |m| and m^2, m = votes for +1 - votes for -1, over the coordinates [first, last): a
  /// layer. In units of weight; of half a weight when somebody abstained.
  Margin margin(std::size_t first, std::size_t last);
  /// Number of coordinates for each weight of +1 votes, total_weight() + 1 entries; in half weights
  /// when somebody abstained: 2 total_weight() + 1 entries.
  std::vector<std::uint64_t> histogram();

  /// Forgets all voters.
  void clear();
  /// The total weight of a usual round from now on. Only while nobody has been added (programmer's
  /// error).
  void expect(std::uint64_t total_weight);

 private:
  struct Voter {
    const SignVector* signs;
    const SignVector* abstained;  // null: from nothing
    std::uint64_t weight;
    SignVector cast;  // with abstentions: the signs without them
  };
  using Rows = std::vector<const std::byte*>;

  std::uint64_t units() const { return (halves_ ? 2 : 1) * total_; }
  std::uint64_t most() const;  // units that the counters must hold: expected, or more that came
  Counters counters() { return {words_.data(), dimension_, planes_}; }
  VoteRows view(const Rows& rows) const { return {rows.data(), rows.size(), dimension_}; }
  void queue(const std::byte* row, std::uint64_t units);
  void queue(const Voter& voter);
  void flush(std::size_t plane);
  void flush_all();
  Foreseen foreseen();
  void foresee();
  bool make_room();  // true: the counters are new, and hold nothing yet
  void settle();     // all rows are in the counters
  void recount();

  std::size_t dimension_;
  std::uint64_t expected_, total_ = 0;
  std::vector<Voter> voters_;
  bool halves_ = false;        // units are half weights: somebody has abstained
  std::vector<Rows> waiting_;  // by plane: rows that are not in the counters yet
  std::vector<Word> words_;    // the counters
  std::size_t planes_ = 0;
  std::uint64_t filled_ = 0;  // what every counter started at
  bool counting_ = false;     // the counters hold rows of this round
  SignVector ahead_, open_;   // see Foreseen
  std::uint64_t foreseen_margin_ = 0;
  // They are of the first expected_ - 1 votes; a last one of weight 1 may have come, but no other.
  bool foreseen_ = false;
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
