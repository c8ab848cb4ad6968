#pragma once

#include "agent/config.hpp"
#include "core/config/key_table.hpp"

namespace signet {

/// Every key of an agent's configuration file.
const config::KeyTable<AgentConfig>& agent_keys();

}  // namespace signet
