#pragma once

#include "agent/options.hpp"
#include "core/config/exit_code.hpp"

namespace signet {

/// `signet-agent doctor`: looks at everything that a vote of this board needs, prints what it found
/// and what to do about it, and changes nothing. Where root asks about the installed service's
/// configuration, it looks as the user whom the service runs as. Secrets are never printed.
///
/// Done: this board can vote. Else the code with which `signet-agent run` would end, or Other where
/// this user may not look.
ExitCode run_doctor(const DoctorOptions& options);

}  // namespace signet
