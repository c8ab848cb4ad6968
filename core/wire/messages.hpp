#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/data/dataset.hpp"

namespace signet {

/// Version of what travels. Neighbours by one work together; see schemas/README.md.
inline constexpr std::uint16_t kProtocol = 1;
inline constexpr std::uint16_t kProtocolOldest = 1;

/// Why a message was refused. The numbers travel and never change.
enum class RefusalReason : std::uint8_t {
  Protocol = 1,       ///< no common protocol version
  NameTaken = 2,      ///< another agent of that name is here
  UnknownPeer = 3,    ///< not joined (any more): say hello again
  WrongRun = 4,       ///< a message of another run
  LateVote = 5,       ///< the round is closed
  EarlyVote = 6,      ///< the round is not open yet
  RepeatedVote = 7,   ///< one vote per agent and round
  WrongDigest = 8,    ///< voted at other parameters than x_k
  Malformed = 9,      ///< the message breaks its format
  DataMismatch = 10,  ///< the agent's data do not fit the job
  NotBegun = 11,      ///< the run waits for more agents
  NameMismatch = 12,  ///< the sender's key is enrolled under another name
};
const char* to_string(RefusalReason reason);

/// Why an agent sends no signs this round. The numbers travel and never change.
enum class Abstention : std::uint8_t {
  None = 0,
  NotFinite = 1,  ///< loss or gradient is NaN or infinite
  Paused = 2,     ///< the board has better things to do (temperature, battery, load)
};

/// What the sender is doing. The numbers travel and never change.
enum class Activity : std::uint8_t {
  Idle = 0,        ///< agent: waits for an update; coordinator: a round is open
  Loading = 1,     ///< agent: reads its data; coordinator: waits for the agent's ready hello
  Training = 2,    ///< agent: computes a gradient
  CatchingUp = 3,  ///< agent: brings its replica up to date
  Waiting = 4,     ///< coordinator: waits for enough agents
  Finished = 5,    ///< coordinator: the run is over
};

/// Why a goodbye. The numbers travel and never change.
enum class Farewell : std::uint8_t {
  Finished = 1,  ///< the run is over; the sender's replica is final
  Stopped = 2,   ///< somebody stopped the sender
  Failed = 3,    ///< the sender cannot go on; the text says why
};

struct Hello {
  std::uint16_t protocol_min = kProtocolOldest, protocol_max = kProtocol;
  std::string name, software;  ///< name "": what the agent's key is enrolled as
  RunId run;                   ///< 0: no replica
  RoundId next_round;
  std::uint64_t digest = 0;
  bool ready = false;  ///< `data` is filled
  DataSummary data;
};

struct Welcome {
  std::uint16_t protocol = kProtocol;
  AgentId agent;
  RunId run;
  std::string job;
  bool begun = false;  ///< the fields below are filled
  RoundId round;
  std::uint16_t update_port = 0;
  Normalisation normalisation;
  std::string name;  ///< what the agent's key is enrolled as; "" where there are no keys
};

struct Refuse {
  RefusalReason reason = RefusalReason::Malformed;
  std::string text;
  RoundId round;
  std::uint16_t protocol_min = kProtocolOldest, protocol_max = kProtocol;
};

/// Sign bits are views into the received frame (decoding) or into the sender's vectors (encoding).
struct Vote {
  RunId run;
  RoundId round;
  std::uint64_t digest = 0;
  float local = 0, cross = 0, loss = 0;
  std::uint32_t samples = 0;
  Abstention abstention = Abstention::None;
  std::string reason;
  ByteView signs, abstained;
  std::optional<float> curvature = {};  ///< see agent/trainer/secant.hpp; none: not measured
};

struct Update {
  RunId run;
  RoundId round;
  float rate = 0;
  std::uint64_t digest = 0;  ///< of x_k, the parameters that it steps from
  std::uint32_t deadline_ms = 0, voters = 0;
  ByteView signs, ties;
};

struct CatchUpRequest {
  RunId run;
  bool has_replica = false;
  RoundId next_round;
  std::uint64_t digest = 0;
  RoundId snapshot_round;
  std::uint32_t chunk = 0;
};

struct SnapshotChunk {
  RunId run;
  RoundId next_round;
  std::uint64_t digest = 0;
  std::uint32_t chunk = 0, chunks = 0;
  ByteView data;
};

struct Heartbeat {
  RunId run;
  RoundId round;
  Activity activity = Activity::Idle;
  bool vote_received = false;
};

struct Goodbye {
  RunId run;
  Farewell reason = Farewell::Stopped;
  std::string text;
  RoundId round;
  std::uint64_t digest = 0, bytes_sent = 0, bytes_received = 0;
};

using Message = std::variant<Hello, Welcome, Refuse, Vote, Update, CatchUpRequest, SnapshotChunk,
                             Heartbeat, Goodbye>;

/// Name of a message's kind, for logs: "vote".
const char* kind_of(const Message& message);

}  // namespace signet
