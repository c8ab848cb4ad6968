// The store on a disk that breaks at any change, and the disk itself.
#include "tests/coordinator/store/crash_disk.hpp"

#include <set>
#include <string>
#include <tuple>

#include "coordinator/store/round_journal.hpp"
#include "coordinator/store/store.hpp"
#include "core/platform/plain_file.hpp"
#include "tests/coordinator/store/store_samples.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace crash_disk_test {

using namespace test;

const char* const kFile = "disk/file";
const char* const kState = "disk/state";
constexpr std::uint64_t kRounds = 9;
constexpr std::uint64_t kSnapshotEvery = 3;

Bytes text(const std::string& value) {
  return to_bytes(view_bytes(value));
}

/// What the file may hold after a power cut, over many fates.
std::set<std::string> fates_of(void (*write)(PlainFile&)) {
  std::set<std::string> fates;
  for (std::uint64_t luck = 0; luck < 200; ++luck) {
    CrashDisk disk;
    auto file = PlainFile::open(kFile);
    REQUIRE(file);
    write(*file);
    disk.kill();
    disk.revive(true, luck);
    fates.insert(to_text(disk.read(kFile, 0)));
  }
  return fates;
}

TEST_CASE("a power cut loses what was not synchronised, or not, and never what was",
          "[coordinator][store]") {
  const auto fates = fates_of([](PlainFile& file) {
    const Bytes first = text("first "), second = text("second");
    REQUIRE(file.write_at(0, {{ByteView(first)}}));
    REQUIRE(file.synchronise());
    REQUIRE(file.write_at(6, {{ByteView(second)}}));
  });
  CHECK(fates == std::set<std::string>{"first ", "first second"});
}

TEST_CASE("a power cut tears a write at the sectors of the disk", "[coordinator][store]") {
  const auto fates = fates_of([](PlainFile& file) {
    const Bytes zeros(1024), ones(1024, std::byte{'1'});
    REQUIRE(file.write_at(0, {{ByteView(zeros)}}));
    REQUIRE(file.synchronise());
    REQUIRE(file.write_at(0, {{ByteView(ones)}}));
  });
  const std::string zero(512, '\0'), one(512, '1');
  CHECK(fates == std::set<std::string>{zero + zero, zero + one, one + zero, one + one});
}

TEST_CASE("a process that dies leaves what it wrote, the last write maybe torn, and no more",
          "[coordinator][store]") {
  CrashDisk disk;
  auto file = PlainFile::open(kFile);
  REQUIRE(file);
  const Bytes word = text("word");
  REQUIRE(file->write_at(0, {{ByteView(word)}}));
  disk.die_after(1, 5);
  CHECK_FALSE(file->write_at(4, {{ByteView(word)}}));
  CHECK_FALSE(file->write_at(8, {{ByteView(word)}}));
  CHECK_FALSE(file->synchronise());
  disk.revive(false, 0);
  CHECK(std::string("wordword").starts_with(to_text(disk.read(kFile, 0))));
  CHECK(disk.size(kFile) >= 4);
}

/// Saves all rounds, or as many as it gets to; how many the store said are saved, and of which
/// rounds the newest snapshot that it said so of is.
struct Saved {
  std::uint64_t rounds = 0, snapshot = 0;
};
Saved save_all(Durability durability) {
  Saved saved;
  auto store = Store::open(kState, durability);
  if (!store || !(*store)->begin_run(sample_header())) return saved;
  for (; saved.rounds < kRounds; ++saved.rounds) {
    if (!(*store)->save_round(sample_round(saved.rounds))) return saved;
    const std::uint64_t next = saved.rounds + 1;
    if (next % kSnapshotEvery != 0) continue;
    if (!(*store)->save_snapshot(sample_snapshot(next).view())) return ++saved.rounds, saved;
    saved.snapshot = next;
  }
  return saved;
}

/// Everything that was said to be saved is there, as far as the power allows, and nothing else but
/// the round that was on its way.
void check_kept(const Saved& saved, Durability durability, bool power_cut) {
  auto store = Store::open(kState, durability);
  if (!store) FAIL(store.error().message);
  const auto rounds = rounds_of(**store);
  const bool all = durability == Durability::Round || !power_cut;
  CHECK(rounds.size() >= (all ? saved.rounds : saved.snapshot));
  CHECK(rounds.size() <= saved.rounds + 1);
  for (std::uint64_t k = 0; k < rounds.size(); ++k) {
    const StoredRound expected = sample_round(k);
    REQUIRE(rounds[k].round == RoundId{k});
    CHECK((is_pruned(rounds[k]) ? same_figures(rounds[k], expected)
                                : same_round(rounds[k], expected)));
    if (k >= saved.snapshot) CHECK_FALSE(is_pruned(rounds[k]));
  }
  const auto snapshot = (*store)->latest_snapshot();
  if (!snapshot) FAIL(snapshot.error().message);
  if (saved.snapshot == 0) return;
  REQUIRE(snapshot->has_value());
  CHECK((*snapshot)->next_round >= RoundId{saved.snapshot});
  CHECK(same_snapshot(**snapshot, sample_snapshot((*snapshot)->next_round.value)));
}

