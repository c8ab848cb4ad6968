#pragma once

#include "core/base/result.hpp"

namespace signet {

/// Whether this machine's connection is one that is paid for by what goes over it, as
/// NetworkManager knows or guesses. Asks over D-Bus: a millisecond, or seconds where that hangs.
/// Fails with Missing where there is no D-Bus or no NetworkManager that answers, or Malformed where
/// it does not know.
Result<bool> connection_is_metered();

}  // namespace signet
