#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/fleet_options.hpp"
#include "cli/watch_options.hpp"
#include "coordinator/options.hpp"
#include "core/config/exit_code.hpp"
#include "core/job/job.hpp"
#include "fleet/simulate.hpp"

namespace signet {

/// The command line of `signet simulate`.
struct SimulateCommand {
  std::string job_file;
  std::optional<std::string> data_path;  ///< none: see data_folder() in simulate.hpp
  JobOverrides overrides;                ///< over the job
  std::string method = "vote";
  // Of a vote, over the job; a baseline has its own in options.baseline.
  std::optional<double> vote_rate, vote_momentum;
  std::optional<Schedule> vote_schedule;
  SimulateOptions options;  ///< threads 0: as many as the machine has
  std::optional<std::string> json_file;
  bool rows = false;  ///< rounds one by one in the JSON file
  Progress progress = Progress::Auto;
};

/// Reads the arguments of `signet` (without the program's name). Help and version end with code
/// Done; an unknown word, a missing value or one out of bounds ends with Usage.
std::variant<SimulateCommand, WatchCommand, FleetCommand, ExitNow> parse_signet_options(
    const std::vector<std::string>& arguments);

}  // namespace signet
