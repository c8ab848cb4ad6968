// The journal beside the state file: what a crash, a power cut and a stranger may leave of it.
#include "coordinator/store/round_journal.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "coordinator/store/set_aside.hpp"
#include "core/platform/files.hpp"
#include "tests/coordinator/store/store_samples.hpp"
#include "tests/core/platform/temporary_folder.hpp"
#include "tests/core/platform/words.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace round_journal_test {

using namespace test;

constexpr RunId kRun{7};

std::vector<StoredRound> rounds_in(const RoundJournal& journal, std::uint64_t first = 0,
                                   RoundJournal::Part part = RoundJournal::Part::All) {
  std::vector<StoredRound> rounds;
  const auto visited = journal.visit(RoundId{first}, part, [&](const StoredRound& round) {
    rounds.push_back(round);
    return Status();
  });
  SIGNET_CHECK(visited, "a sound journal can be read");
  return rounds;
}

void append_rounds(RoundJournal& journal, std::uint64_t first, std::uint64_t end) {
  for (std::uint64_t k = first; k < end; ++k) REQUIRE(journal.append(sample_round(k)));
}

/// Numbers of the rounds that a new process finds.
std::vector<std::uint64_t> numbers_found(const std::string& path, RunId run = kRun) {
  RoundJournal journal(path);
  REQUIRE(journal.open(run));
  std::vector<std::uint64_t> numbers;
  for (const auto& round : rounds_in(journal)) {
    CHECK(same_round(round, sample_round(round.round.value)));
    numbers.push_back(round.round.value);
  }
  return numbers;
}

std::vector<std::uint64_t> numbers_from_to(std::uint64_t first, std::uint64_t end) {
  std::vector<std::uint64_t> numbers;
  for (; first < end; ++first) numbers.push_back(first);
  return numbers;
}

/// A file of `path` as it is, for putting back what a later write destroyed.
Bytes content_of(const std::string& path) {
  const auto content = read_file(path);
  SIGNET_CHECK(content, "the file can be read");
  return *content;
}

TEST_CASE("RoundJournal gives rounds back as they were appended, in this process and the next",
          "[coordinator][store]") {
  const TemporaryFolder folder;
  {
    RoundJournal journal(folder / "state");
    REQUIRE(journal.open(kRun));
    CHECK_FALSE(journal.last());
    append_rounds(journal, 3, 9);
    CHECK(*journal.first() == RoundId{3});
    CHECK(*journal.last() == RoundId{8});
    CHECK(rounds_in(journal).size() == 6);
    CHECK(rounds_in(journal, 7).size() == 2);
    for (const auto& round : rounds_in(journal, 0, RoundJournal::Part::Figures)) {
      CHECK(is_pruned(round));
      CHECK(same_figures(round, sample_round(round.round.value)));
    }
  }
  CHECK(numbers_found(folder / "state") == numbers_from_to(3, 9));
  RoundJournal journal(folder / "state");
  REQUIRE(journal.open(kRun));
  append_rounds(journal, 9, 12);
  CHECK(numbers_found(folder / "state") == numbers_from_to(3, 12));
}

TEST_CASE("RoundJournal cut off at any byte holds the rounds that are whole",
          "[coordinator][store]") {
  const TemporaryFolder folder;
  const std::string path = RoundJournal::paths(folder / "state")[0];
  std::vector<std::uintmax_t> ends{0};
  {
    RoundJournal journal(folder / "state");
    REQUIRE(journal.open(kRun));
    for (std::uint64_t k = 0; k < 4; ++k) {
      append_rounds(journal, k, k + 1);
      ends.push_back(std::filesystem::file_size(path));
    }
  }
  const Bytes whole = content_of(path);
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    REQUIRE(write_file_atomically(path, ByteView(whole).first(size)));
    std::uint64_t rounds = 0;
    while (rounds + 1 < ends.size() && ends[rounds + 1] <= size) ++rounds;
    REQUIRE(numbers_found(folder / "state") == numbers_from_to(0, rounds));
    REQUIRE(std::filesystem::file_size(path) == ends[rounds]);
  }
}

TEST_CASE("a byte of RoundJournal that rotted ends it before its round", "[coordinator][store]") {
  const TemporaryFolder folder;
  const std::string path = RoundJournal::paths(folder / "state")[0];
  std::uintmax_t second = 0;
  {
    RoundJournal journal(folder / "state");
    REQUIRE(journal.open(kRun));
    append_rounds(journal, 0, 1);
    second = std::filesystem::file_size(path);
    append_rounds(journal, 1, 3);
  }
  const Bytes whole = content_of(path);
  const std::uintmax_t third = second + (whole.size() - second) / 2;
  for (std::size_t at = static_cast<std::size_t>(second); at < third; ++at) {
    Bytes rotten = whole;
    rotten[at] ^= std::byte{0x10};
    REQUIRE(write_file_atomically(path, rotten));
    const auto found = numbers_found(folder / "state");
    REQUIRE(found == numbers_from_to(0, found.size()));
    REQUIRE(found.size() <= 2);
  }
}

