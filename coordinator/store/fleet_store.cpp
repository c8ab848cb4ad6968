#include "coordinator/store/fleet_store.hpp"

#include <algorithm>
#include <utility>

#include "coordinator/store/sqlite_handle.hpp"
#include "core/platform/files.hpp"

namespace signet {
namespace fleet_store {

constexpr std::int64_t kApplicationId = 0x53696746;  // "SigF"
constexpr std::int64_t kVersion = 1;

constexpr const char* kSchema = R"sql(
CREATE TABLE keys (
  key TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  revoked INTEGER NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX names ON keys (name) WHERE revoked = 0;
-- Of a secret there is the hash alone.
CREATE TABLE tokens (
  number INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  name TEXT NOT NULL,
  used_by TEXT NOT NULL
);
)sql";

class SqliteFleetStore final : public FleetStore {
 public:
  explicit SqliteFleetStore(SqliteHandle file) : file_(std::move(file)) {}

  Status start();
  Result<FleetRecord> load() override;
  Status save(const FleetChange& change) override {
    return std::visit([this](const auto& one) { return save_one(one); }, change);
  }

 private:
  Result<std::int64_t> number_of(const char* sql);
  Status create();
  Error not_a_fleet_file(const std::string& what) const {
    return {ErrorKind::Mismatch, file_.path() + ": " + what +
                                     "; it was left as it is, choose another path with --fleet"};
  }
  Status save_one(const TokenMade& made) {
    return file_.run("INSERT INTO tokens (number, hash, name, used_by) VALUES (?, ?, ?, ?)",
                     made.token.number, ByteView(made.token.hash), made.token.name,
                     made.token.used_by);
  }
  Status save_one(const TokenDropped& dropped) {
    return file_.run("DELETE FROM tokens WHERE hash = ?", ByteView(dropped.hash));
  }
  Status save_one(const BoardEnrolled& enrolled);
  Status save_one(const BoardRevoked& revoked) {
    return file_.run("UPDATE keys SET revoked = 1 WHERE key = ?", revoked.key);
  }
  Status save_one(const BoardRenamed& renamed) {
    return file_.run("UPDATE keys SET name = ? WHERE key = ?", renamed.name, renamed.key);
  }

  SqliteHandle file_;
};

Result<std::int64_t> SqliteFleetStore::number_of(const char* sql) {
  auto rows = file_.query(sql);
  if (!rows) return rows.error();
  const auto any = rows->next();
  if (!any) return any.error();
  return rows->integer(0);
}

Status SqliteFleetStore::start() {
  // Whoever is told of a change must find it after a power cut, also that of a new file's name.
  if (auto set = file_.execute("PRAGMA busy_timeout = 200; PRAGMA locking_mode = EXCLUSIVE;"
                               " PRAGMA synchronous = EXTRA");
      !set)
    return set;
  if (file_.read_only())
    return Error{ErrorKind::Denied,
                 file_.path() + " is read-only; check owner and mode of the file"};
  const auto tables = number_of("SELECT count(*) FROM sqlite_master");
  if (!tables) return tables.error();
  if (*tables == 0) return create();
  const auto application = number_of("PRAGMA application_id");
  if (!application) return application.error();
  if (*application != kApplicationId) return not_a_fleet_file("is no fleet file of Signet");
  const auto version = number_of("PRAGMA user_version");
  if (!version) return version.error();
  if (*version != kVersion)
    return not_a_fleet_file("has version " + std::to_string(*version) + ", this program knows " +
                            std::to_string(kVersion));
  // Takes the lock, and keeps it.
  return file_.execute("BEGIN EXCLUSIVE; COMMIT");
}

Status SqliteFleetStore::create() {
  SqliteTransaction transaction(file_);
  if (auto begun = transaction.begin(); !begun) return begun;
  const std::string marks = "PRAGMA application_id = " + std::to_string(kApplicationId) +
                            "; PRAGMA user_version = " + std::to_string(kVersion);
  if (auto made = file_.execute(kSchema + marks); !made) return made;
  return transaction.commit();
}

Status SqliteFleetStore::save_one(const BoardEnrolled& enrolled) {
  SqliteTransaction transaction(file_);
  if (auto begun = transaction.begin(); !begun) return begun;
  if (auto used = file_.run("UPDATE tokens SET used_by = ? WHERE hash = ?", enrolled.key,
                            ByteView(enrolled.hash));
      !used)
    return used;
  // A board that is enrolled already has used up a second token.
  if (auto added = file_.run("INSERT INTO keys (key, name, revoked) VALUES (?, ?, 0)"
                             " ON CONFLICT (key) DO UPDATE SET name = excluded.name",
                             enrolled.key, enrolled.name);
      !added)
    return added;
  return transaction.commit();
}

Result<FleetRecord> SqliteFleetStore::load() {
  FleetRecord record;
  auto keys = file_.query("SELECT key, name, revoked FROM keys ORDER BY key");
  if (!keys) return keys.error();
  for (;;) {
    const auto any = keys->next();
    if (!any) return any.error();
    if (!*any) break;
    record.keys.push_back({keys->text(0), keys->text(1), keys->integer(2) != 0});
  }
  auto tokens = file_.query("SELECT hash, number, name, used_by FROM tokens ORDER BY number");
  if (!tokens) return tokens.error();
  for (;;) {
    const auto any = tokens->next();
    if (!any) return any.error();
    if (!*any) return record;
    FleetToken token{{}, tokens->unsigned_integer(1), tokens->text(2), tokens->text(3)};
    const ByteView hash = tokens->view(0);
    if (hash.size() != token.hash.size())
      return Error{ErrorKind::Corrupt, file_.path() + ": a token in it is damaged; restore a copy"};
    std::ranges::copy(hash, token.hash.begin());
    record.tokens.push_back(std::move(token));
  }
}

}  // namespace fleet_store

Result<std::unique_ptr<FleetStore>> FleetStore::open(const std::string& path) {
  if (!exists(path))
    if (auto created = create_private_file(path, {}); !created) return created.error();
  auto file = SqliteHandle::open(path);
  if (!file) return file.error();
  auto store = std::make_unique<fleet_store::SqliteFleetStore>(std::move(*file));
  if (auto started = store->start(); !started) return started.error();
  return std::unique_ptr<FleetStore>(std::move(store));
}

}  // namespace signet
