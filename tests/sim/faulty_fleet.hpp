#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "core/base/random.hpp"
#include "fleet/fleet.hpp"
#include "tests/support/small_fleet.hpp"

namespace signet::test {

/// One fleet drawn from one seed: which faults, how many, how long, and under which rules.
struct FaultyFleet {
  Job job;
  std::size_t agents = 4;
  FleetFaults faults;
};

/// Half of the kinds of faults are left out of each fleet, so that they meet in all combinations.
/// All end after ten minutes.
inline FaultyFleet draw_faulty_fleet(std::uint64_t seed) {
  Rng rng(mix(seed, 0xfa17));
  const auto often = [&rng] { return rng.below(2) == 0; };
  const auto share = [&](double most) { return often() ? 0.0 : most * double{rng.uniform()}; };
  const auto up_to_ms = [&rng](std::uint64_t most) {
    return std::chrono::milliseconds(1 + rng.below(most));
  };
  FaultyFleet drawn{small_job(seed), 4, {}};
  Job& job = drawn.job;
  job.stop.rounds = 40;
  job.evaluate.every = 0;
  job.state.snapshot_every = 1 + rng.below(20);
  job.state.durability = often() ? Durability::Round : Durability::Snapshot;
  // Deadlines on both sides of all the other waits.
  job.round.deadline_min = std::chrono::milliseconds(10) + up_to_ms(3000);
  job.round.deadline_max = job.round.deadline_min + up_to_ms(60'000);
  job.round.rejoin = up_to_ms(60'000);
  job.round.agents = 1 + static_cast<std::size_t>(rng.below(4));
  job.round.quorum = 1 + static_cast<std::size_t>(rng.below(job.round.agents));

  FleetFaults& f = drawn.faults;
  f.loss = share(0.3);
  f.duplicate = share(0.2);
  f.delay_max = up_to_ms(500);
  f.train_max = std::chrono::milliseconds(20) + up_to_ms(3000);
  f.coordinator_crash = share(0.01);
  f.agent_crash = share(0.01);
  f.crash_together = share(1);
  f.power_cut = share(1);
  f.restart_after = up_to_ms(20'000);
  f.partition = share(0.02);
  f.partition_max = up_to_ms(120'000);
  f.late_max = often() ? Duration{} : Duration(up_to_ms(60'000));
  f.faults_end = std::chrono::minutes(10);
  return drawn;
}

/// Its shards are those of a fleet of `agents`, whatever the job waits for.
inline FleetResult run_faulty_fleet(const FaultyFleet& drawn, std::uint64_t seed) {
  Job whole = drawn.job;
  whole.round.agents = drawn.agents;
  auto fleet = Fleet::create(drawn.job, small_shards(whole), std::nullopt, drawn.faults, seed);
  SIGNET_CHECK(fleet, "a small job makes a fleet");
  return (*fleet)->run(std::chrono::hours(24));
}

}  // namespace signet::test
