#include "fleet/fleet.hpp"
#include "tests/sim/faulty_fleet.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/small_fleet.hpp"

namespace signet {

namespace {

// One fleet drawn from one seed: which faults, how many, how long.
FleetFaults draw_faults(std::uint64_t seed) {
  Rng rng(mix(seed, 0xfa17));
  const auto share = [&rng](double most) {
    return rng.below(2) == 0 ? 0.0 : most * double{rng.uniform()};
  };
  FleetFaults f;
  f.loss = share(0.3);
  f.duplicate = share(0.2);
  f.delay_max = std::chrono::milliseconds(1 + rng.below(500));
  f.train_max = std::chrono::milliseconds(20 + rng.below(3000));
  f.coordinator_crash = share(0.01);
  f.agent_crash = share(0.01);
  f.restart_after = std::chrono::milliseconds(100 + rng.below(20'000));
  f.faults_end = std::chrono::minutes(10);
  return f;
}

}  // namespace

TEST_CASE("no mix of loss, delay, repeats and crashes breaks an invariant or ends a run", "[sim]") {
  std::uint64_t crashes = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Job job = test::small_job(seed);
    job.stop.rounds = 40;
    auto fleet = Fleet::create(job, test::small_shards(job), std::nullopt, draw_faults(seed), seed);
    REQUIRE(fleet);
    const FleetResult result = (*fleet)->run(std::chrono::hours(24));
    INFO("seed " << seed << ", rounds " << result.rounds);
    for (const auto& v : result.violations) FAIL_CHECK(v);
    // Liveness: faults end, so every run must.
    CHECK(result.summary);
    CHECK(result.rounds == job.stop.rounds);
    CHECK(result.resyncs == 0);
    crashes += result.coordinator_crashes + result.agent_crashes;
  }
  CHECK(crashes > 200);
}

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

TEST_CASE("partitions, latecomers, power cuts and deaths together end no run either", "[sim]") {
  std::uint64_t crashes = 0, partitions = 0, rounds_lost = 0, undisturbed_ends = 0;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    const test::FaultyFleet drawn = test::draw_faulty_fleet(seed);
    const FleetResult result = test::run_faulty_fleet(drawn, seed);
    INFO("seed " << seed << ", rounds " << result.rounds);
    for (const auto& v : result.violations) FAIL_CHECK(v);
    CHECK(result.rounds == drawn.job.stop.rounds);
    REQUIRE(result.summary);
    CHECK(result.summary->digest == result.digest);
    CHECK(result.summary->different == 0);
    CHECK(result.summary->confirmed <= result.summary->agents);
    // A disk that keeps its promise leaves no replica on a way of its own.
    if (drawn.job.state.durability == Durability::Round) {
      CHECK(result.resyncs == 0);
      CHECK(result.rounds_lost == 0);
    }
    // An end that comes well after the last fault is everybody's.
    if (result.finished_at > drawn.faults.faults_end + std::chrono::minutes(3)) {
      ++undisturbed_ends;
      CHECK(result.agents_finished == drawn.agents);
      CHECK(result.summary->confirmed == drawn.agents);
    }
    crashes += result.coordinator_crashes + result.agent_crashes;
    partitions += result.partitions;
    rounds_lost += result.rounds_lost;
  }
  CHECK(crashes > 5000);
  CHECK(partitions > 5000);
  CHECK(rounds_lost > 500);
  CHECK(undisturbed_ends > 0);
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
