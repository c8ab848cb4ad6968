#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace signet {

/// Asks Avahi where in the local network a coordinator with `server_key` is announced: addresses as
/// announced_addresses() gives them. Takes a second or two, at most ten, and is for a thread that
/// may wait. Fails with Missing (Avahi's command, or such a coordinator) or Unavailable (Avahi's
/// service), each with what to do.
Result<std::vector<std::string>> find_coordinator(const std::string& server_key);

}  // namespace signet
