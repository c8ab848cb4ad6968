// Real agents on boards that get hot.
#include <optional>

#include "tests/core/platform/service_manager.hpp"
#include "tests/support/fake_board.hpp"
#include "tests/system/asking.hpp"

namespace signet {
namespace system_guest_test {

using namespace test;

TEST_CASE("a board that gets too hot abstains, is seen to, and votes again when it is cooler",
          "[system]") {
  auto knobs = endless_job();
  knobs.agents = 2;
  Scene scene(knobs);
  FakeBoard cool, warm;
  cool.put_zone(0, "cpu-thermal", "45000");
  warm.put_zone(0, "cpu-thermal", "50000");
  auto coordinator = scene.start_coordinator();
  std::vector<Process> agents;
  agents.push_back(scene.start_agent(0, {"--board-root", cool.root()}));
  agents.push_back(scene.start_agent(1, {"--board-root", warm.root()}));
  await_rounds(scene, coordinator, 0, 5);
  CHECK(agent(scene, 1).at("state") == "voting");

  warm.put_zone(0, "cpu-thermal", "82400");
  require_soon(scene, [&] { return agent(scene, 1).at("state") == "abstaining"; });
  const auto hot = agent(scene, 1);
  CHECK(hot.at("remark") == "abstained: too hot (82 C)");
  CHECK(hot.at("last_abstention") == "too hot (82 C)");
  CHECK(agents[1].says("pauses: too hot (82 C)"));
  // The other one goes on alone.
  await_rounds(scene, coordinator, round_shown(coordinator), 20);
  CHECK(agent(scene, 0).at("state") == "voting");

  // Both: the round waits, and says why.
  cool.put_zone(0, "cpu-thermal", "90000");
  require_soon(scene, [&] { return agent(scene, 0).at("state") == "abstaining"; });
  require_soon(scene, [&] {
    return status(scene).at("waiting") ==
           "waiting for 1 more vote: the quorum is 1; paused: 2 agents";
  });
  const auto stands = status(scene).at("round").get<std::uint64_t>();

  warm.put_zone(0, "cpu-thermal", "60000");
  require_soon(scene, [&] { return agent(scene, 1).at("state") == "voting"; });
  CHECK(agents[1].says("trains at full pace again"));
  await_rounds(scene, coordinator, stands, 20);
  cool.put_zone(0, "cpu-thermal", "60000");
  finish_soon(scene, coordinator, agents);
}

TEST_CASE("rules for guests change with a reload, and the service manager hears of a pause",
          "[system]") {
  // A manager that nobody empties would stop who speaks to it: it is there for the agent alone, and
  // only as long as it is listened to.
  std::optional<Manager> manager;
  const auto heard = [&](const std::string& words) {
    for (const auto& state : manager->heard())
      if (state.find(words) != std::string::npos) return true;
    return false;
  };
  JobKnobs knobs = endless_job();
  knobs.agents = 1;
  Scene scene(knobs);
  FakeBoard board;
  board.put_zone(0, "cpu-thermal", "60000");
  const std::string file = scene / "agent.toml";
  const std::string addressed = "coordinator = \"" + scene.address() + "\"\n";
  write_text(file, addressed);
  auto coordinator = scene.start_coordinator();
  manager.emplace("60000000");
  std::vector<Process> agents;
  agents.push_back(scene.start_agent(0, {"--config", file, "--board-root", board.root()}));
  require_soon(scene, [&] { return heard("STATUS=round "); });

  write_text(file, addressed + "[guest]\ntoo_hot_c = 55\n");
  agents[0].signal(SIGHUP);
  require_soon(scene, [&] { return heard("abstained: too hot (60 C)"); });
  manager.reset();
  CHECK_FALSE(agents[0].says("too_hot_c: changed"));
  CHECK(agent(scene, 0).at("remark") == "abstained: too hot (60 C)");

  write_text(file, addressed);
  agents[0].signal(SIGHUP);
  await_rounds(scene, coordinator, round_shown(coordinator), 5);
  finish_soon(scene, coordinator, agents);
}

}  // namespace system_guest_test
}  // namespace signet
