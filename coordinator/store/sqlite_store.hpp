#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "coordinator/store/store.hpp"

namespace signet {

struct SqliteOptions {
  std::int64_t pages_max = 0;  ///< > 0: the file is "full" at so many pages; tests fill it so
};

/// Store::open() with what only tests choose.
Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path, Durability durability,
                                                 const SqliteOptions& options);

}  // namespace signet
