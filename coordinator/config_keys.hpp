#pragma once

#include "coordinator/config.hpp"
#include "core/config/key_table.hpp"

namespace signet {

/// Every key of the coordinator's configuration file.
const config::KeyTable<CoordinatorConfig>& coordinator_keys();

}  // namespace signet
