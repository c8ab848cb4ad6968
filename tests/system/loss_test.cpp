#include "tests/core/platform/words.hpp"
#include "tests/system/scene.hpp"

namespace signet {
namespace system_loss_test {

using namespace test;

/// The seconds of each "trying again in about N s" of an agent.
std::vector<long> waits_told(const Process& agent) {
  const std::string words = "trying again in about ", text = agent.err();
  std::vector<long> waits;
  for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1))
    waits.push_back(std::strtol(text.c_str() + at + words.size(), nullptr, 10));
  return waits;
}

void check_waits(const Process& agent) {
  INFO(agent.err());
  const auto waits = waits_told(agent);
  REQUIRE(waits.size() >= 2);
  for (std::size_t i = 1; i < waits.size(); ++i) CHECK(waits[i] > waits[i - 1]);
  CHECK(agent.says("no answer from the coordinator"));
}

TEST_CASE("agents that never had a coordinator, or lost it, wait ever longer and then go on",
          "[system]") {
  auto knobs = endless_job();
  knobs.silence_s = 1;
  Scene scene(knobs);
  knobs.rounds = 20;
  knobs.agents = 1;
  Scene early(knobs);
  auto agent_of_nobody = early.start_agents();

  auto coordinator = scene.start_coordinator();
  auto agents = scene.start_agents();
  const auto before = await_rounds(scene, coordinator, 0, 20);
  coordinator.kill();
  agents.push_back(std::move(agent_of_nobody.front()));
  for (auto& agent : agents) require_soon(scene, [&] { return waits_told(agent).size() >= 2; });
  for (auto& agent : agents) {
    check_waits(agent);
    CHECK(agent.running());
  }
  agent_of_nobody.front() = std::move(agents.back());
  agents.pop_back();
  for (auto& agent : agents) CHECK(agent.says("the coordinator is silent; joining again"));
  CHECK(agent_of_nobody.front().says(early.address()));

  coordinator = scene.start_coordinator();
  auto late_coordinator = early.start_coordinator();
  require_finish(early, late_coordinator, agent_of_nobody);
  await_rounds(scene, coordinator, before, 20);
  const auto ending = finish_soon(scene, coordinator, agents);
  CHECK(ending.finished.at("agents") == 4);
}

TEST_CASE("a coordinator that is asked to stop exits with 0 and goes on at the next round",
          "[system]") {
  const auto knobs = endless_job();
  Scene scene(knobs);
  auto coordinator = scene.start_coordinator();
  auto agents = scene.start_agents();
  std::uint64_t round = 0;
  for (const int signal : {SIGTERM, SIGINT}) {
    round = await_rounds(scene, coordinator, round, 20);
    coordinator.signal(signal);
    require_exit(scene, coordinator, 0);
    const auto stopped = scene.figures();
    REQUIRE(stopped.is_object());
    CHECK(stopped.at("ended") == "stopped");
    CHECK(stopped.at("rounds").get<std::uint64_t>() >= round);
    for (auto& agent : agents)
      require_soon(scene, [&] { return agent.says("the coordinator left: "); });
    coordinator = scene.start_coordinator();
    require_soon(scene, [&] { return coordinator.says("agents may join"); });
    CHECK(words_missing(coordinator.err(),
                        {"going on with run",
                         "at round " + std::to_string(stopped.at("rounds").get<int>()) + "\n"}) ==
          "");
  }
  await_rounds(scene, coordinator, round, 20);
  const auto ending = finish_soon(scene, coordinator, agents);
  check_as_undisturbed(knobs, ending.stopped);
}

TEST_CASE("a run that is given more rounds at a restart ends as if it had had them at once",
          "[system]") {
  const auto knobs = endless_job();
  Scene scene(knobs);
  auto coordinator = scene.start_coordinator();
  auto agents = scene.start_agents();
  await_rounds(scene, coordinator, 0, 50);
  const auto ending = finish_soon(scene, coordinator, agents);
  check_as_undisturbed(knobs, ending.finished);
}

TEST_CASE("a fresh run owes nothing to the run before it, though the agents are the same",
          "[system]") {
  const auto knobs = endless_job();
  Scene scene(knobs);
  auto coordinator = scene.start_coordinator();
  auto agents = scene.start_agents();
  await_rounds(scene, coordinator, 0, 50);
  stop_here(scene, coordinator);
  coordinator = scene.start_coordinator({"--progress", "line", "--fresh"});
  await_rounds(scene, coordinator, 0, 20);
  check_as_undisturbed(knobs, stop_here(scene, coordinator));
}

TEST_CASE("an agent that is asked to stop exits with 0 and the others go on", "[system]") {
  Scene scene(endless_job());
  auto coordinator = scene.start_coordinator();
  auto agents = scene.start_agents();
  auto round = await_rounds(scene, coordinator, 0, 20);
  for (const int signal : {SIGINT, SIGTERM}) {
    agents.back().signal(signal);
    require_exit(scene, agents.back(), 0);
    CHECK(agents.back().says("stopped"));
    agents.pop_back();
    const std::string left = "agent " + Scene::name_of(agents.size()) + " left: ";
    require_soon(scene, [&] { return coordinator.says(left); });
    round = await_rounds(scene, coordinator, round, 20);
  }
  const auto ending = finish_soon(scene, coordinator, agents);
  CHECK(ending.finished.at("agents") == 2);
}

TEST_CASE("a coordinator that waits for agents says so and can be stopped", "[system]") {
  Scene scene;
  auto coordinator = scene.start_coordinator();
  require_soon(scene, [&] { return coordinator.says("waiting for agents: 0 of 4 are ready"); });
  coordinator.signal(SIGTERM);
  require_exit(scene, coordinator, 0);
}

}  // namespace system_loss_test
}  // namespace signet
