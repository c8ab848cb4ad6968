#pragma once

#include <string>

#include "cli/options.hpp"
#include "core/base/result.hpp"
#include "core/config/exit_code.hpp"
#include "core/job/job.hpp"

namespace signet {

/// Where the data of a job lie: as the command line says, else for idx the folder of Debian's
/// package dataset-fashion-mnist. Fails with Missing when nobody says it, or nothing is there.
Result<std::string> data_folder(const SimulateCommand& command, const Job& job);

/// The job with what the command line says of the learning of a vote.
Job with_vote_settings(Job job, const SimulateCommand& command);

/// Trains, shows how it goes and what came of it. Errors go to the log; a training that diverged is
/// a result, not an error.
ExitCode run_simulate(const SimulateCommand& command);

}  // namespace signet
