// Fleets under all faults at once, and what the simulation promises about itself.
#include <array>
#include <string>
#include <vector>

#include "tests/sim/faulty_fleet.hpp"
#include "tests/sim/minimise.hpp"
#include "tests/support/catch.hpp"

namespace signet {

using test::broken_by;
using test::draw_faulty_fleet;
using test::FaultyFleet;
using test::run_faulty_fleet;

TEST_CASE("no mix of faults breaks an invariant or keeps a run from its end", "[sim]") {
  constexpr std::uint64_t kFleets = 2000;
  std::array<std::uint64_t, kFaultKinds> struck{};
  std::uint64_t settled_ends = 0, rounds_lost = 0;
  for (std::uint64_t seed = 1; seed <= kFleets; ++seed) {
    const FaultyFleet drawn = draw_faulty_fleet(seed);
    const FleetResult result = run_faulty_fleet(drawn);
    INFO("seed " << seed << "; ./dev sim --replay " << seed << " shows all of it");
    for (const auto& what : broken_by(drawn, result)) FAIL_CHECK(what);
    for (const Fault& fault : result.faults) ++struck[static_cast<std::size_t>(fault.kind)];
    settled_ends +=
        result.finished_at > drawn.faults.faults_end + std::chrono::minutes(5) ? 1U : 0U;
    rounds_lost += result.rounds_lost;
  }
  // Else there is nothing in it that could break anything.
  for (std::size_t kind = 0; kind + 1 < kFaultKinds; ++kind) {
    INFO(name_of(static_cast<FaultKind>(kind)));
    CHECK(struck[kind] > 100);
  }
  CHECK(settled_ends > 10);
  CHECK(rounds_lost > 500);
}

TEST_CASE("a fleet is its seed: the same events, faults and lines, run after run", "[sim]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    std::array<std::vector<std::string>, 2> lines;
    std::array<FleetResult, 2> results;
    for (std::size_t i = 0; i < 2; ++i)
      results[i] = run_faulty_fleet(draw_faulty_fleet(seed), [&](Instant, const std::string& what) {
        lines[i].push_back(what);
      });
    CHECK(lines[0] == lines[1]);
    CHECK(results[0].events == results[1].events);
    CHECK(results[0].faults == results[1].faults);
    CHECK(results[0].digest == results[1].digest);
    // Looking on changes nothing.
    CHECK(run_faulty_fleet(draw_faulty_fleet(seed)).events == results[0].events);
  }
}

TEST_CASE("only the faults that are allowed strike", "[sim]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    FaultyFleet drawn = draw_faulty_fleet(seed);
    const auto all = run_faulty_fleet(drawn).faults;
    drawn.only.emplace();
    CHECK(run_faulty_fleet(drawn).faults.empty());
    if (all.empty()) continue;
    // The first comes before anything that could move it.
    drawn.only->insert(all.front());
    CHECK(run_faulty_fleet(drawn).faults == std::vector<Fault>{all.front()});
  }
}

TEST_CASE("minimise() leaves what it takes and no more", "[sim]") {
  // As if a coordinator might not die more than once.
  const auto dies_twice = [](const FaultyFleet& fleet) {
    return run_faulty_fleet(fleet).coordinator_crashes > 1;
  };
  std::uint64_t seed = 1;
  while (!dies_twice(draw_faulty_fleet(seed))) ++seed;
  const FaultyFleet least = test::minimise(draw_faulty_fleet(seed), 400, dies_twice);
  REQUIRE(least.only);
  CHECK(least.only->size() == 2);
  CHECK(dies_twice(least));
}

TEST_CASE("a run that does not end is found out", "[sim]") {
  FaultyFleet drawn = draw_faulty_fleet(1);
  drawn.job.round.quorum = drawn.agents + 1;
  const auto broken = broken_by(drawn, run_faulty_fleet(drawn));
  REQUIRE_FALSE(broken.empty());
}

}  // namespace signet
