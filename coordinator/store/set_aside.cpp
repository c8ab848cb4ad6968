#include "coordinator/store/set_aside.hpp"

#include "coordinator/store/store.hpp"
#include "core/platform/files.hpp"

namespace signet {

Status set_aside(const std::string& path) {
  if (!exists(path)) return {};
  {
    // Proves that the file is ours and that nobody uses it; closing it folds its log into it.
    auto store = Store::open(path, Durability::Snapshot);
    if (!store && store.error().kind != ErrorKind::Corrupt) return store.error();
  }
  // The log's and the journal's names; RoundJournal::paths() looks for them beside its file.
  for (const char* part : {"", "-wal", "-shm", "-rounds-a", "-rounds-b"})
    if (exists(path + part))
      if (auto moved = rename_file(path + part, path + ".old" + part); !moved) return moved;
  return {};
}

}  // namespace signet
