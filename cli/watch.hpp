#pragma once

#include "cli/watch_options.hpp"
#include "core/config/exit_code.hpp"

namespace signet {

/// Asks the coordinator and prints its answer on stdout. Errors go to the log; Network when nobody
/// answers, Usage when it is not clear whom to ask.
ExitCode run_watch(const WatchCommand& command);

}  // namespace signet
