#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "coordinator/round/round_status.hpp"

namespace signet {

/// What an agent is doing, as far as the coordinator can tell.
enum class AgentState {
  Loading,     ///< reads its data
  Ready,       ///< data loaded; no round has waited for it yet
  Voting,      ///< rounds wait for its votes
  Abstaining,  ///< answers rounds, the last one without signs
  Late,        ///< shows itself, and no round waits for it any more
  Lost,        ///< silent beyond the limit, or not back after a restart of the coordinator
  Left,        ///< said goodbye, or was sent away
  Absent,      ///< has a key, or had one, and did not take part in this run
};
const char* to_string(AgentState state);

// Where a remark begins. Each has a test at both sides.

/// An agent shows itself once in a heartbeat: two in a row that do not come are more than a delay.
/// (Also when a name may be taken over.)
inline constexpr double kSilentHeartbeats = 2.5;

/// An agent's own vote is in the majority, so that even coins differ from it in at most half of the
/// signs on average. The margin of 5 % is five standard deviations of the smoothed share at 260
/// parameters; larger models vary less.
inline constexpr double kAgainstMismatch = 0.55;
/// Of VoterOpinion::standing: nearer to the opposite of the best voter than to coins.
inline constexpr double kAgainstStanding = -0.5;
/// Below it VoterTrust gives a vote no weight: the best voter's log-odds are eight times as large.
inline constexpr double kCoinsStanding = 0.125;
/// The first votes of a smoothed figure say little; as many as VoterTrust::kProbation.
inline constexpr std::uint64_t kVotesToJudge = 5;

/// Smoothed with 0.2 a vote: three late votes in a row are 0.49, two are 0.36.
inline constexpr double kOftenLate = 0.4;
/// Eight in a row.
inline constexpr double kAlwaysLate = 0.8;
/// A board that computes at all answers within one deadline, or it is late, which is told of as
/// such. Three, because deadlines become shorter while a run goes on.
inline constexpr double kSilentDeadlines = 3;

/// What remarks on one agent are drawn from.
struct Conduct {
  AgentState state = AgentState::Voting;
  std::optional<double> heard_s;     ///< seconds ago
  double heartbeat_s = 1;            ///< that the job asks for
  std::optional<double> answered_s;  ///< seconds ago: its last vote or abstention
  double deadline_s = 2;             ///< length of a round's deadline
  std::uint64_t votes = 0;
  double lateness = 0;             ///< smoothed share of votes that came too late
  std::optional<double> mismatch;  ///< smoothed, with the majority
  VoterOpinion opinion;
  std::int64_t weight = 1;  ///< with which its votes count
  std::uint64_t resyncs = 0, wrong_digests = 0, malformed = 0, unfit_data = 0;
  std::string abstention;  ///< why the last answer was none; "" where it was a vote
  std::string failure;     ///< with which it left
};

/// What an operator should know, the worst first, parted by "; "; "" when all is well.
std::string remark_on(const Conduct& conduct);

}  // namespace signet
