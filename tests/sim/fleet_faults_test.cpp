#include "fleet/fleet.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/small_fleet.hpp"

namespace signet {

TEST_CASE("an agent that is always late does not hold the others up", "[sim]") {
  // Training takes up to ten minutes for everybody in one run in three rounds; deadlines close
  // them.
  Job job = test::small_job();
  job.stop.rounds = 20;
  job.round.quorum = 2;
  job.round.deadline_max = std::chrono::seconds(30);
  FleetFaults faults;
  faults.train_min = std::chrono::milliseconds(20);
  faults.train_max = std::chrono::minutes(1);
  auto fleet = Fleet::create(job, test::small_shards(job), std::nullopt, faults, 3);
  REQUIRE(fleet);
  const FleetResult result = (*fleet)->run(std::chrono::hours(24));
  for (const auto& v : result.violations) FAIL_CHECK(v);
  REQUIRE(result.summary);
  CHECK(result.rounds == 20);
  bool closed_without_somebody = false;
  for (const auto& report : result.reports)
    closed_without_somebody = closed_without_somebody || report.voters < 4;
  CHECK(closed_without_somebody);
}

TEST_CASE("a coordinator that lost rounds to a power cut is followed back by all", "[sim]") {
  Job job = test::small_job();
  job.state.durability = Durability::Snapshot;
  FleetFaults faults;
  faults.coordinator_crash = 0.01;
  faults.power_cut = 1;
  faults.faults_end = std::chrono::minutes(2);
  std::uint64_t rounds_lost = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    auto fleet = Fleet::create(job, test::small_shards(job), std::nullopt, faults, seed);
    REQUIRE(fleet);
    const FleetResult result = (*fleet)->run(std::chrono::hours(1));
    INFO("seed " << seed);
    for (const auto& v : result.violations) FAIL_CHECK(v);
    REQUIRE(result.summary);
    CHECK(result.rounds == job.stop.rounds);
    CHECK(result.summary->different == 0);
    rounds_lost += result.rounds_lost;
  }
  CHECK(rounds_lost > 100);
}

TEST_CASE("a power cut takes no round back where each is on the disk", "[sim]") {
  const Job job = test::small_job();
  const auto run = [&job](FleetFaults faults, std::uint64_t seed) {
    auto fleet = Fleet::create(job, test::small_shards(job), std::nullopt, faults, seed);
    REQUIRE(fleet);
    return (*fleet)->run(std::chrono::hours(1));
  };
  const FleetResult undisturbed = run({}, 1);
  FleetFaults faults;
  faults.coordinator_crash = 0.01;
  faults.power_cut = 1;
  std::uint64_t crashes = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const FleetResult result = run(faults, seed);
    INFO("seed " << seed);
    for (const auto& v : result.violations) FAIL_CHECK(v);
    CHECK(result.digest == undisturbed.digest);
    CHECK(result.rounds_lost == 0);
    crashes += result.coordinator_crashes;
  }
  CHECK(crashes >= 20);
}

TEST_CASE("agents that come while a run is under way take part in it to its end", "[sim]") {
  Job job = test::small_job();
  job.stop.rounds = 200;
  const auto shards = test::small_shards(job);
  job.round.agents = 1;
  FleetFaults faults;
  faults.late_max = std::chrono::seconds(3);
  auto fleet = Fleet::create(job, shards, std::nullopt, faults, 4);
  REQUIRE(fleet);
  const FleetResult result = (*fleet)->run(std::chrono::hours(1));
  for (const auto& v : result.violations) FAIL_CHECK(v);
  REQUIRE(result.summary);
  CHECK(result.summary->confirmed == 4);
  CHECK(result.reports.front().voters < 4);
  CHECK(result.reports.back().voters == 4);
}

}  // namespace signet
