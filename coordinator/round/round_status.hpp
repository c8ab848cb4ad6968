#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/wire/messages.hpp"

namespace signet {

/// Where a run stands.
enum class RunPhase {
  Gathering,  ///< it has not begun: agents are missing
  Voting,     ///< a round is open
  Finishing,  ///< it is over, agents are asked to confirm
  Done,
};

/// A run at one moment, as its RoundMachine has it; what is known of the agents is in its roster().
struct RoundStatus {
  std::string job;
  RunId run;
  RunPhase phase = RunPhase::Gathering;
  RoundId round;             ///< open, or the next one
  std::uint64_t rounds = 0;  ///< to do in all
  std::size_t agents_wanted = 0, quorum = 0;
  /// Of the open round. After a restart it does not close before those who were there are back, or
  /// `expected_until`.
  Instant opened{}, deadline = kNever;
  Duration deadline_length{};
  std::size_t expected = 0;
  Instant expected_until = kNever;
  Duration heartbeat{};
  std::optional<float> rate;         ///< of the last closed round
  std::optional<double> train_loss;  ///< of the last round that this process closed with votes
  /// How much more the agents' losses differ than chance lets expect (core/vote/data_likeness.hpp).
  std::optional<double> loss_ratio;
  /// Messages since the start of this process, of members and strangers.
  std::map<RefusalReason, std::uint64_t> refused;
  double elapsed_s = 0;   ///< of training, over all restarts
  std::string why_ended;  ///< empty: it goes on
};

/// What the votes of an agent tell about it when they are compared with the others'.
struct VoterOpinion {
  bool known = false;      ///< enough of its votes were compared, in a fleet that agrees at all
  double wrong_share = 0;  ///< of its signs, estimated: 0.5 are coins, 1 are all reversed
  /// Its reliability, 1 - 2 wrong_share, as a part of the best voter's: 1 is as good as that, 0 are
  /// coins, -1 is wrong as often as the best one is right. Late in a training even good signs are
  /// nearly coins, so that only this tells agents apart.
  double standing = 0;
};

}  // namespace signet
