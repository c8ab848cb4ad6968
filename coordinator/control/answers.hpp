#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace signet {

// What a running coordinator answers. The fields are the keys of `--json`, which
// docs/configuration.md lists. What is not known is nullopt: not measured is not zero.

/// How the run stands.
struct StatusAnswer {
  std::string job;
  std::string run;           ///< 16 hexadecimal digits
  std::string state;         ///< "waiting" (it has not begun), "collecting", "ending", "ended"
  std::string waiting;       ///< for what, in plain words; "" for nothing
  std::uint64_t round = 0;   ///< rounds done, and so the number of the open one: the first is 0
  std::uint64_t rounds = 0;  ///< to do in all
  std::uint64_t agents_wanted = 0;  ///< before the first round
  std::uint64_t agents_known = 0;   ///< have joined once
  std::uint64_t agents_live = 0;    ///< heard of within the silence limit
  std::uint64_t agents_ready = 0;   ///< of them: their data are loaded
  // Of the open round.
  std::uint64_t quorum = 0, votes = 0;
  std::uint64_t answers = 0;            ///< votes and abstentions
  std::uint64_t awaited_count = 0;      ///< agents whose answer it waits for
  std::vector<std::string> awaited;     ///< the first of them by name, kAwaitedNamesMax at most
  std::optional<double> deadline_s;     ///< seconds from now on; 0: over, the quorum is missing
  std::optional<double> rate;           ///< of the last round
  std::optional<double> train_loss;     ///< of the last round with votes
  std::optional<double> test_accuracy;  ///< of the last evaluation
  /// Variance of the agents' mean losses over the one that chance lets expect, of the last 50
  /// rounds or more: near 1 where all have data of one kind, above 6 where they do not.
  std::optional<double> loss_ratio;
  /// Messages by reason, of agents and strangers.
  std::map<std::string, std::uint64_t> refused;
  std::uint64_t bytes_up = 0, bytes_down = 0;  ///< from and to all agents, since the start
  double training_s = 0;                       ///< over all restarts
  double uptime_s = 0;                         ///< of the coordinator
  std::string ended;                           ///< why; "" while it goes on
};

inline constexpr std::size_t kAwaitedNamesMax = 16;

/// One agent. Counts are since the coordinator started.
struct AgentAnswer {
  std::string name;
  std::string key;                ///< "enrolled", "revoked"; "" where there are no keys
  std::string state;              ///< of AgentState
  std::optional<double> heard_s;  ///< seconds ago; none: not since the start
  std::uint64_t samples = 0;
  std::uint64_t votes = 0, abstentions = 0;
  std::string last_abstention;                   ///< why; "" where it never abstained
  std::uint64_t late = 0;                        ///< votes after their round was closed
  std::map<std::string, std::uint64_t> refused;  ///< messages by reason
  std::uint64_t resyncs = 0;         ///< times that its replica differed and was replaced
  std::optional<double> response_s;  ///< from a round's opening to its answer, smoothed
  /// Share of its signs that differ from the majority's, smoothed. Its own vote is in the majority:
  /// that of coins is below 0.5.
  std::optional<double> mismatch;
  /// Share of its signs that are wrong, estimated from how voters differ from each other.
  std::optional<double> wrong_signs;
  std::int64_t weight = 1;  ///< with which its votes count
  std::string remark;       ///< what an operator should know, in plain words; mostly ""
};

/// A join token that nobody has used.
struct TokenAnswer {
  std::uint64_t number = 0;
  std::string name;  ///< that it is for; "": any
};

/// A join token that was just made.
struct NewTokenAnswer {
  std::string token;  ///< a secret
  std::uint64_t number = 0;
  std::vector<std::string> addresses;  ///< that are in it
};

/// Agents in the order of their names.
struct AgentsAnswer {
  std::vector<AgentAnswer> agents;
  bool more = false;  ///< ask again, for those after the last
};

}  // namespace signet
