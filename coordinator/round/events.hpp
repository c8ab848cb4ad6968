#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "coordinator/roster/roster.hpp"
#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/signs/sign_vector.hpp"
#include "core/wire/messages.hpp"

namespace signet {

// What may happen to a coordinator. Time and messages arrive as values.

/// A message that could be read. Its views need to live only during step().
struct PeerMessage {
  PeerId peer;
  Message message;
  std::string name =
      {};  ///< of the agent that the peer's key stands for; "" where there are no keys
};
/// Bytes that were no message.
struct PeerGarbage {
  PeerId peer;
  std::string why;
};
/// A message to a peer could not be sent, because its connection is closed.
struct PeerGone {
  PeerId peer;
};
/// An agent's key does not let it in any more. What it has voted stays.
struct AgentRevoked {
  std::string name;
};
/// An agent's key stands for another name from now on, which no agent of the run has.
struct AgentRenamed {
  std::string from, to;
};
struct TimePassed {};
/// The answer to an Evaluate action.
struct Evaluated {
  RoundId next_round;
  double accuracy = 0, loss = 0;
};
/// Somebody wants the process to end (SIGINT, SIGTERM).
struct StopRequested {};
using CoordinatorEvent = std::variant<PeerMessage, PeerGarbage, PeerGone, AgentRevoked,
                                      AgentRenamed, TimePassed, Evaluated, StopRequested>;

/// A closed round, shared by the log, the store and the wire.
struct UpdateRecord {
  RoundId round;
  float rate = 0;
  std::uint64_t digest = 0;  ///< of x_k, the parameters that it steps from
  std::uint32_t voters = 0;
  SignVector signs, ties;  ///< ties: empty but for TieRule::Hold
};
using SharedUpdate = std::shared_ptr<const UpdateRecord>;

/// Parameters x_k that do not change any more.
struct SnapshotRecord {
  RoundId next_round;
  std::uint64_t digest = 0;
  std::vector<float> parameters;
};
using SharedSnapshot = std::shared_ptr<const SnapshotRecord>;

/// One line of progress.
struct RoundReport {
  RoundId round;
  std::uint64_t rounds = 0;
  float rate = 0;
  double train_loss = 0;  ///< NaN when nobody voted
  double margin = 0;
  std::uint32_t voters = 0, abstained = 0, refused = 0, live = 0;
  double elapsed_s = 0;
};

/// How the run ended, as far as the protocol knows.
struct RunSummary {
  bool diverged = false;
  bool stopped = false;  ///< by a signal, before a stop condition
  std::string why;       ///< the stop condition that was met
  RoundId next_round;
  std::uint64_t digest = 0;
  double elapsed_s = 0;
  std::size_t agents = 0;     ///< live when the run ended
  std::size_t confirmed = 0;  ///< of them: said that their replica has `digest`
  std::size_t different = 0;  ///< of them: said another digest
  std::uint64_t bytes_sent_sum = 0, bytes_received_sum = 0;  ///< over those that told
};

// What the caller must then do, in the order given.

struct SendTo {
  PeerId peer;
  std::vector<Bytes> frames;
};
struct Publish {
  std::vector<Bytes> frames;
};
struct SaveAgent {
  std::string name;
  AgentId id;
  std::uint64_t samples = 0;
};
struct SaveNormalisation {
  Normalisation normalisation;
};
/// Durable before the next action is begun.
struct SaveRound {
  SharedUpdate update;
  Bytes controller;  ///< what the next rates and weights depend on; opaque
  RoundReport report;
  std::vector<std::string> agents;
};
/// x_k of the machine itself, not a copy: as good as its replica, until the next step().
struct SaveSnapshot {
  RoundId next_round;
  std::uint64_t digest = 0;
  std::span<const float> parameters;
};
/// Judge the parameters on the test data, if there are any; answer with Evaluated.
struct Evaluate {
  SharedSnapshot snapshot;
};
struct Report {
  RoundReport report;
};
enum class Level { Debug, Info, Warning };
struct Note {
  Level level = Level::Info;
  std::string text;
};
struct FinishRun {
  RunSummary summary;
};
using CoordinatorAction = std::variant<SendTo, Publish, SaveAgent, SaveNormalisation, SaveRound,
                                       SaveSnapshot, Evaluate, Report, Note, FinishRun>;
using CoordinatorActions = std::vector<CoordinatorAction>;

}  // namespace signet
