#pragma once

#include <string>

#include "core/base/result.hpp"

namespace signet {

/// An errno as one of our kinds: Missing (no such file or folder), Denied (permission, read-only),
/// Full (no space, quota), else Unavailable.
ErrorKind kind_of_errno(int number);

/// "SUBJECT: ACTION: the system's words[; remedy]", for example
/// "state/run.signet: cannot be opened: Permission denied; check its owner and mode".
Error system_error(int number, const std::string& subject, const std::string& action);

}  // namespace signet
