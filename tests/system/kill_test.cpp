#include "core/base/random.hpp"
#include "tests/system/scene.hpp"

namespace signet {
namespace system_kill_test {

using namespace test;

/// After some more rounds, and then at a moment of its own in each case.
std::uint64_t await_moment(const Scene& scene, Process& coordinator, std::uint64_t since,
                           Rng& rng) {
  await_rounds(scene, coordinator, since, 10);
  nap(static_cast<int>(rng.below(40)));
  return round_shown(coordinator);
}

/// A job whose rate has a memory, and which takes this machine seconds enough for five deaths.
JobKnobs timed_job() {
  auto knobs = endless_job();
  knobs.rate = "controller = \"guarded\"";
  knobs.rounds = 200;
  Scene pilot(knobs);
  const double pace = undisturbed(pilot).at("rounds_per_second").get<double>();
  knobs.rounds = static_cast<unsigned>(200 + 3 * pace);
  return knobs;
}

TEST_CASE("a coordinator killed five times ends at the digest of an undisturbed run", "[system]") {
  const auto knobs = timed_job();
  Scene scene(knobs), quiet(knobs);
  Rng rng(2);
  auto coordinator = scene.start_coordinator();
  auto agents = scene.start_agents();
  std::uint64_t round = 0;
  for (int death = 0; death < 5; ++death) {
    round = await_moment(scene, coordinator, round, rng);
    coordinator.kill();
    coordinator = scene.start_coordinator();
    require_soon(scene, [&] { return coordinator.says("agents may join"); });
    CHECK(coordinator.says("going on with run"));
  }
  const auto figures = require_finish(scene, coordinator, agents);
  CHECK(figures.at("rounds") == knobs.rounds);
  CHECK(figures.at("replicas_equal") == true);
  CHECK(figures.at("digest") == undisturbed(quiet).at("digest"));
}

TEST_CASE("a run goes on while agents are killed and come back", "[system]") {
  auto knobs = endless_job();
  knobs.heartbeat_s = 0.1;
  knobs.deadline_min_s = 0.3;
  Scene scene(knobs);
  Rng rng(3);
  auto coordinator = scene.start_coordinator();
  auto agents = scene.start_agents();
  std::uint64_t round = 0;
  for (std::size_t death = 0; death < 5; ++death) {
    round = await_moment(scene, coordinator, round, rng);
    auto& victim = agents[(3 * death + 1) % 4];
    victim.kill();
    round = await_moment(scene, coordinator, round, rng);  // The others go on without it.
    victim = scene.start_agent((3 * death + 1) % 4);
    require_soon(scene, [&] { return victim.says("data loaded"); });
  }
  await_moment(scene, coordinator, round, rng);
  const auto ending = finish_soon(scene, coordinator, agents);
  INFO(scene.story());
  CHECK(ending.finished.at("agents") == 4);
  CHECK(ending.finished.at("test_accuracy").get<double>() > 0.9);
}

TEST_CASE("a killed agent has its name back at once, however seldom agents show themselves",
          "[system]") {
  auto knobs = endless_job();
  // Without word from the closed connection the name would be taken for 75 s, longer than this
  // test waits. An update that came before its subscription is asked for within 38 s.
  knobs.heartbeat_s = 30;
  knobs.silence_s = 10'000;
  Scene scene(knobs);
  auto coordinator = scene.start_coordinator();
  auto agents = scene.start_agents();
  Rng rng(5);
  std::uint64_t round = await_moment(scene, coordinator, 0, rng);
  agents[1].kill();
  agents[1] = scene.start_agent(1);
  // The rounds wait for it: for 100 s, until they close without it.
  round = await_moment(scene, coordinator, round, rng);
  require_soon(scene, [&] { return agents[1].says("data loaded"); });
  // Nobody else gets a name that is in use.
  auto second = scene.start_agent(1);
  require_soon(scene, [&] { return second.says("another agent named"); });
  await_moment(scene, coordinator, round, rng);
  CHECK_FALSE(second.says("data loaded"));
  second.kill();
  const auto ending = finish_soon(scene, coordinator, agents);
  CHECK(ending.finished.at("agents") == 4);
}

TEST_CASE("coordinator and agents killed at the same time go on together", "[system]") {
  Scene scene(endless_job());
  Rng rng(4);
  auto coordinator = scene.start_coordinator();
  auto agents = scene.start_agents();
  const auto round = await_moment(scene, coordinator, 0, rng);
  coordinator.kill();
  for (auto& agent : agents) agent.kill();
  coordinator = scene.start_coordinator();
  agents = scene.start_agents();
  await_moment(scene, coordinator, round, rng);
  const auto ending = finish_soon(scene, coordinator, agents);
  CHECK(ending.finished.at("agents") == 4);
}

}  // namespace system_kill_test
}  // namespace signet
