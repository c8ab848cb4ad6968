#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/data/source.hpp"
#include "core/model/spec.hpp"

namespace signet {

enum class Normalise { None, All, Feature };
enum class ZeroRule { Random, Abstain };         ///< what a gradient of exactly 0 votes
enum class TieRule { Random, Hold, Previous };   ///< what an equal vote becomes
enum class ControllerKind { Guarded, Paper, Fixed, InverseSqrt };
enum class Statistic { Local, Cross };           ///< design: two estimates of equation (1)'s sum
enum class Durability { Round, Snapshot };

/// How a board computes its vote.
struct TrainingSpec {
  std::size_t batch = 64;         ///< samples per agent and round
  std::size_t micro_batches = 4;  ///< parts of the batch that estimate the sign error, >= 2
  double momentum = 0.9;          ///< Signum's beta in [0, 1)
  ZeroRule zero = ZeroRule::Random;

  bool operator==(const TrainingSpec&) const = default;
};

struct RateSpec {
  ControllerKind controller = ControllerKind::Guarded;
  double value = 0;                      ///< Fixed: the rate. Others ignore it.
  std::optional<double> smoothness;      ///< L of equation (1); none: the dimension d
  Statistic statistic = Statistic::Local;

  bool operator==(const RateSpec&) const = default;
};

struct RoundSpec {
  std::size_t agents = 4;         ///< how many must have joined before the first round
  std::size_t quorum = 1;         ///< fewest votes that may close a round at its deadline
  Duration deadline_min = std::chrono::seconds(2);   ///< bounds of the adaptive deadline
  Duration deadline_max = std::chrono::seconds(120);
  Duration heartbeat = std::chrono::seconds(1);
  Duration silence = std::chrono::seconds(10);       ///< no heartbeat for so long: lost
  Duration rejoin = std::chrono::seconds(30);        ///< after a restart, wait so long for known agents

  bool operator==(const RoundSpec&) const = default;
};

struct StopSpec {
  std::uint64_t rounds = 1000;
  std::optional<double> target_accuracy;   ///< test accuracy in [0, 1]
  std::optional<std::uint64_t> patience;   ///< evaluations without a better test accuracy
  std::optional<Duration> wall_time;       ///< of training, over all restarts

  bool operator==(const StopSpec&) const = default;
};

struct StateSpec {
  std::uint64_t snapshot_every = 100;  ///< rounds
  Durability durability = Durability::Round;

  bool operator==(const StateSpec&) const = default;
};

struct EvaluateSpec {
  std::uint64_t every = 50;   ///< rounds; 0: only at the end

  bool operator==(const EvaluateSpec&) const = default;
};

/// The whole training job, as in the job file: the same for every agent.
struct Job {
  std::string name;
  std::uint64_t seed = 1;
  DataSpec data;
  Normalise normalise = Normalise::All;
  ModelSpec model;
  TrainingSpec training;
  TieRule tie = TieRule::Random;
  RateSpec rate;
  RoundSpec round;
  StopSpec stop;
  StateSpec state;
  EvaluateSpec evaluate;
};

/// Reads a job file's text. `file` only names it in errors.
/// Fails with Malformed (syntax, unknown key with the nearest valid one, wrong type, out of bounds:
/// each "file:line: key: what is wrong and what is allowed") or Mismatch (keys that contradict).
Result<Job> parse_job(std::string_view text, const std::string& file);

/// The job written out whole, one "key = value" a line in a fixed order: what the coordinator
/// stores, sends to agents and compares on a restart. parse_job() reads it back to an equal job.
std::string canonical_text(const Job& job);

/// Names of the keys whose values differ, for "the job was changed under a saved run".
/// Keys that may change between restarts (stop.*, evaluate.*, state.*, round.* waits) are left out.
std::vector<std::string> changed_keys(const Job& saved, const Job& now);

/// A commented job file with every key, its unit, bounds and default.
std::string sample_job();

}  // namespace signet