TEST_CASE("a round that a power cut left behind a lost one does not follow on a new one",
          "[coordinator][store]") {
  const TemporaryFolder folder;
  const std::string path = RoundJournal::paths(folder / "state")[0];
  const auto plain = [](std::uint64_t number) {  // all of one size
    auto round = sample_round(1);
    round.round = RoundId{number};
    return round;
  };
  std::uintmax_t size = 0;
  {
    RoundJournal journal(folder / "state");
    REQUIRE(journal.open(kRun));
    REQUIRE(journal.append(plain(0)));
    size = std::filesystem::file_size(path);
    for (std::uint64_t k = 1; k < 4; ++k) REQUIRE(journal.append(plain(k)));
  }
  Bytes torn = content_of(path);
  torn[static_cast<std::size_t>(size) + 200] ^= std::byte{1};  // in round 1
  REQUIRE(write_file_atomically(path, torn));
  {
    RoundJournal journal(folder / "state");
    REQUIRE(journal.open(kRun));
    CHECK(*journal.last() == RoundId{0});
    REQUIRE(journal.append(plain(1)));
  }
  RoundJournal journal(folder / "state");
  REQUIRE(journal.open(kRun));
  CHECK(*journal.last() == RoundId{1});
}

TEST_CASE("RoundJournal uses the space of rounds that no snapshot needs again",
          "[coordinator][store]") {
  const TemporaryFolder folder;
  RoundJournal journal(folder / "state");
  REQUIRE(journal.open(kRun));
  const auto bytes = [&] {
    std::uintmax_t sum = 0;
    for (const auto& path : RoundJournal::paths(folder / "state"))
      if (exists(path)) sum += std::filesystem::file_size(path);
    return sum;
  };
  std::uintmax_t bytes_of_four = 0;
  for (std::uint64_t k = 0; k < 100; ++k) {
    append_rounds(journal, k, k + 1);
    if ((k + 1) % 10 != 0) continue;
    const std::uint64_t oldest = k < 10 ? 0 : k + 1 - 10;
    journal.turn(RoundId{oldest});
    if (k + 1 == 40) bytes_of_four = bytes();
    // What the next process finds leads on from the older snapshot without a gap.
    const auto found = numbers_found(folder / "state");
    REQUIRE_FALSE(found.empty());
    CHECK(found.front() <= oldest);
    CHECK(found == numbers_from_to(found.front(), k + 1));
  }
  CHECK(bytes() <= bytes_of_four + bytes_of_four / 4);
}

TEST_CASE("RoundJournal of another run is not read", "[coordinator][store]") {
  const TemporaryFolder folder;
  {
    RoundJournal journal(folder / "state");
    REQUIRE(journal.open(kRun));
    append_rounds(journal, 0, 3);
  }
  CHECK(numbers_found(folder / "state", RunId{8}).empty());
}

TEST_CASE("a gap between the files of RoundJournal is Corrupt and named", "[coordinator][store]") {
  const TemporaryFolder folder;
  const auto paths = RoundJournal::paths(folder / "state");
  {
    RoundJournal journal(folder / "state");
    REQUIRE(journal.open(kRun));
    append_rounds(journal, 0, 3);
    journal.turn(RoundId{0});
    append_rounds(journal, 3, 5);
  }
  std::filesystem::resize_file(paths[0], std::filesystem::file_size(paths[0]) - 1);
  RoundJournal journal(folder / "state");
  const auto opened = journal.open(kRun);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().kind == ErrorKind::Corrupt);
  CHECK(words_missing(opened.error().message,
                      {paths[0], "before round 2", paths[1], "round 3", "restore a copy"}) == "");
}

/// All of one size.
StoredRound plain_round(std::uint64_t number) {
  StoredRound round;
  round.round = RoundId{number};
  round.signs = sample_bytes(100, number);
  return round;
}

TEST_CASE(
    "what a power cut leaves of a file that was being written over is let go, where the state "
    "file has its rounds",
    "[coordinator][store]") {
  const TemporaryFolder folder;
  const auto paths = RoundJournal::paths(folder / "state");
  Bytes old, torn;
  {
    RoundJournal journal(folder / "state");
    REQUIRE(journal.open(kRun));
    for (std::uint64_t k = 0; k < 3; ++k) REQUIRE(journal.append(plain_round(k)));
    journal.turn(RoundId{0});
    for (std::uint64_t k = 3; k < 6; ++k) REQUIRE(journal.append(plain_round(k)));
    old = content_of(paths[0]);
    journal.turn(RoundId{3});
    for (std::uint64_t k = 6; k < 8; ++k) REQUIRE(journal.append(plain_round(k)));
    // Of what was written over, the second record reached the disk and the first did not.
    torn = content_of(paths[0]);
    std::copy_n(old.begin(), old.size() / 3, torn.begin());
  }
  const auto found = [&](std::optional<RoundId> in_file) {
    REQUIRE(write_file_atomically(paths[0], torn));
    RoundJournal journal(folder / "state");
    const auto opened = journal.open(kRun, in_file);
    return opened ? rounds_in(journal).size() : 0;
  };
  CHECK(found(RoundId{2}) == 3);
  CHECK(std::filesystem::file_size(paths[0]) == 0);
  // Else there are rounds that nobody has.
  CHECK(found(RoundId{1}) == 0);
  CHECK(found(std::nullopt) == 0);
  CHECK(content_of(paths[0]).size() == old.size() / 3);
}

