#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/data/source.hpp"
#include "core/model/spec.hpp"
#include "core/optim/rate_spec.hpp"
#include "core/signs/zero_rule.hpp"
#include "core/vote/tie_rule.hpp"

namespace signet {

enum class Normalise { None, All, Feature };
enum class Distribution {
  Equal,    ///< every board's data are of the same kind: samples of one population
  Unequal,  ///< boards have classes, habits or places of their own
};
enum class Durability { Round, Snapshot };
enum class VoteWeights {
  Equal,     ///< one voter, one vote
  Mismatch,  ///< by how often its signs are right: see core/vote/voter_trust.hpp
};

/// How a board computes its vote.
struct TrainingSpec {
  std::size_t batch = 64;         ///< samples per agent and round
  std::size_t micro_batches = 4;  ///< parts of the batch that estimate the sign error, >= 2
  double momentum = 0.9;          ///< Signum's beta in [0, 1)
  ZeroRule zero = ZeroRule::Random;
  // Left out, these follow from the job's distribution: see vote_plan().
  std::optional<std::size_t> local_steps;
  std::optional<double> local_rate, noise, error_feedback;

  bool operator==(const TrainingSpec&) const = default;
};

/// What a board votes with besides its gradient, all said (docs/learning.md, Unequal data).
struct VotePlan {
  /// 1: it votes on its gradient, or on the momentum of it. More: on the change of its parameters
  /// by so many steps of SGD, each with a batch of its own.
  std::size_t local_steps = 1;
  double local_rate = 0.02;   ///< of these steps; their gradients are no longer than 10
  double noise = 0;           ///< width of what is added before the sign, in mean absolute values
  double error_feedback = 0;  ///< share of what its signs left out that it says later, in [0, 1]

  bool operator==(const VotePlan&) const = default;
};

/// Most agents of one run: see kMembersMax of coordinator/roster.
inline constexpr std::size_t kAgentsMax = 65'535;

struct RoundSpec {
  std::size_t agents = 4;  ///< how many must have joined before the first round
  std::size_t quorum = 1;  ///< fewest votes that may close a round at its deadline
  Duration deadline_min = std::chrono::seconds(2);  ///< bounds of the adaptive deadline
  Duration deadline_max = std::chrono::seconds(120);
  Duration heartbeat = std::chrono::seconds(1);
  Duration silence = std::chrono::seconds(10);  ///< no heartbeat for so long: lost
  Duration rejoin = std::chrono::seconds(30);   ///< after a restart, wait so long for known agents

  bool operator==(const RoundSpec&) const = default;
};

struct StopSpec {
  std::uint64_t rounds = 1000;
  std::optional<double> target_accuracy;  ///< test accuracy in [0, 1]
  std::optional<std::uint64_t> patience;  ///< evaluations without a better test accuracy
  std::optional<Duration> wall_time;      ///< of training, over all restarts

  bool operator==(const StopSpec&) const = default;
};

struct StateSpec {
  std::uint64_t snapshot_every = 100;  ///< rounds
  Durability durability = Durability::Round;

  bool operator==(const StateSpec&) const = default;
};

struct EvaluateSpec {
  std::uint64_t every = 50;  ///< rounds; 0: only at the end

  bool operator==(const EvaluateSpec&) const = default;
};

/// The whole training job, as in the job file: the same for every agent.
struct Job {
  std::string name;
  std::uint64_t seed = 1;
  DataSpec data;
  Normalise normalise = Normalise::All;
  Distribution distribution = Distribution::Equal;
  ModelSpec model;
  TrainingSpec training;
  TieRule tie = TieRule::Random;
  VoteWeights weights = VoteWeights::Equal;
  RateSpec rate;
  RoundSpec round;
  StopSpec stop;
  StateSpec state;
  EvaluateSpec evaluate;
};

/// The keys of the job's vote, and where they are left out what its distribution means.
VotePlan vote_plan(const Job& job);

/// Equal in every key. The lines of layers, which only errors use, do not count.
bool operator==(const Job& a, const Job& b);

/// What a command line may say in place of the job file.
struct JobOverrides {
  std::optional<std::int64_t> agents, seed, rounds;  ///< round.agents, seed, stop.rounds

  bool operator==(const JobOverrides&) const = default;
};

/// Reads a job file's text. `file` only names it in errors.
/// Fails with Malformed (syntax, unknown key with the nearest valid one, wrong type, out of bounds)
/// or Mismatch (nothing but keys that contradict); the message holds everything that is wrong, one
/// "file:line: key: what is wrong and what is allowed" a line.
/// Derived: what vote_plan() says; rate.value is 1 for inverse_sqrt without a value; data.input is
/// model.input; model.outputs is data.classes, the number of data.targets, or for a reconstruction
/// the size of the input.
Result<Job> parse_job(std::string_view text, const std::string& file);

/// The bounds of each override by itself, as the job file's. Fails with Malformed, one
/// "--agents: what is wrong and what is allowed" a line.
Status check_overrides(const JobOverrides& overrides);

/// Reads and parses a job file. Fails as `read_file` and parse_job() do, and as with_overrides().
Result<Job> load_job(const std::string& file, const JobOverrides& overrides,
                     const ReadFile& read_file);

/// Fails with Mismatch when there is no test data, and a stop condition of the job needs some.
Status check_test_data(const Job& job, bool has_test_data);

/// `job` with the overrides in place. Fails as check_overrides() and, where an override contradicts
/// a key of the job, with Mismatch.
Result<Job> with_overrides(const Job& job, const JobOverrides& overrides);

/// The job written out whole, one "key = value" a line in a fixed order: what the coordinator
/// stores, sends to agents and compares on a restart. parse_job() reads it back to an equal job.
std::string canonical_text(const Job& job);

/// Names of the keys whose values differ, for "the job was changed under a saved run".
/// Keys that may change between restarts (stop.*, evaluate.*, state.*, round.* waits) are left out.
std::vector<std::string> changed_keys(const Job& saved, const Job& now);

/// A commented job file with every key, its unit, bounds and default.
std::string sample_job();

/// The keys of the job file, and those of its layers, as tables of docs/configuration.md.
std::string job_key_markdown();
std::string layer_markdown();

}  // namespace signet
