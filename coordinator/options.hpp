#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "coordinator/config.hpp"
#include "core/base/result.hpp"
#include "core/config/exit_code.hpp"
#include "core/job/job.hpp"

namespace signet {

/// How the training shows itself on the terminal.
enum class Progress {
  Auto,  ///< Line on a terminal, Log elsewhere
  Line,  ///< one line, rewritten
  Log,   ///< a line now and then
  None,
};

/// Reads "auto", "line", "log" or "none" of the option --progress; else `message` gets a line.
void parse_progress(const std::string& word, Progress& into, std::string& message);

/// The command line of `signet-coordinator run`.
struct CoordinatorOptions {
  std::string job_file;
  std::optional<std::string> config_file;
  std::optional<std::string> listen, state, control, data_path, export_path,
      log_level;                         ///< over the file
  JobOverrides overrides;                ///< over the job
  std::optional<std::string> json_file;  ///< write the run's figures there at the end
  bool fresh = false;                    ///< begin anew, whatever the state file holds
  Progress progress = Progress::Auto;
  bool check = false;                            ///< look at configuration, job and data, then stop
  std::optional<std::string> encryption, fleet;  ///< over the file

  bool operator==(const CoordinatorOptions&) const = default;
};

/// The command line of `signet-coordinator announce`.
struct AnnounceOptions {
  CoordinatorOptions machine;  ///< of them: config_file, listen and fleet

  bool operator==(const AnnounceOptions&) const = default;
};

/// What a coordinator's command line asks for.
using CoordinatorCommand = std::variant<CoordinatorOptions, AnnounceOptions, ExitNow>;

/// Reads the arguments (without the program's name). Help, version, sample-job and sample-config
/// end with code Done; an unknown word, a missing value or one out of its key's bounds ends with
/// Usage.
CoordinatorCommand parse_coordinator_options(const std::vector<std::string>& arguments);

/// The command line over the file over the defaults. Fails with Malformed ("--listen: what is wrong
/// and what is allowed") or Mismatch (addresses that cannot go together). The job's overrides are
/// not for here: see with_overrides().
Result<CoordinatorConfig> merge_coordinator_config(const CoordinatorConfig& file,
                                                   const CoordinatorOptions& options);

}  // namespace signet
