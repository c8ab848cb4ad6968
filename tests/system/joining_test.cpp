// From a token to a vote, with real processes; and what may go wrong on the way.
#include "tests/system/keys_scene.hpp"

namespace signet {
namespace system_joining_test {

using namespace test;

TEST_CASE("boards join by one command each, and train as they would without keys",
          "[system][keys]") {
  JobKnobs knobs;
  KeysScene scene(knobs);
  auto coordinator = scene.start_and_wait();
  CHECK(mode_of(scene.fleet() + ".key") == 0600U);
  CHECK(mode_of(scene.fleet()) == 0600U);
  scene.enrol_all();
  CHECK(mode_of(scene.key(0)) == 0600U);
  CHECK(scene.agent("agent-1").at("state") == "absent");
  CHECK(scene.agent("agent-1").at("key") == "enrolled");
  auto agents = scene.start_all_joined();
  const auto figures = require_finish(scene, coordinator, agents);
  CHECK(figures.at("replicas_equal") == true);
  CHECK(figures.at("agents") == knobs.agents);
  check_as_undisturbed(knobs, figures);
}

TEST_CASE("keys outlive a run, a restart, and a token that was made before it", "[system][keys]") {
  KeysScene scene(two_boards());
  auto coordinator = scene.start_and_wait();
  scene.enrol(0);
  const std::string later = scene.token({"--name", "agent-1"});
  coordinator.kill();
  coordinator = scene.start_and_wait();
  auto joining = scene.join(1, later);
  require_exit(scene, joining, 0);
  coordinator.kill();
  coordinator = scene.start_and_wait({"--fresh"});
  auto agents = scene.start_all_joined();
  await_rounds(scene, coordinator, 0, 10);
  stop_here(scene, coordinator);
}

TEST_CASE("a join token works once, and the board that used it may ask again", "[system][keys]") {
  KeysScene scene(two_boards());
  auto coordinator = scene.start_and_wait();
  const std::string token = scene.token();
  auto first = scene.join(0, token);
  require_exit(scene, first, 0);
  auto second = scene.join(1, token);
  require_exit(scene, second, 7);
  CHECK(words_missing(second.err(), {"has been used", "signet token"}) == "");
  CHECK_FALSE(exists(scene.config(1)));
  // As if the answer had been lost: the key is there, the configuration is not.
  std::filesystem::remove(scene.config(0));
  auto again = scene.join(0, token);
  require_exit(scene, again, 0);
  CHECK(exists(scene.config(0)));
  // Another token for the board that was too late.
  auto third = scene.join(1, scene.token());
  require_exit(scene, third, 0);
  CHECK(scene.ordered({"token", "--list"}) == "no open tokens\n");
}

TEST_CASE("a board that was killed while it joined joins with the same token", "[system][keys]") {
  KeysScene scene(two_boards());
  auto coordinator = scene.start_and_wait();
  const std::string token = scene.token();
  // The coordinator is stopped: the board waits for its answer, and dies.
  coordinator.signal(SIGSTOP);
  auto dying = scene.join(0, token);
  require_soon(scene, [&] { return exists(scene.key(0)); });
  nap(200);
  dying.kill();
  coordinator.signal(SIGCONT);
  auto again = scene.join(0, token);
  require_exit(scene, again, 0);
  CHECK(scene.agent("agent-0").at("key") == "enrolled");
}

TEST_CASE("a withdrawn token is worth nothing", "[system][keys]") {
  KeysScene scene(two_boards());
  auto coordinator = scene.start_and_wait();
  const std::string first = scene.token(), second = scene.token({"--name", "agent-1"});
  CHECK(scene.ordered({"token", "--list"}) == "1\n2  for agent-1\n");
  scene.ordered({"token", "--revoke", "1"});
  auto joining = scene.join(0, first);
  require_exit(scene, joining, 7);
  CHECK(words_missing(joining.err(), {"not known here", "withdrawn"}) == "");
  scene.ordered({"token", "--revoke", "all"});
  auto other = scene.join(1, second);
  require_exit(scene, other, 7);
}

TEST_CASE("what hinders a board from joining is told, with what to do", "[system][keys]") {
  KeysScene scene(two_boards());
  auto coordinator = scene.start_and_wait();
  const std::string token = scene.token();
  auto damaged = scene.join(0, token.substr(0, 40));
  require_exit(scene, damaged, 2);
  CHECK(words_missing(damaged.err(), {"damaged", "copy all of it again"}) == "");
  scene.enrol(0);
  auto twice = scene.join(0, token);
  require_exit(scene, twice, 3);
  CHECK(words_missing(twice.err(), {scene.config(0), "has joined a fleet already"}) == "");
  auto taken = scene.join(1, token, {"--name", "agent-0"});
  require_exit(scene, taken, 7);
  CHECK(words_missing(taken.err(), {"'agent-0' is enrolled already", "--name"}) == "");
  auto nowhere = scene.join(1, token, {"--config", scene / "no/such/agent.toml"});
  require_exit(scene, nowhere, 3);
  CHECK(words_missing(nowhere.err(), {"does not exist"}) == "");
  const std::string unreachable = scene.token({"--address", "tcp://127.0.0.1:1"});
  coordinator.kill();
  auto nobody = scene.join(1, unreachable, {"--timeout-s", "1"});
  require_exit(scene, nobody, 6);
  CHECK(words_missing(nobody.err(), {"tcp://127.0.0.1:", "no answer", "firewall"}) == "");
}

TEST_CASE("a coordinator with other keys than the token says is told apart", "[system][keys]") {
  KeysScene scene(two_boards());
  auto coordinator = scene.start_and_wait();
  const std::string token = scene.token();
  coordinator.kill();
  std::filesystem::remove(scene.fleet() + ".key");
  coordinator = scene.start_and_wait();
  auto joining = scene.join(0, token);
  require_exit(scene, joining, 7);
  CHECK(words_missing(joining.err(), {"does not have the coordinator's key"}) == "");
}

TEST_CASE("a key file that others may read stops the board and the coordinator", "[system][keys]") {
  KeysScene scene(two_boards());
  auto coordinator = scene.start_and_wait();
  scene.enrol(0);
  coordinator.kill();
  REQUIRE(::chmod(scene.key(0).c_str(), 0644) == 0);
  auto agent = scene.start_joined(0);
  require_exit(scene, agent, 3);
  CHECK(words_missing(agent.err(), {scene.key(0), "chmod 600"}) == "");
  REQUIRE(::chmod((scene.fleet() + ".key").c_str(), 0640) == 0);
  coordinator = scene.start_encrypted();
  require_exit(scene, coordinator, 5);
  CHECK(words_missing(coordinator.err(), {scene.fleet() + ".key", "chmod 600"}) == "");
}

TEST_CASE("an agent without keys does not speak to another machine unless it is told to",
          "[system][keys]") {
  Scene scene;
  auto agent = scene.start_agent(0, {"--coordinator", "tcp://192.0.2.1:7300"});
  require_exit(scene, agent, 3);
  CHECK(words_missing(agent.err(),
                      {"tcp://192.0.2.1:7300", "signet-agent join", "--encryption off"}) == "");
}

TEST_CASE("orders to a coordinator without keys are refused with what to do", "[system][keys]") {
  KeysScene scene(two_boards());
  auto coordinator = scene.start_coordinator();
  require_soon(scene, [&] { return coordinator.says("agents may join at"); });
  CHECK(coordinator.says("not encrypted"));
  for (const Words& words : {Words{"token"}, Words{"revoke", "x"}, Words{"rename", "x", "y"}}) {
    auto order = scene.signet(words);
    require_exit(scene, order, 7);
    CHECK(words_missing(order.err(), {"runs without keys", "--encryption on"}) == "");
  }
}

}  // namespace system_joining_test
}  // namespace signet
