#pragma once

#include <chrono>

#include "core/base/time.hpp"

namespace signet {

/// The machine's monotonic clock on our time line. Only daemons and tests of the real machine call
/// it; everything else is told the time. Its zero is the machine's, so instants of two machines, or
/// from before and after a restart, do not compare.
inline Instant steady_now() {
  const auto since_boot = std::chrono::steady_clock::now().time_since_epoch();
  return Instant(std::chrono::duration_cast<Duration>(since_boot));
}

}  // namespace signet
