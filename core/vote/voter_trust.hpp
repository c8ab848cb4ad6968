#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/signs/sign_vector.hpp"

namespace signet {

/// What each voter's signs are worth, learned from how often voters differ from each other.
///
/// Model: voter j is right about a coordinate with chance 1 - p_j, independently of the others
/// (Dawid and Skene 1979, one coin). Two voters then agree by c_ij = 1 - 2 mismatch_ij / n, whose
/// mean is r_i r_j with r = 1 - 2 p: reliabilities follow from mismatches among voters alone, with
/// no truth to compare with and without a voter's own share in the majority, which flatters it.
/// Each round moves r_i towards the weighted median over j of c_ij / r_j: voters that collude spoil
/// less than half of the terms. That more than half of the voters are honest decides the common
/// sign.
///
/// The vote that is most often right weighs each voter with log((1 - p_j) / p_j) (Nitzan and
/// Paroush 1982): weight() is that, in small whole numbers, so that the tally stays bit-sliced. It
/// is 0 for a voter that knows nothing, and negative for one that is wrong more often than right,
/// whose vote counts for the opposite. The scale is the best of those that voted last: whoever has
/// left was observed when signs were easier.
///
/// Cost of observe(): M^2 / 2 Hamming distances, of as many coordinates as kPairBits allows for
/// (a window that moves on every round), at most all, and medians in O(M^2 log M); M^2 doubles
/// meanwhile. The first round that is observed takes 17 times the medians: 1.6 s for 1,000 voters
/// on a laptop, later ones 0.2 s. Memory: a name and 16 bytes for each voter. Deterministic; not
/// thread-safe.
class VoterTrust {
 public:
  /// Rounds after which a voter's own figure counts. Until then it weighs 0, or 1 while all are
  /// new.
  static constexpr std::uint32_t kProbation = 5;
  /// Largest absolute weight.
  static constexpr int kWeightMax = 4;
  /// Bits compared in one round, over all pairs; but never fewer than 64 words a pair.
  static constexpr std::size_t kPairBits = std::size_t{1} << 27;

  struct Voter {
    std::string_view name;
    const SignVector* signs;
    const SignVector* abstained;  ///< empty: from nothing
  };

  /// Learns from the votes of one round; fewer than three teach nothing. All of one dimension,
  /// names distinct (programmer's errors).
  void observe(RoundId round, std::span<const Voter> voters);

  /// r = 1 - 2 P[its sign is wrong], in [-1, 1]; 0: not known.
  double reliability(std::string_view name) const;
  /// Weight in the next round, in [-kWeightMax, kWeightMax]. Where all would be 0 all are 1.
  int weight(std::string_view name) const;

  /// Whoever has this name later is new.
  void forget(std::string_view name);
  /// What is known of `from` is known of `to` from now on.
  void rename(std::string_view from, const std::string& to);

  /// Rounds in which this voter was observed.
  std::uint32_t rounds(std::string_view name) const;

  /// All that it has learned, and the way back. restore() fails with Corrupt on other bytes.
  Bytes state() const;
  Status restore(ByteView state);

 private:
  struct Figure {
    double reliability = 0;
    std::uint32_t rounds = 0;  // observed
    bool here = false;         // in the last round that was observed
    int weight = 0;
  };
  using Figures = std::map<std::string, Figure, std::less<>>;

  void learn(std::span<const Voter> voters, const std::vector<double>& agreement);
  void weigh();

  Figures figures_;
  bool all_equal_ = true;  // nobody's figure says anything yet
};

}  // namespace signet
