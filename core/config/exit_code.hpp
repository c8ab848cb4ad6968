#pragma once

#include <span>
#include <string>

namespace signet {

/// What a program of ours tells its caller; scripts and service units rely on the numbers.
enum class ExitCode : int {
  Done = 0,
  Other = 1,
  Usage = 2,
  Configuration = 3,
  Data = 4,
  State = 5,
  Network = 6,
  Refused = 7,
  TrainingFailed = 8,
};

struct ExitCodeRow {
  ExitCode code;
  const char* name;     ///< one word for logs: "usage"
  const char* meaning;  ///< one phrase for the documentation
};

/// All codes in the order of their numbers.
std::span<const ExitCodeRow> exit_codes();

/// Name of a code as it appears in logs, for example "usage".
const char* to_string(ExitCode code);

/// The codes as a table of docs/configuration.md.
std::string exit_code_markdown();

/// The command line asked for nothing that needs the daemon, or could not be understood.
struct ExitNow {
  ExitCode code = ExitCode::Done;
  std::string text;  ///< ends with a line break; to stdout when code is Done, else to stderr
};

}  // namespace signet
