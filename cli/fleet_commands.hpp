#pragma once

#include "cli/fleet_options.hpp"
#include "core/config/exit_code.hpp"

namespace signet {

/// Has the coordinator do what the command says, and prints its answer. Errors go to the log;
/// Network when nobody answers, Usage when it is not clear whom to ask, Refused when the
/// coordinator will not.
ExitCode run_fleet_command(const FleetCommand& command);

}  // namespace signet
