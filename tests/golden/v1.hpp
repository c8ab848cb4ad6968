#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/store/store.hpp"
#include "core/wire/messages.hpp"
#include "tests/support/sign_patterns.hpp"

namespace signet::test::v1 {

// What the files of tests/golden/v1 say. Nothing here changes any more: a release wrote them.

inline constexpr std::size_t kDimension = 100;
inline constexpr RunId kRun{0x1122334455667788};

/// Name of a file, and the message in it. The views live as long as the static vectors in here.
inline std::vector<std::pair<std::string, Message>> messages() {
  static const SignVector signs = random_signs(kDimension, 1);
  static const SignVector plane = random_signs(kDimension, 2);
  static const Bytes chunk(400, std::byte{0x5a});
  Vote vote{kRun, {42}, 0xfeed, 1.5F, 0.5F, 2.25F, 64, Abstention::None, "", signs.bytes(), {}};
  Vote planes = vote;
  planes.abstained = plane.bytes();
  return {
      {"hello", Hello{1,
                      1,
                      "kitchen",
                      "signet 0.1.0",
                      kRun,
                      {41},
                      0xabcdef,
                      true,
                      {123, {1.5, 2}, {0.25, 4}}}},
      {"welcome",
       Welcome{1, {7}, kRun, "name = \"job\"\n", true, {42}, 7301, {{0.5F}, {2.0F}}, ""}},
      {"refuse", Refuse{RefusalReason::LateVote, "round 41 is closed", {42}, 1, 1}},
      {"vote", vote},
      {"vote-abstaining-from-some", planes},
      {"abstention",
       Vote{kRun, {42}, 0xfeed, 0, 0, 0, 64, Abstention::NotFinite, "loss is NaN", {}, {}}},
      {"update", Update{kRun, {42}, 0.125F, 0xbeef, 2000, 4, signs.bytes(), {}}},
      {"update-with-ties",
       Update{kRun, {42}, 0.125F, 0xbeef, 2000, 4, signs.bytes(), plane.bytes()}},
      {"catch-up-request", CatchUpRequest{kRun, true, {40}, 0xdead, {32}, 3}},
      {"snapshot-chunk", SnapshotChunk{kRun, {32}, 0xd1ce, 3, 9, chunk}},
      {"heartbeat", Heartbeat{kRun, {42}, Activity::Training, true}},
      {"goodbye", Goodbye{kRun, Farewell::Finished, "done", {43}, 0xf00d, 1000, 2000}},
  };
}

// The state file: two agents, seven rounds with snapshots before rounds 3 and 6, one evaluation.

inline constexpr std::uint64_t kRounds = 7;
inline constexpr std::uint64_t kSnapshots[] = {3, 6};
inline const std::vector<StoredAgent> kAgents{{"ada", AgentId{1}, 100}, {"bob", AgentId{2}, 250}};
inline constexpr StoredEvaluation kEvaluation{RoundId{5}, 0.75, 0.5};

inline StoredRound round(std::uint64_t number) {
  StoredRound stored;
  stored.round = RoundId{number};
  stored.rate = 0.125F * static_cast<float>(number + 1);
  stored.digest = 0x1000 + number;
  stored.signs = to_bytes(random_signs(kDimension, 10 + number).bytes());
  if (number % 2 == 0) stored.ties = to_bytes(random_signs(kDimension, 20 + number).bytes());
  stored.controller = Bytes(8, std::byte{0x11});
  stored.train_loss = 2.0 / static_cast<double>(number + 1);
  stored.elapsed_s = 0.5 * static_cast<double>(number);
  stored.voters = 2;
  stored.refused = static_cast<std::uint32_t>(number);
  stored.agents = {"ada", "bob"};
  return stored;
}

inline std::vector<float> parameters(std::uint64_t next_round) {
  std::vector<float> x(kDimension);
  Rng rng(next_round);
  for (float& value : x) value = rng.uniform();
  return x;
}

}  // namespace signet::test::v1
