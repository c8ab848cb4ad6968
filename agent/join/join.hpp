#pragma once

#include "agent/options.hpp"
#include "core/config/exit_code.hpp"

namespace signet {

/// `signet-agent join`: makes this board's key pair, asks the coordinator for a place in the fleet,
/// writes the configuration, and starts the service where systemd runs. What was interrupted can be
/// done again with the same token: the key pair is kept, and the coordinator knows it.
///
/// Usage: no token. Configuration: joined already, or the files cannot be written. Network: nobody
/// answers. Refused: the coordinator's answer, or another key than the token's. Each is logged.
ExitCode run_join(JoinOptions options);

}  // namespace signet
