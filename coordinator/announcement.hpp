#pragma once

#include <string>

#include "coordinator/config.hpp"
#include "core/base/result.hpp"

namespace signet {

/// A service file for Avahi (avahi.service(5)), which announces in the local network where a
/// coordinator with this configuration listens, and the public key that it has. Fails with Mismatch
/// where nobody else could reach it, or its port is not known beforehand.
Result<std::string> announcement(const CoordinatorConfig& config, const std::string& public_key);

}  // namespace signet
