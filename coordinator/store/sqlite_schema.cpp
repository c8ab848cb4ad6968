#include "coordinator/store/sqlite_schema.hpp"

#include <array>
#include <cstring>
#include <string_view>

#include "core/platform/files.hpp"

namespace signet {
namespace sqlite_schema {

/// Step n leads from version n to n + 1. Never change one that was released: add the next.
constexpr std::array<const char*, 1> kSteps{
    // Floats are the machine's little-endian ones. 64-bit unsigned numbers are kept as signed ones.
    R"sql(
CREATE TABLE run (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  run INTEGER NOT NULL,
  job TEXT NOT NULL,
  dimension INTEGER NOT NULL,
  normalisation BLOB NOT NULL
);
CREATE TABLE agents (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  samples INTEGER NOT NULL
);
-- The figures of every round.
CREATE TABLE rounds (
  round INTEGER PRIMARY KEY,
  rate REAL NOT NULL,
  digest INTEGER NOT NULL,
  train_loss REAL,
  elapsed_s REAL NOT NULL,
  voters INTEGER NOT NULL,
  abstained INTEGER NOT NULL,
  refused INTEGER NOT NULL
);
-- What replays a round; dropped once two snapshots are newer.
CREATE TABLE updates (
  round INTEGER PRIMARY KEY REFERENCES rounds (round),
  checksum INTEGER NOT NULL,
  signs BLOB NOT NULL,
  ties BLOB NOT NULL,
  controller BLOB NOT NULL,
  agents BLOB NOT NULL
);
-- Parts of at most 8 MiB in order; the digest is the whole snapshot's.
CREATE TABLE snapshots (
  next_round INTEGER NOT NULL,
  part INTEGER NOT NULL,
  digest INTEGER NOT NULL,
  parameters BLOB NOT NULL,
  PRIMARY KEY (next_round, part)
);
CREATE TABLE evaluations (
  next_round INTEGER PRIMARY KEY,
  test_accuracy REAL,
  test_loss REAL
);
)sql"};

constexpr std::size_t kHeaderSize = 100, kVersionAt = 60, kApplicationAt = 68;
constexpr std::string_view kMagic("SQLite format 3\0", 16);

std::uint32_t big_endian_at(ByteView header, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8U | std::to_integer<std::uint32_t>(header[at + i]);
  return value;
}

/// Whether the power went while the file was being made: SQLite's rollback journal beside it says
/// that there was nothing before, and SQLite will make it empty again.
bool is_unborn(const std::string& path) {
  constexpr std::size_t kPagesBeforeAt = 16, kJournalHeaderSize = 20;
  constexpr std::string_view kJournalMagic("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8);
  const auto header = read_file_start(path + "-journal", kJournalHeaderSize);
  return header && header->size() == kJournalHeaderSize &&
         std::memcmp(header->data(), kJournalMagic.data(), kJournalMagic.size()) == 0 &&
         big_endian_at(*header, kPagesBeforeAt) == 0;
}

Error not_a_state_file(const std::string& path, const std::string& what) {
  return Error{ErrorKind::Mismatch, path + " is not a Signet state file: " + what +
                                        "; it was left as it is, choose another path"};
}

Status check_version(const std::string& path, std::int64_t version) {
  if (version >= 0 && version <= state_version()) return {};
  return Error{ErrorKind::Mismatch,
               path + " has version " + std::to_string(version) + ", this program knows up to " +
                   std::to_string(state_version()) +
                   "; it was left as it is, use the newer program or choose another path"};
}

Result<std::int64_t> version_of(SqliteHandle& file) {
  auto rows = file.query("PRAGMA user_version");
  if (!rows) return rows.error();
  const auto any = rows->next();
  if (!any) return any.error();
  return rows->integer(0);
}

Status take_step(SqliteHandle& file, std::int64_t version) {
  const std::string marks = "PRAGMA application_id = " + std::to_string(kStateApplicationId) +
                            "; PRAGMA user_version = " + std::to_string(version + 1) + ";";
  return file.execute(kSteps.at(static_cast<std::size_t>(version)) + marks);
}

}  // namespace sqlite_schema

std::uint32_t state_version() {
  return static_cast<std::uint32_t>(sqlite_schema::kSteps.size());
}

Status check_is_state_file(const std::string& path) {
  const auto header = read_file_start(path, sqlite_schema::kHeaderSize);
  if (!header && header.error().kind == ErrorKind::Missing) return {};
  if (!header) return header.error();
  // Empty: new, or a crash came before the first transaction.
  if (header->empty() || sqlite_schema::is_unborn(path)) return {};
  if (header->size() < sqlite_schema::kHeaderSize ||
      std::memcmp(header->data(), sqlite_schema::kMagic.data(), sqlite_schema::kMagic.size()) != 0)
    return sqlite_schema::not_a_state_file(path, "it is no SQLite database");
  if (sqlite_schema::big_endian_at(*header, sqlite_schema::kApplicationAt) != kStateApplicationId)
    return sqlite_schema::not_a_state_file(path, "it is another program's SQLite database");
  return sqlite_schema::check_version(
      path, sqlite_schema::big_endian_at(*header, sqlite_schema::kVersionAt));
}

Status migrate(SqliteHandle& file) {
  for (;;) {
    SqliteTransaction transaction(file);
    if (auto begun = transaction.begin(); !begun) return begun;
    const auto version = sqlite_schema::version_of(file);
    if (!version) return version.error();
    // Looked at again: the header that check_is_state_file() read may be older than the journal.
    if (auto known = sqlite_schema::check_version(file.path(), *version); !known) return known;
    if (*version == state_version()) return {};
    if (auto stepped = sqlite_schema::take_step(file, *version); !stepped) return stepped;
    if (auto committed = transaction.commit(); !committed) return committed;
  }
}

}  // namespace signet
