#include "coordinator/store/sqlite_store.hpp"

#include <algorithm>
#include <filesystem>

#include "coordinator/store/sqlite_handle.hpp"
#include "coordinator/store/sqlite_schema.hpp"
#include "core/platform/files.hpp"
#include "tests/coordinator/store/store_samples.hpp"
#include "tests/core/platform/temporary_folder.hpp"
#include "tests/core/platform/words.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace sqlite_store_test {

using namespace test;

/// Opening fails with Mismatch and these words, and changes nothing, neither in the file nor
/// beside.
void check_left_alone(const TemporaryFolder& folder, const std::string& name,
                      std::initializer_list<std::string_view> words) {
  const Bytes before = *read_file(folder / name);
  const auto names = files_in(folder.path());
  const auto opened = Store::open(folder / name, Durability::Round);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().kind == ErrorKind::Mismatch);
  CHECK(words_missing(opened.error().message, words) == "");
  CHECK(words_missing(opened.error().message, {folder / name, "left as it is"}) == "");
  CHECK(*read_file(folder / name) == before);
  CHECK(files_in(folder.path()) == names);
}

TEST_CASE("a file that is no database is left alone", "[coordinator][store]") {
  const TemporaryFolder folder;
  for (const std::string& text :
       {std::string("x"), std::string("SQLite format 3"), std::string(5000, 'x')}) {
    REQUIRE(write_file_atomically(folder / "notes.txt", view_bytes(text)));
    check_left_alone(folder, "notes.txt", {"not a Signet state file", "no SQLite database"});
  }
}

TEST_CASE("another program's database is left alone, even with a log beside it",
          "[coordinator][store]") {
  const TemporaryFolder folder;
  {
    auto other = SqliteHandle::open(folder / "other.db");
    REQUIRE(
        other->execute("PRAGMA journal_mode = WAL; CREATE TABLE t (x); INSERT INTO t VALUES (1)"));
    check_left_alone(folder, "other.db", {"another program's"});
    CHECK(files_in(folder.path()).size() == 3);  // Its -wal and -shm.
  }
  check_left_alone(folder, "other.db", {"another program's"});
  REQUIRE(SqliteHandle::open(folder / "other.db")->execute("PRAGMA application_id = 1"));
  check_left_alone(folder, "other.db", {"another program's"});
}

TEST_CASE("a state file of a newer version is left alone, and both versions are named",
          "[coordinator][store]") {
  const TemporaryFolder folder;
  REQUIRE(Store::open(folder / "state", Durability::Round));
  REQUIRE(SqliteHandle::open(folder / "state")->execute("PRAGMA user_version = 2"));
  REQUIRE(state_version() == 1);
  check_left_alone(folder, "state", {"has version 2", "knows up to 1", "newer program"});
}

TEST_CASE("a newer version that only the log knows of is refused, too", "[coordinator][store]") {
  const TemporaryFolder folder;
  REQUIRE(Store::open(folder / "state", Durability::Round));
  auto newer = SqliteHandle::open(folder / "state");
  REQUIRE(newer->execute("PRAGMA user_version = 2"));
  REQUIRE(check_is_state_file(folder / "state"));
  const auto migrated = migrate(*newer);
  REQUIRE_FALSE(migrated);
  CHECK(migrated.error().kind == ErrorKind::Mismatch);
  CHECK(words_missing(migrated.error().message, {"has version 2", "knows up to 1"}) == "");
}

TEST_CASE("migration brings an empty file to this version, and does nothing the second time",
          "[coordinator][store]") {
  const TemporaryFolder folder;
  REQUIRE(write_file_atomically(folder / "state", {}));
  auto file = SqliteHandle::open(folder / "state");
  for (int i = 0; i < 2; ++i) {
    REQUIRE(migrate(*file));
    auto version = file->query("PRAGMA user_version");
    REQUIRE(*version->next());
    CHECK(version->integer(0) == state_version());
    CHECK_FALSE(file->in_transaction());
  }
  CHECK(check_is_state_file(folder / "state"));
}

