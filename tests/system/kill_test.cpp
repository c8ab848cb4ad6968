#include "core/base/random.hpp"
#include "tests/core/platform/words.hpp"
#include "tests/system/scene.hpp"

namespace signet {
namespace system_kill_test {

using namespace test;

/// Rounds of some milliseconds, and enough of them that five deaths fit in.
JobKnobs long_run() {
  JobKnobs knobs;
  knobs.rounds = 1200;
  knobs.hidden = 64;
  knobs.batch = 64;
  return knobs;
}

/// Waits until rounds were closed after `round`, and then for a moment of its own in each case.
std::uint64_t await_progress(const Scene& scene, Process& coordinator, std::uint64_t round,
                             Rng& rng) {
  const bool moved = eventually(
      [&] { return round_shown(coordinator) > round + 20 || !coordinator.running(); });
  nap(static_cast<int>(rng.below(40)));
  INFO(scene.story());
  REQUIRE(moved);
  REQUIRE(coordinator.running());
  return round_shown(coordinator);
}

/// What a run of this job ends at when nothing happens to it.
std::string digest_undisturbed(const JobKnobs& knobs) {
  Scene scene(knobs);
  return undisturbed(scene).at("digest");
}

TEST_CASE("a coordinator killed five times ends at the digest of an undisturbed run", "[system]") {
  const auto knobs = long_run();
  Scene scene(knobs);
  Rng rng(2);
  auto coordinator = scene.start_coordinator();
  auto agents = scene.start_agents();
  std::uint64_t round = 0;
  for (int death = 0; death < 5; ++death) {
    round = await_progress(scene, coordinator, round, rng);
    coordinator.kill();
    coordinator = scene.start_coordinator();
    INFO(scene.story());
    REQUIRE(eventually([&] { return coordinator.says("agents may join"); }));
    CHECK(coordinator.says("going on with run"));
  }
  const auto figures = require_finish(scene, coordinator, agents);
  INFO(scene.story());
  CHECK(figures.at("rounds") == knobs.rounds);
  CHECK(figures.at("replicas_equal") == true);
  CHECK(figures.at("digest") == digest_undisturbed(knobs));
}

TEST_CASE("a run goes on while agents are killed and come back", "[system]") {
  auto knobs = long_run();
  knobs.batch = 512;  // A board is away for half a second: the others must not be done by then.
  knobs.rounds = 700;
  knobs.heartbeat_s = 0.1;
  knobs.deadline_min_s = 0.3;
  Scene scene(knobs);
  Rng rng(3);
  auto coordinator = scene.start_coordinator();
  auto agents = scene.start_agents();
  std::uint64_t round = 0;
  for (std::size_t death = 0; death < 5; ++death) {
    round = await_progress(scene, coordinator, round, rng);
    const std::size_t victim = (3 * death + 1) % 4;
    agents[victim].kill();
    agents[victim] = scene.start_agent(victim);
    // Back when it has been told where the run is: the next one dies only then.
    INFO(scene.story());
    REQUIRE(eventually([&] { return agents[victim].says("data loaded"); }));
  }
  const auto figures = require_finish(scene, coordinator, agents);
  INFO(scene.story());
  CHECK(figures.at("rounds") == knobs.rounds);
  CHECK(figures.at("agents") == 4);
  CHECK(figures.at("replicas_equal") == true);
  CHECK(figures.at("test_accuracy").get<double>() > 0.9);
}

TEST_CASE("coordinator and agents killed at the same time go on together", "[system]") {
  const auto knobs = long_run();
  Scene scene(knobs);
  Rng rng(4);
  auto coordinator = scene.start_coordinator();
  auto agents = scene.start_agents();
  const auto round = await_progress(scene, coordinator, 0, rng);
  coordinator.kill();
  for (auto& agent : agents) agent.kill();
  coordinator = scene.start_coordinator();
  agents = scene.start_agents();
  await_progress(scene, coordinator, round, rng);
  const auto figures = require_finish(scene, coordinator, agents);
  CHECK(figures.at("rounds") == knobs.rounds);
  CHECK(figures.at("replicas_equal") == true);
}

}  // namespace system_kill_test
}  // namespace signet