TEST_CASE("RoundJournal says which round rotted under an open file", "[coordinator][store]") {
  const TemporaryFolder folder;
  const std::string path = RoundJournal::paths(folder / "state")[0];
  RoundJournal journal(folder / "state");
  REQUIRE(journal.open(kRun));
  append_rounds(journal, 5, 7);
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-1, std::ios::end);
    file.put('?');
  }
  const auto visited = journal.visit(RoundId{0}, RoundJournal::Part::All,
                                     [](const StoredRound&) { return Status(); });
  REQUIRE_FALSE(visited);
  CHECK(visited.error().kind == ErrorKind::Corrupt);
  CHECK(words_missing(visited.error().message, {path, "round 6", "checksum"}) == "");
}

/// What a process leaves that dies with an open store: copies of its files, in another folder.
void copy_state(const TemporaryFolder& from, const TemporaryFolder& to) {
  for (const auto& name : files_in(from.path())) std::filesystem::copy_file(from / name, to / name);
}

TEST_CASE("a store that died with a journal opens with every round, whatever durability follows",
          "[coordinator][store]") {
  for (const auto durability : {Durability::Round, Durability::Snapshot}) {
    const TemporaryFolder alive, dead;
    const auto store = Store::open(alive / "state", Durability::Snapshot);
    REQUIRE((*store)->begin_run(sample_header()));
    for (std::uint64_t k = 0; k < 35; ++k) {
      REQUIRE((*store)->save_round(sample_round(k)));
      if ((k + 1) % 10 == 0) REQUIRE((*store)->save_snapshot(sample_snapshot(k + 1, 10).view()));
    }
    copy_state(alive, dead);
    {
      const auto next = Store::open(dead / "state", durability);
      REQUIRE(next);
      const auto rounds = rounds_of(**next);
      REQUIRE(rounds.size() == 35);
      for (const auto& round : rounds)
        CHECK((round.round.value < 20
                   ? is_pruned(round) && same_figures(round, sample_round(round.round.value))
                   : same_round(round, sample_round(round.round.value))));
      CHECK(rounds_of(**next, 25).size() == 10);
      CHECK_FALSE((*next)->save_round(sample_round(34)));
      CHECK((*next)->save_round(sample_round(35)));
    }
    CHECK(files_in(dead.path()) == std::vector<std::string>{"state"});
    CHECK(rounds_of(**Store::open(dead / "state", durability)).size() == 36);
  }
}

TEST_CASE("a process that cannot have the state file leaves its journal alone",
          "[coordinator][store]") {
  const TemporaryFolder folder;
  const auto store = Store::open(folder / "state", Durability::Snapshot);
  for (std::uint64_t k = 0; k < 3; ++k) REQUIRE((*store)->save_round(sample_round(k)));
  const auto before = files_in(folder.path());
  const pid_t child = ::fork();
  if (child == 0) ::_exit(Store::open(folder / "state", Durability::Snapshot) ? 1 : 0);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(files_in(folder.path()) == before);
  CHECK(rounds_of(**store).size() == 3);
}

TEST_CASE("a state file that is set aside takes its journal's rounds with it",
          "[coordinator][store]") {
  const TemporaryFolder alive, dead;
  const auto store = Store::open(alive / "state", Durability::Snapshot);
  for (std::uint64_t k = 0; k < 3; ++k) REQUIRE((*store)->save_round(sample_round(k)));
  copy_state(alive, dead);
  REQUIRE(set_aside(dead / "state"));
  CHECK(files_in(dead.path()) == std::vector<std::string>{"state.old"});
  CHECK(rounds_of(**Store::open(dead / "state.old", Durability::Round)).size() == 3);
}

TEST_CASE("a run that is set aside has nothing of one that was before it", "[coordinator][store]") {
  const TemporaryFolder folder;
  // Left where the disk was full when the first run was set aside.
  for (const char* part : {"-wal", "-shm", "-rounds-a", "-rounds-b"})
    REQUIRE(write_file_atomically(folder / ("state.old" + std::string(part)), Bytes(100)));
  {
    const auto store = Store::open(folder / "state", Durability::Round);
    for (std::uint64_t k = 0; k < 3; ++k) REQUIRE((*store)->save_round(sample_round(k)));
  }
  REQUIRE(set_aside(folder / "state"));
  CHECK(files_in(folder.path()) == std::vector<std::string>{"state.old"});
  CHECK(rounds_of(**Store::open(folder / "state.old", Durability::Round)).size() == 3);
}

}  // namespace round_journal_test
}  // namespace signet
