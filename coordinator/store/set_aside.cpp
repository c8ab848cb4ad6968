#include "coordinator/store/set_aside.hpp"

#include <array>

#include "coordinator/store/store.hpp"
#include "core/platform/files.hpp"
#include "core/platform/plain_file.hpp"

namespace signet {

Status set_aside(const std::string& path) {
  if (!exists(path)) return {};
  {
    // Proves that the file is ours and that nobody uses it; closing it folds its log into it.
    auto store = Store::open(path, Durability::Snapshot);
    if (!store && store.error().kind != ErrorKind::Corrupt) return store.error();
  }
  // The log's and the journal's names; RoundJournal::paths() looks for them beside its file.
  constexpr std::array kParts{"-wal", "-shm", "-rounds-a", "-rounds-b"};
  // Those of a run that was set aside before are not this one's.
  for (const char* part : kParts)
    if (exists(path + ".old" + part))
      if (auto gone = remove_file(path + ".old" + part); !gone) return gone;
  if (auto moved = rename_file(path, path + ".old"); !moved) return moved;
  for (const char* part : kParts)
    if (exists(path + part))
      if (auto moved = rename_file(path + part, path + ".old" + part); !moved) return moved;
  return {};
}

}  // namespace signet
