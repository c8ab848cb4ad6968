#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "agent/guest/allowance.hpp"
#include "agent/trainer/trainer.hpp"
#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/job/job.hpp"
#include "core/wire/messages.hpp"

namespace signet {

// What may happen to an agent. Time and messages arrive as values.

/// A message of the coordinator. Its views need to live only during step().
struct Arrived {
  Message message;
  bool broadcast = false;  ///< over the connection that carries updates alone
};
/// The answer to LoadData.
struct DataLoaded {
  DataSummary summary;
  std::vector<float> initial_parameters;  ///< x_0 of the job's model and seed
};
struct DataFailed {
  Error error;
};
/// The answer to Train. Needs to live only during step().
struct Trained {
  const Contribution* contribution = nullptr;
};
struct Tick {};
/// How much of the board the training may have from now on; before the first one, all of it.
struct AllowanceChanged {
  Allowance allowance;
};
/// The coordinator does not let this board's key in.
struct KeyDenied {};
/// Somebody wants the process to end (SIGINT, SIGTERM).
struct StopAsked {};
using AgentEvent = std::variant<Arrived, DataLoaded, DataFailed, Trained, Tick, AllowanceChanged,
                                KeyDenied, StopAsked>;

// What the caller must then do, in the order given.

/// The session may keep the frames for saying them again: of a large model they are not copied.
struct Send {
  std::shared_ptr<const std::vector<Bytes>> frames;
};
/// Drop the connections and what is queued for them, and connect anew.
struct Reconnect {};
struct Subscribe {
  std::uint16_t port = 0;
};
/// Load the data for this job, in the background; answer with DataLoaded or DataFailed.
struct LoadData {
  Job job;
  std::string name;  ///< this board's in the fleet, from which its batches are drawn
};
struct UseNormalisation {
  Normalisation normalisation;
};
/// Compute the contribution to `round` at the session's replica, in the background; answer with
/// Trained. The replica does not change until then.
struct Train {
  RoundId round;
};
enum class Severity { Debug, Info, Warning };
struct Remark {
  Severity severity = Severity::Info;
  std::string text;
};
/// Why an agent's process ends.
enum class Ending { Finished, Stopped, Refused, BadData, BadJob };
struct Exit {
  Ending ending = Ending::Finished;
  std::string text;
};
using AgentAction =
    std::variant<Send, Reconnect, Subscribe, LoadData, UseNormalisation, Train, Remark, Exit>;
using AgentActions = std::vector<AgentAction>;

}  // namespace signet
