#pragma once

#include "agent/options.hpp"
#include "core/config/exit_code.hpp"

namespace signet {

/// `signet-agent bench`: measures what a round costs this board and prints it. Ten million
/// parameters are left out where they would take more than a quarter of the memory to be had.
/// Configuration: the file for the figures cannot be written.
ExitCode run_bench(const BenchOptions& options);

}  // namespace signet
