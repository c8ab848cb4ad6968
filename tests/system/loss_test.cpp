#include "tests/core/platform/words.hpp"
#include "tests/system/scene.hpp"

namespace signet {
namespace system_loss_test {

using namespace test;

JobKnobs patient_job() {
  JobKnobs knobs;
  knobs.rounds = 600;
  knobs.hidden = 64;
  knobs.batch = 64;
  return knobs;
}

/// The seconds of each "trying again in about N s" of an agent.
std::vector<long> waits_told(const Process& agent) {
  const std::string words = "trying again in about ", text = agent.err();
  std::vector<long> waits;
  for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1))
    waits.push_back(std::strtol(text.c_str() + at + words.size(), nullptr, 10));
  return waits;
}

void check_growing(const std::vector<long>& waits) {
  REQUIRE(waits.size() >= 2);
  for (std::size_t i = 1; i < waits.size(); ++i) CHECK(waits[i] > waits[i - 1]);
}

TEST_CASE("agents without a coordinator wait ever longer and join once it is there", "[system]") {
  auto knobs = patient_job();
  knobs.rounds = 20;
  Scene scene(knobs);
  auto agents = scene.start_agents();
  for (auto& agent : agents)
    REQUIRE(eventually([&] { return waits_told(agent).size() >= 2; }));
  for (auto& agent : agents) {
    INFO(agent.err());
    check_growing(waits_told(agent));
    CHECK(words_missing(agent.err(), {"no answer from the coordinator", scene.address()}) == "");
    CHECK(agent.running());
  }
  auto coordinator = scene.start_coordinator();
  const auto figures = require_finish(scene, coordinator, agents);
  CHECK(figures.at("replicas_equal") == true);
}

TEST_CASE("agents say that the coordinator is lost, wait for it and go on with it", "[system]") {
  auto knobs = patient_job();
  knobs.silence_s = 1;
  Scene scene(knobs);
  auto coordinator = scene.start_coordinator();
  auto agents = scene.start_agents();
  REQUIRE(eventually([&] { return round_shown(coordinator) > 20; }));
  coordinator.kill();
  for (auto& agent : agents)
    REQUIRE(eventually([&] { return waits_told(agent).size() >= 2; }));
  for (auto& agent : agents) {
    INFO(agent.err());
    CHECK(agent.says("the coordinator is silent; joining again"));
    check_growing(waits_told(agent));
  }
  coordinator = scene.start_coordinator();
  const auto figures = require_finish(scene, coordinator, agents);
  CHECK(figures.at("rounds") == knobs.rounds);
  CHECK(figures.at("agents") == 4);
  CHECK(figures.at("replicas_equal") == true);
}

TEST_CASE("a coordinator that is asked to stop exits with 0 and goes on at the next round",
          "[system]") {
  const auto knobs = patient_job();
  Scene scene(knobs), quiet(knobs);
  auto coordinator = scene.start_coordinator();
  auto agents = scene.start_agents();
  for (const int signal : {SIGTERM, SIGINT}) {
    const auto before = round_shown(coordinator);
    REQUIRE(eventually([&] { return round_shown(coordinator) > before + 20; }));
    coordinator.signal(signal);
    require_exit(scene, coordinator, 0);
    const auto stopped = scene.figures();
    INFO(scene.story());
    REQUIRE(stopped.is_object());
    CHECK(stopped.at("ended") == "stopped");
    CHECK(stopped.at("rounds").get<std::uint64_t>() < knobs.rounds);
    for (auto& agent : agents)
      CHECK(eventually([&] { return agent.says("the coordinator left: "); }));
    coordinator = scene.start_coordinator();
    const std::string resumed = "at round " + std::to_string(stopped.at("rounds").get<int>());
    CHECK(eventually([&] { return coordinator.says("agents may join"); }));
    CHECK(words_missing(coordinator.err(), {"going on with run", resumed}) == "");
  }
  const auto figures = require_finish(scene, coordinator, agents);
  CHECK(figures.at("rounds") == knobs.rounds);
  CHECK(figures.at("digest") == undisturbed(quiet).at("digest"));
}

TEST_CASE("an agent that is asked to stop exits with 0 and the others go on", "[system]") {
  const auto knobs = patient_job();
  Scene scene(knobs);
  auto coordinator = scene.start_coordinator();
  auto agents = scene.start_agents();
  REQUIRE(eventually([&] { return round_shown(coordinator) > 20; }));
  agents[2].signal(SIGINT);
  require_exit(scene, agents[2], 0);
  CHECK(agents[2].says("stopped"));
  const auto asked_at = round_shown(coordinator);
  agents[3].signal(SIGTERM);
  require_exit(scene, agents[3], 0);
  agents.erase(agents.begin() + 2, agents.end());
  const auto figures = require_finish(scene, coordinator, agents);
  INFO(scene.story());
  CHECK(asked_at < knobs.rounds);
  CHECK(figures.at("rounds") == knobs.rounds);
  CHECK(figures.at("agents") == 2);
  CHECK(figures.at("replicas_equal") == true);
  CHECK(coordinator.says("agent agent-2 left"));
  CHECK(coordinator.says("agent agent-3 left"));
}

TEST_CASE("a coordinator that waits for agents can be stopped", "[system]") {
  Scene scene;
  auto coordinator = scene.start_coordinator();
  REQUIRE(eventually([&] { return coordinator.says("waiting for agents: 0 of 4 are ready"); }));
  coordinator.signal(SIGTERM);
  require_exit(scene, coordinator, 0, std::chrono::seconds(20));
}

}  // namespace system_loss_test
}  // namespace signet