TEST_CASE("the store keeps its promise, whichever change the process or the power dies on",
          "[coordinator][store]") {
  for (const auto durability : {Durability::Round, Durability::Snapshot})
    for (const bool power_cut : {false, true}) {
      std::uint64_t changes = 0;
      for (std::uint64_t at = 1;; ++at) {
        for (std::uint64_t luck = 1; luck <= (power_cut ? 6 : 2); ++luck) {
          INFO("change " << at << ", luck " << luck << ", power cut " << power_cut);
          CrashDisk disk;
          disk.die_after(at, luck);
          const Saved saved = save_all(durability);
          changes = disk.changes();
          disk.kill();
          disk.revive(power_cut, mix(at, luck));
          check_kept(saved, durability, power_cut);
        }
        if (changes < at) break;
      }
      CHECK(changes > 50);
    }
}

TEST_CASE(
    "a round that a start has found outlives a power cut, though nobody was told it was saved",
    "[coordinator][store]") {
  std::size_t found = 0;
  for (std::uint64_t at = 1; at <= 40; ++at)
    for (std::uint64_t luck = 1; luck <= 8; ++luck) {
      CrashDisk disk;
      {
        auto store = Store::open(kState, Durability::Round);
        REQUIRE((store && (*store)->begin_run(sample_header())));
        REQUIRE((*store)->save_round(sample_round(0)));
        // The process dies while it saves: what it wrote is in the machine's memory.
        disk.die_after(at, luck);
        std::ignore = (*store)->save_round(sample_round(1));
        disk.kill();
      }
      disk.revive(false, luck);
      std::size_t rounds = 0;
      {
        auto store = Store::open(kState, Durability::Round);
        REQUIRE(store);
        rounds = rounds_of(**store).size();  // agents are told of as many
        disk.kill();
      }
      disk.revive(true, mix(at, luck));
      auto store = Store::open(kState, Durability::Round);
      REQUIRE(store);
      INFO("change " << at << ", luck " << luck);
      CHECK(rounds_of(**store).size() == rounds);
      found += rounds == 2 ? 1U : 0U;
    }
  CHECK(found > 0);
}

TEST_CASE("a full disk fails with Full, and loses nothing that was saved", "[coordinator][store]") {
  for (const auto durability : {Durability::Round, Durability::Snapshot}) {
    CrashDisk disk;
    {
      auto store = Store::open(kState, durability);
      REQUIRE(store);
      REQUIRE((*store)->begin_run(sample_header()));
      REQUIRE((*store)->save_round(sample_round(0)));
      disk.set_full(true);
      const auto failed = (*store)->save_round(sample_round(1));
      REQUIRE_FALSE(failed);
      CHECK(failed.error().kind == ErrorKind::Full);
      disk.kill();
    }
    disk.revive(true, 3);
    disk.set_full(false);
    auto store = Store::open(kState, durability);
    REQUIRE(store);
    CHECK(rounds_of(**store).size() <= 1);
    CHECK((*store)->save_round(sample_round(rounds_of(**store).size())));
  }
}

/// Rounds that end with the same bytes.
StoredRound round_like_others(std::uint64_t number) {
  StoredRound round = sample_round(3);
  round.round = RoundId{number};
  return round;
}

TEST_CASE("a round that found no room is not there after a power cut either",
          "[coordinator][store]") {
  for (std::uint64_t luck = 1; luck <= 2000; ++luck) {
    CrashDisk disk;
    {
      RoundJournal journal(kState);
      REQUIRE(journal.open(sample_header().run));
      REQUIRE(journal.append(round_like_others(0)));
      journal.turn(RoundId{1});
      REQUIRE(journal.append(round_like_others(1)));
      REQUIRE(journal.synchronise());
      journal.turn(RoundId{1});
      // Over round 0: most of the new one and the rest of the old one are a whole one.
      disk.die_after(1000, luck);
      disk.set_full(true);
      REQUIRE_FALSE(journal.append(round_like_others(2)));
      disk.kill();
    }
    disk.revive(true, luck);
    disk.set_full(false);
    RoundJournal journal(kState);
    INFO("luck " << luck);
    REQUIRE(journal.open(sample_header().run, RoundId{0}));
    CHECK(journal.last() == RoundId{1});
  }
}

}  // namespace crash_disk_test
}  // namespace signet
