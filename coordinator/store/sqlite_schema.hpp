#pragma once

#include <cstdint>
#include <string>

#include "coordinator/store/sqlite_handle.hpp"
#include "core/base/result.hpp"

// Inside this room only: what a state file looks like, and how an older one becomes today's.

namespace signet {

inline constexpr std::uint32_t kStateApplicationId = 0x5369676e;  ///< "Sign"

/// The version this program writes: the number of migration steps.
std::uint32_t state_version();

/// Looks at the first 100 bytes (SQLite's file format, section 1.3) without SQLite, which could
/// create files beside it or roll back a journal.
/// Succeeds when there is nothing yet, or a state file of this version or an older one.
/// Fails with Mismatch, naming what it is, or as read_file() does.
Status check_is_state_file(const std::string& path);

/// Brings an open file, new or old, to state_version(): each step is one transaction, so that a
/// crash leaves the file at some version. Fails with Mismatch when it is newer.
Status migrate(SqliteHandle& file);

}  // namespace signet
