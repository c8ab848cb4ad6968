#pragma once

#include "agent/config.hpp"
#include "core/config/key_table.hpp"

namespace signet {

/// Every key of an agent's configuration file.
const config::KeyTable<AgentConfig>& agent_keys();

/// Those of its table [guest].
void add_guest_keys(config::KeyTable<AgentConfig>& keys);

}  // namespace signet
