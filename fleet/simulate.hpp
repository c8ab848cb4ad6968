#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/data/dataset.hpp"
#include "core/job/job.hpp"
#include "fleet/baselines/baseline.hpp"
#include "fleet/liars.hpp"
#include "fleet/split.hpp"
#include "fleet/trace.hpp"

namespace signet {

/// Boards of different strength: the samples that the weakest and the strongest draw for a vote.
struct BatchRange {
  std::size_t low = 1, high = 1;

  bool operator==(const BatchRange&) const = default;
};

/// Reads "8-256": 1 to 65536 samples, the smaller number first.
/// Fails with Malformed: what was given and what is allowed.
Result<BatchRange> parse_batches(std::string_view text);
/// [agents] sizes from low to high, each the same multiple of the one before, rounded.
std::vector<std::size_t> spread(const BatchRange& range, std::size_t agents);

/// What a simulated training has besides its job.
struct SimulateOptions {
  std::optional<BaselineSpec> baseline;  ///< none: sign voting, as the job says
  SplitSpec split;
  std::optional<LiarSpec> liars;      ///< of a vote; nobody lies in the baselines
  std::optional<BatchRange> batches;  ///< none: training.batch of the job for all
  std::size_t threads = 1;            ///< the result does not depend on it
  /// Hears of each round once, when all about it is known; may be empty.
  std::function<void(const TraceRow&)> progress;
};

/// Trains `job` on `train` in this process, by job.round.agents agents named agent-0, agent-1 ...
///
/// A vote goes through the state machines and messages of both daemons, without faults, on a
/// virtual clock: it ends at the digest of a networked run of the same job, seed, names and shards.
/// stop.wall_time is left out, because time is virtual. Other methods: see train_baseline().
///
/// Memory: one copy of the data, and for each agent of a vote about 12 d bytes (replica, starting
///         point, momentum); scratch for each thread.
/// Errors: as split() and train_baseline(); Mismatch when data and model do not fit, or with test
///         data missing that a stop condition of the job needs.
Result<Trace> simulate(const Job& job, Dataset train, std::optional<Dataset> test,
                       const SimulateOptions& options);

}  // namespace signet
