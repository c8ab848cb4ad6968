// The machine says no: folders, permissions, space, other processes.
#include <cerrno>
#include <filesystem>
#include <optional>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "coordinator/store/store.hpp"
#include "core/platform/files.hpp"
#include "tests/coordinator/store/store_samples.hpp"
#include "tests/core/platform/temporary_folder.hpp"
#include "tests/core/platform/words.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace store_faults_test {

using namespace test;

TEST_CASE("a missing folder and a folder in the file's place are named", "[coordinator][store]") {
  const TemporaryFolder folder;
  const auto missing = Store::open(folder / "no/state", Durability::Round);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == ErrorKind::Missing);
  CHECK(words_missing(missing.error().message, {folder / "no/state", "create it"}) == "");
  const auto taken = Store::open(folder.path(), Durability::Round);
  REQUIRE_FALSE(taken);
  CHECK(taken.error().kind == ErrorKind::Denied);
  CHECK(words_missing(taken.error().message, {folder.path(), "not a folder"}) == "");
}

TEST_CASE("a read-only disk is Denied, for a new file and an old one", "[coordinator][store]") {
  SmallDisk disk("size=4m");
  if (!disk.available()) SKIP("mounting a small disk is not allowed here");
  REQUIRE(Store::open(disk / "old", Durability::Round));
  REQUIRE(disk.make_read_only());
  for (const char* name : {"old", "new"}) {
    const auto opened = Store::open(disk / name, Durability::Round);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().kind == ErrorKind::Denied);
    CHECK(words_missing(opened.error().message, {disk / name, "Read-only", "remount"}) == "");
  }
}

TEST_CASE("a truly full disk is Full, what was saved is read, and room lets it go on",
          "[coordinator][store]") {
  for (const auto durability : {Durability::Round, Durability::Snapshot}) {
    const SmallDisk disk("size=2m");
    if (!disk.available()) SKIP("mounting a small disk is not allowed here");
    REQUIRE(write_file_atomically(disk / "ballast", sample_bytes(1'000'000, 1)));
    std::uint64_t saved = 0;
    {
      const auto store = Store::open(disk / "state", durability);
      REQUIRE(store);
      Status last;
      while (saved < 1000 && (last = (*store)->save_round(sample_round(saved, 20'000)))) ++saved;
      REQUIRE_FALSE(last);
      CHECK(last.error().kind == ErrorKind::Full);
      CHECK(words_missing(last.error().message, {disk / "state", "make room"}) == "");
      CHECK(saved > 3);
      CHECK(rounds_of(**store).size() == saved);
    }
    std::filesystem::remove(disk / "ballast");
    const auto store = Store::open(disk / "state", durability);
    REQUIRE(store);
    const auto rounds = rounds_of(**store);
    REQUIRE(rounds.size() == saved);
    for (const auto& round : rounds)
      CHECK(same_round(round, sample_round(round.round.value, 20'000)));
    CHECK((*store)->save_round(sample_round(saved, 20'000)));
  }
}

TEST_CASE("no room for a new file is Full, and the next attempt with room succeeds",
          "[coordinator][store]") {
  const SmallDisk disk("size=64k");
  if (!disk.available()) SKIP("mounting a small disk is not allowed here");
  REQUIRE(write_file_atomically(disk / "ballast", sample_bytes(56'000, 1)));
  const auto opened = Store::open(disk / "state", Durability::Round);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().kind == ErrorKind::Full);
  CHECK(words_missing(opened.error().message, {disk / "state", "make room"}) == "");
  std::filesystem::remove(disk / "ballast");
  CHECK(Store::open(disk / "state", Durability::Round));
}

constexpr uid_t kNobody = 65534;

/// Opens the file in a process of its own, as `user` if given; the kind of the error, or -1.
int kind_in_another_process(const std::string& path, std::optional<uid_t> user = std::nullopt) {
  constexpr int kOpened = 99;
  const pid_t child = ::fork();
  if (child == 0) {
    if (user && ::setresuid(*user, *user, *user) != 0) ::_exit(kOpened);
    const auto opened = Store::open(path, Durability::Round);
    ::_exit(opened ? kOpened : static_cast<int>(opened.error().kind));
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -2;
  return code == kOpened ? -1 : code;
}

TEST_CASE("a file or folder that this user may not write is Denied", "[coordinator][store]") {
  if (::geteuid() != 0) SKIP("only root can become another user");
  const TemporaryFolder folder;
  const std::string state = folder / "state";
  REQUIRE(Store::open(state, Durability::Round));
  const auto denied = static_cast<int>(ErrorKind::Denied);
  REQUIRE(::chmod(folder.path().c_str(), 0755) == 0);
  REQUIRE(::chmod(state.c_str(), 0444) == 0);
  CHECK(kind_in_another_process(state, kNobody) == denied);
  REQUIRE(::chmod(state.c_str(), 0666) == 0);
  CHECK(kind_in_another_process(state, kNobody) == denied);  // Its log would lie in the folder.
  CHECK(kind_in_another_process(folder / "new", kNobody) == denied);
  REQUIRE(::chmod(state.c_str(), 0600) == 0);
  CHECK(kind_in_another_process(state, kNobody) == denied);
  REQUIRE(::chmod(state.c_str(), 0666) == 0);
  REQUIRE(::chmod(folder.path().c_str(), 0777) == 0);
  CHECK(kind_in_another_process(state, kNobody) == -1);
}

TEST_CASE("another process cannot open a store that is open, and can when it is closed",
          "[coordinator][store]") {
  const TemporaryFolder folder;
  for (const auto durability : {Durability::Round, Durability::Snapshot}) {
    const auto store = Store::open(folder / "state", durability);
    REQUIRE(store);
    // Also before anything was read or written through it.
    CHECK(kind_in_another_process(folder / "state") == static_cast<int>(ErrorKind::Unavailable));
    REQUIRE((*store)->save_evaluation({RoundId{0}, 0, 0}));
    CHECK(kind_in_another_process(folder / "state") == static_cast<int>(ErrorKind::Unavailable));
  }
  CHECK(kind_in_another_process(folder / "state") == -1);
}

}  // namespace store_faults_test
}  // namespace signet
