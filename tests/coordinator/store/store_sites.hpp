#pragma once

#include <memory>
#include <string>

#include "coordinator/store/memory_store.hpp"
#include "coordinator/store/sqlite_handle.hpp"
#include "coordinator/store/sqlite_store.hpp"
#include "tests/core/platform/temporary_folder.hpp"

namespace signet::test {

using OpenedStore = Result<std::unique_ptr<Store>>;

/// Where the contract suite opens stores: the content stays from one opening to the next.
class SqliteSite {
 public:
  OpenedStore open(Durability durability = Durability::Round) {
    return Store::open(path(), durability);
  }
  /// A few small rounds fit, no more.
  OpenedStore open_nearly_full() {
    std::int64_t pages = 0;
    {
      auto file = SqliteHandle::open(path());
      auto rows = file->query("PRAGMA page_count");
      SIGNET_CHECK(*rows->next(), "page_count gives a row");
      pages = rows->integer(0);
    }
    return open_sqlite_store(path(), Durability::Round, {.pages_max = pages + 4});
  }
  void damage_newest_snapshot() {
    auto file = SqliteHandle::open(path());
    SIGNET_CHECK(file->execute("UPDATE snapshots SET digest = digest + 1 WHERE next_round ="
                               " (SELECT max(next_round) FROM snapshots)"),
                 "the newest snapshot is damaged");
  }
  std::string path() const { return folder_ / "state.signet"; }
  std::string name() const { return path(); }

 private:
  TemporaryFolder folder_;
};

class MemorySite {
 public:
  OpenedStore open(Durability durability = Durability::Round) {
    disk_->full_after(std::nullopt);
    return MemoryStore::open(disk_, durability);
  }
  OpenedStore open_nearly_full() {
    auto opened = open();
    disk_->full_after(3);
    return opened;
  }
  void damage_newest_snapshot() { disk_->damage_newest_snapshot(); }
  std::string name() const { return "memory"; }

 private:
  std::shared_ptr<MemoryDisk> disk_ = std::make_shared<MemoryDisk>();
};

}  // namespace signet::test
