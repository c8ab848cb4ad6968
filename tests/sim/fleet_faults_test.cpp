#include "fleet/fleet.hpp"
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

TEST_CASE("no mix of loss, delay, repeats and crashes breaks an invariant or ends a run",
          "[sim]") {
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
  // Training takes up to ten minutes for everybody in one run in three rounds; deadlines close them.
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

}  // namespace signet
