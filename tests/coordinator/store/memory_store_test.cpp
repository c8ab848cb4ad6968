#include "coordinator/store/memory_store.hpp"

#include "tests/coordinator/store/store_samples.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace memory_store_test {

using namespace test;

/// Rounds 0..4, a snapshot before round 5, rounds 5..7, a crash.
std::shared_ptr<MemoryDisk> disk_after_crash(Durability durability) {
  auto disk = std::make_shared<MemoryDisk>();
  const auto store = *MemoryStore::open(disk, durability);
  REQUIRE(store->begin_run(sample_header()));
  for (std::uint64_t k = 0; k < 5; ++k) REQUIRE(store->save_round(sample_round(k)));
  REQUIRE(store->save_snapshot(sample_snapshot(5).view()));
  for (std::uint64_t k = 5; k < 8; ++k) REQUIRE(store->save_round(sample_round(k)));
  return disk;
}

TEST_CASE("a crash loses nothing that was saved in memory", "[coordinator][store]") {
  for (const auto durability : {Durability::Round, Durability::Snapshot}) {
    const auto disk = disk_after_crash(durability);
    CHECK(rounds_of(**MemoryStore::open(disk, durability)).size() == 8);
  }
}

TEST_CASE("a power cut loses what came after the last snapshot, unless every round is durable",
          "[coordinator][store]") {
  const auto careful = disk_after_crash(Durability::Round);
  careful->lose_power();
  CHECK(rounds_of(**MemoryStore::open(careful, Durability::Round)).size() == 8);

  const auto quick = disk_after_crash(Durability::Snapshot);
  quick->lose_power();
  const auto store = *MemoryStore::open(quick, Durability::Snapshot);
  CHECK(rounds_of(*store).size() == 5);
  CHECK(same_snapshot(store->latest_snapshot()->value(), sample_snapshot(5)));
  CHECK((*store->header())->run == sample_header().run);
  CHECK(store->save_round(sample_round(5)));
}

TEST_CASE("a disk in memory fills up after the writes it was given", "[coordinator][store]") {
  const auto disk = std::make_shared<MemoryDisk>();
  const auto store = *MemoryStore::open(disk, Durability::Round);
  disk->full_after(2);
  CHECK(store->save_round(sample_round(0)));
  CHECK(store->save_agent({"a", AgentId{0}, 1}));
  for (const auto& refused :
       {store->save_round(sample_round(1)), store->save_snapshot(sample_snapshot(1).view()),
        store->save_agent({"b", AgentId{1}, 1}), store->save_evaluation({RoundId{1}, 0, 0}),
        store->begin_run(sample_header())}) {
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::Full);
  }
  disk->full_after(std::nullopt);
  CHECK(store->save_round(sample_round(1)));
  CHECK(rounds_of(*store).size() == 2);
}

}  // namespace memory_store_test
}  // namespace signet
