#pragma once

#include <string>
#include <vector>

#include "coordinator/round/events.hpp"
#include "coordinator/round/round_machine.hpp"
#include "coordinator/store/store.hpp"
#include "core/base/result.hpp"
#include "core/job/job.hpp"

namespace signet {

/// What a run is started with, besides its state file.
struct RunPlan {
  Job job;
  RunId fresh_run;                        ///< the id a new run gets
  std::vector<float> initial_parameters;  ///< x_0 of the job's model and seed
};

/// Where the run in `store` stands, or a new run that is begun in it. Replays the updates since the
/// newest good snapshot and proves each by its digest.
///
/// Fails with Mismatch when the saved run is of another job (naming the keys that changed) or
/// dimension, Corrupt when a saved round does not lead to its digest, and as the store does.
Result<RunState> recover(Store& store, RunPlan plan);

// How the machine's actions become rows. Each fails as the store does.
Status save(Store& store, const SaveAgent& action);
Status save(Store& store, const SaveNormalisation& action);
Status save(Store& store, const SaveRound& action);
Status save(Store& store, const SaveSnapshot& action);

}  // namespace signet
