#pragma once

#include <string>

#include "core/base/result.hpp"

namespace signet {

/// Makes room for a new run at `path`: a state file that is there is kept as "<path>.old" (an older
/// one of that name goes). Nothing happens when there is none. Fails as Store::open does for a file
/// that is not ours, is in use or may not be renamed; a damaged one of ours is set aside too.
Status set_aside(const std::string& path);

}  // namespace signet
