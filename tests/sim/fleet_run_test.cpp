#include "fleet/fleet.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/small_fleet.hpp"

namespace signet {

namespace {

FleetResult run_fleet(const Job& job, FleetFaults faults = {}, std::uint64_t seed = 1,
                      Duration limit = std::chrono::hours(1)) {
  const Dataset test = test::make_blobs(300, test::kSmallFeatures, test::kSmallClasses, 1);
  auto fleet = Fleet::create(job, test::small_shards(job), test, faults, seed);
  REQUIRE(fleet);
  return (*fleet)->run(limit);
}

}  // namespace

TEST_CASE("a fleet without faults trains and ends with equal replicas", "[sim]") {
  const Job job = test::small_job();
  const auto result = run_fleet(job);
  for (const auto& v : result.violations) FAIL_CHECK(v);
  REQUIRE(result.summary);
  CHECK(result.rounds == job.stop.rounds);
  CHECK(result.summary->confirmed == 4);
  CHECK(result.summary->different == 0);
  CHECK(result.summary->digest == result.digest);
  for (const auto& report : result.reports) CHECK(report.voters == 4);
  REQUIRE_FALSE(result.judgements.empty());
  CHECK(result.judgements.back().accuracy() > 0.95);
}

TEST_CASE("the same job and seed give the same digest, another seed another", "[sim]") {
  const auto first = run_fleet(test::small_job());
  const auto again = run_fleet(test::small_job());
  const auto other = run_fleet(test::small_job(2));
  CHECK(first.digest == again.digest);
  CHECK(first.digest != other.digest);
}

TEST_CASE("delays and the order of arrival do not change the result", "[sim]") {
  FleetFaults slow;
  slow.delay_min = std::chrono::milliseconds(1);
  slow.delay_max = std::chrono::milliseconds(400);
  slow.train_max = std::chrono::milliseconds(700);
  const auto quick = run_fleet(test::small_job());
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const auto delayed = run_fleet(test::small_job(), slow, seed);
    CHECK(delayed.violations.empty());
    CHECK(delayed.digest == quick.digest);
  }
}

TEST_CASE("a coordinator that dies and comes back ends at the digest of an undisturbed run",
          "[sim]") {
  const auto undisturbed = run_fleet(test::small_job());
  FleetFaults faults;
  faults.coordinator_crash = 0.01;
  std::uint64_t crashes = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto result = run_fleet(test::small_job(), faults, seed);
    INFO("seed " << seed);
    for (const auto& v : result.violations) FAIL_CHECK(v);
    REQUIRE(result.summary);
    CHECK(result.digest == undisturbed.digest);
    crashes += result.coordinator_crashes;
  }
  CHECK(crashes >= 20);
}

TEST_CASE("weighted votes end at the same digest, however often the coordinator dies", "[sim]") {
  Job job = test::small_job();
  job.weights = VoteWeights::Mismatch;
  const auto undisturbed = run_fleet(job);
  REQUIRE(undisturbed.summary);
  CHECK(undisturbed.digest != run_fleet(test::small_job()).digest);
  FleetFaults faults;
  faults.coordinator_crash = 0.01;
  std::uint64_t crashes = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const auto result = run_fleet(job, faults, seed);
    for (const auto& v : result.violations) FAIL_CHECK(v);
    CHECK(result.digest == undisturbed.digest);
    crashes += result.coordinator_crashes;
  }
  CHECK(crashes >= 10);
}

TEST_CASE("every tie rule, zero rule and controller keeps replicas equal", "[sim]") {
  for (const TieRule tie : {TieRule::Random, TieRule::Hold, TieRule::Previous})
    for (const ZeroRule zero : {ZeroRule::Random, ZeroRule::Abstain})
      for (const auto controller :
           {ControllerKind::Guarded, ControllerKind::Paper, ControllerKind::InverseSqrt}) {
        Job job = test::small_job();
        job.tie = tie;
        job.training.zero = zero;
        job.rate.controller = controller;
        if (controller == ControllerKind::InverseSqrt) job.rate.value = 0.1;
        FleetFaults faults;
        faults.coordinator_crash = 0.005;
        const auto result = run_fleet(job, faults, 5);
        for (const auto& v : result.violations) FAIL_CHECK(v);
        REQUIRE(result.summary);
        CHECK(result.summary->different == 0);
        CHECK(result.rounds == job.stop.rounds);
      }
}

}  // namespace signet