TEST_CASE("an empty file becomes a state file", "[coordinator][store]") {
  const TemporaryFolder folder;
  REQUIRE(write_file_atomically(folder / "state", {}));
  const auto store = Store::open(folder / "state", Durability::Round);
  REQUIRE(store);
  CHECK((*store)->begin_run(sample_header()));
}

TEST_CASE("a closed state file is one file", "[coordinator][store]") {
  const TemporaryFolder folder;
  for (const auto durability : {Durability::Round, Durability::Snapshot}) {
    const auto store = Store::open(folder / "state", durability);
    const std::uint64_t first = durability == Durability::Round ? 0 : 2;
    for (const std::uint64_t k : {first, first + 1}) REQUIRE((*store)->save_round(sample_round(k)));
    REQUIRE((*store)->save_evaluation({RoundId{1}, 0, 0}));
  }
  CHECK(files_in(folder.path()) == std::vector<std::string>{"state"});
}

TEST_CASE("a name that SQLite could take for more than a name is a name", "[coordinator][store]") {
  const TemporaryFolder folder;
  const std::string name = "file:x?mode=memory&#%20'";
  REQUIRE(Store::open(folder / name, Durability::Round));
  CHECK(files_in(folder.path()) == std::vector<std::string>{name});
}

TEST_CASE("after a snapshot the log is empty, and its space is used again",
          "[coordinator][store]") {
  const TemporaryFolder folder;
  const auto store = Store::open(folder / "state", Durability::Round);
  std::uintmax_t size_after_four = 0;
  for (std::uint64_t k = 0; k < 100; ++k) {
    REQUIRE((*store)->save_round(sample_round(k, 5000)));
    if ((k + 1) % 10 != 0) continue;
    REQUIRE((*store)->save_snapshot(sample_snapshot(k + 1, 10'000).view()));
    CHECK(std::filesystem::file_size(folder / "state-wal") == 0);
    if (k + 1 == 40) size_after_four = std::filesystem::file_size(folder / "state");
  }
  // The figures of 60 more rounds are all that was added.
  CHECK(std::filesystem::file_size(folder / "state") < size_after_four + 60 * 500);
}

TEST_CASE("a round whose bytes rotted is Corrupt and named", "[coordinator][store]") {
  for (const char* column : {"signs", "ties", "controller", "agents"}) {
    const TemporaryFolder folder;
    REQUIRE((*Store::open(folder / "state", Durability::Round))->save_round(sample_round(6)));
    REQUIRE(SqliteHandle::open(folder / "state")
                ->execute(std::string("UPDATE updates SET ") + column + " = x'00010203'"));
    const auto store = Store::open(folder / "state", Durability::Round);
    const auto visited =
        (*store)->rounds_from(RoundId{0}, [](const StoredRound&) { return Status(); });
    REQUIRE_FALSE(visited);
    CHECK(visited.error().kind == ErrorKind::Corrupt);
    CHECK(words_missing(visited.error().message,
                        {folder / "state", "round 6", "checksum", "restore a copy"}) == "");
  }
}

TEST_CASE("a snapshot that lost a part is passed over", "[coordinator][store]") {
  const TemporaryFolder folder;
  {
    const auto store = Store::open(folder / "state", Durability::Round);
    REQUIRE((*store)->save_snapshot(sample_snapshot(1, 100).view()));
    REQUIRE((*store)->save_snapshot(sample_snapshot(2, 2'100'000).view()));
  }
  REQUIRE(SqliteHandle::open(folder / "state")->execute("DELETE FROM snapshots WHERE part = 1"));
  const auto store = Store::open(folder / "state", Durability::Round);
  CHECK(same_snapshot((*store)->latest_snapshot()->value(), sample_snapshot(1, 100)));
}

}  // namespace sqlite_store_test
}  // namespace signet
