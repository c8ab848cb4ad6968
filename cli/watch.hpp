#pragma once

#include <string>
#include <vector>

#include "cli/watch_options.hpp"
#include "core/base/result.hpp"
#include "core/config/exit_code.hpp"

namespace signet {

/// The one of `found`, the control sockets in the working folder. Fails with Missing where there is
/// none and Malformed where there are several, saying what to do.
Result<std::string> only_socket(const std::vector<std::string>& found);

/// Asks the coordinator and prints its answer on stdout. Errors go to the log; Network when nobody
/// answers, Usage when it is not clear whom to ask.
ExitCode run_watch(const WatchCommand& command);

}  // namespace signet
