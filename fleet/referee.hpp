#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "coordinator/round/events.hpp"
#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/job/job.hpp"
#include "core/optim/rate_controller.hpp"
#include "core/optim/replica.hpp"
#include "core/signs/sign_vector.hpp"
#include "core/vote/voter_trust.hpp"

namespace signet {

/// Knows what a run must have come to, from what went in and out of the coordinator, and complains
/// where it has not: the invariants 1 to 3 of docs/architecture.md. It holds its own replica, its
/// own list of who voted, counts votes the slow way, each with its weight, and keeps a rate
/// controller and reliabilities of the voters that never die.
class Referee {
 public:
  using Complain = std::function<void(std::string)>;

  Referee(const Job& job, RunId run, std::vector<float> initial_parameters, Complain complain);

  std::uint64_t rounds() const { return rounds_; }            ///< committed
  std::uint64_t rounds_lost() const { return rounds_lost_; }  ///< by power cuts, and done again
  std::uint64_t digest() const { return digest_; }            ///< of x_k, k = rounds()

  /// The coordinator began at `own`, with what the disk gave it.
  void restarted(const Replica& own, bool power_was_cut);
  /// The open round's votes are asked for again.
  void forget_votes() { votes_.clear(); }
  void vote_counted(const std::string& agent, const Vote& vote);
  /// `finishing`: the run is over, no vote counts any more.
  void vote_refused(const std::string& agent, const Vote& vote, RefusalReason reason,
                    bool finishing);
  /// A round goes to the disk; until saved() or not_saved() it may be there or not.
  void saving(const SaveRound& action, const Replica& own);
  void saved();
  void not_saved();
  void snapshot_saved(RoundId next) { snapshot_ = next; }
  /// Somebody is sent the update of `round`.
  void told(RoundId round);
  /// `who` holds this replica.
  void saw(const std::string& who, const Replica& replica);
  /// A replica of rounds that a power cut took back may be anywhere until it is told.
  bool tells_apart() const { return abandoned_.empty(); }

 private:
  struct Counted {
    bool voted = false, paused = false;
    SignVector signs, abstained;
    double local = 0, cross = 0, loss = 0;
    std::optional<float> curvature;
  };

  // What the next round depends on beside the parameters.
  struct Memory {
    Bytes rate, trust;
  };
  using Weights = std::map<std::string, int>;  // of those that voted

  bool weighted() const { return job_.weights != VoteWeights::Equal; }
  bool answered_for_good(const std::string& agent) const;
  Weights weights_of_round() const;
  void check_outcome(const SaveRound& action, const Weights& weights);
  void check_rate(const SaveRound& action, const Weights& weights);
  void check_trust(const SaveRound& action);
  Memory memory() const { return {rate_->state(), trust_.state()}; }
  void commit();
  void lose_rounds_after(RoundId next);
  void rewind_memory();

  const Job& job_;
  RunId run_;
  std::vector<float> initial_;
  Complain complain_;
  std::uint64_t rounds_ = 0, rounds_lost_ = 0, digest_ = 0;
  RoundId snapshot_;  // x_k of the newest that was saved: a power cut loses no round before k
  std::map<std::string, Counted> votes_;        // of the open round
  std::map<RoundId, std::uint64_t> committed_;  // digest of x_k by k
  std::set<std::uint64_t> abandoned_;           // digests of rounds that a power cut took back
  std::optional<Replica> reference_;            // where the committed rounds lead to
  SharedUpdate last_;                           // committed
  std::optional<SaveRound> in_doubt_;
  std::unique_ptr<RateController> rate_;
  VoterTrust trust_;                    // learns nothing where all votes weigh the same
  std::map<RoundId, Memory> memories_;  // before round k
};

}  // namespace signet
