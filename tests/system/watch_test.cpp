#include <sys/stat.h>

#include "core/platform/control_client.hpp"
#include "tests/core/platform/words.hpp"
#include "tests/system/asking.hpp"

namespace signet {
namespace system_watch_test {

using namespace test;
using nlohmann::json;

bool is_socket(const std::string& path) {
  struct stat about = {};
  return ::lstat(path.c_str(), &about) == 0 && S_ISSOCK(about.st_mode);
}

JobKnobs watched_job() {
  auto knobs = endless_job();
  knobs.agents = 3;
  knobs.deadline_min_s = 0.5;
  knobs.silence_s = 3;
  return knobs;
}

TEST_CASE("signet status and agents tell of a run, a killed agent and a killed coordinator",
          "[system]") {
  Scene scene(watched_job());
  const std::string socket = scene.state() + ".control";
  auto coordinator = scene.start_coordinator();
  require_soon(scene, [&] { return is_socket(socket); });
  require_soon(scene, [&] { return coordinator.says("agents may join"); });
  CHECK(status(scene).at("state") == "waiting");
  CHECK(status(scene).at("waiting") == "waiting for 3 more agents");

  auto agents = scene.start_agents();
  const auto rounds = await_rounds(scene, coordinator, 0, 20);
  const json now = status(scene);
  INFO(now.dump());
  CHECK(now.at("job") == "blobs");
  CHECK(now.at("state") == "collecting");
  CHECK(now.at("round").get<std::uint64_t>() >= rounds);
  CHECK(now.at("agents_ready") == 3);
  CHECK(now.at("rate").get<double>() > 0);
  CHECK(now.at("train_loss").get<double>() > 0);
  CHECK(now.at("bytes_up").get<double>() > 0);
  for (std::size_t i = 0; i < 3; ++i) {
    const json one = agent(scene, i);
    INFO(one.dump());
    CHECK(one.at("votes").get<int>() > 0);
    CHECK(one.at("samples").get<int>() > 200);
    CHECK(one.at("response_s").get<double>() > 0);
  }

  agents[1].kill();
  require_soon(scene, [&] { return agent(scene, 1).at("state") == "lost"; });
  const json lost = agent(scene, 1);
  CHECK(lost.at("remark").get<std::string>().rfind("lost ", 0) == 0);
  CHECK(lost.at("heard_s").get<double>() >= 3);
  CHECK(agent(scene, 0).at("state") == "voting");
  CHECK(status(scene).at("agents_live") == 2);

  coordinator.kill();
  CHECK(is_socket(socket));
  auto nobody = ask(scene, {"status", "--state", scene.state()});
  require_exit(scene, nobody, 6);
  CHECK(words_missing(nobody.err(), {socket, "the coordinator was killed"}) == "");
  CHECK(nobody.out().empty());
  coordinator = scene.start_coordinator();
  require_soon(scene, [&] { return coordinator.says("may ask at " + socket); });
  CHECK(status(scene).at("round").get<std::uint64_t>() >= rounds);
  CHECK(agent(scene, 1).at("state") == "lost");
  CHECK(agent(scene, 1).at("heard_s").is_null());

  stop_here(scene, coordinator);
  CHECK_FALSE(exists(socket));
}

TEST_CASE("signet says for people what it says for programs", "[system]") {
  auto knobs = watched_job();
  knobs.agents = 2;
  Scene scene(knobs);
  auto coordinator =
      scene.start_coordinator({"--progress", "line", "--control", scene / "questions"});
  auto agents = scene.start_agents();
  await_rounds(scene, coordinator, 0, 5);
  CHECK_FALSE(exists(scene.state() + ".control"));
  CHECK(words_missing(answer(scene, {"status", "--control", scene / "questions"}),
                      {"blobs", "collecting", "of 1000000 done", "2 live", "train loss"}) == "");
  CHECK(words_missing(answer(scene, {"agents", "--control", scene / "questions"}),
                      {"AGENT", "REMARK", "agent-0", "agent-1", "voting"}) == "");
  stop_here(scene, coordinator);
}

TEST_CASE("a path without a coordinator ends with 6, a folder with none as well", "[system]") {
  Scene scene;
  auto wrong = ask(scene, {"agents", "--control", scene / "nowhere"});
  require_exit(scene, wrong, 6);
  CHECK(words_missing(wrong.err(), {scene / "nowhere", "is the run going on"}) == "");
  auto file = ask(scene, {"status", "--control", scene.job()});
  require_exit(scene, file, 6);
  CHECK(words_missing(file.err(), {scene.job(), "is no socket"}) == "");
}

TEST_CASE("a flood of questions, good and bad, neither stops nor changes a run", "[system]") {
  auto knobs = watched_job();
  knobs.rounds = 300;
  knobs.deadline_min_s = 100;
  knobs.silence_s = 20;
  Scene scene(knobs);
  auto coordinator = scene.start_coordinator();
  require_soon(scene, [&] { return coordinator.says("agents may join"); });
  auto client = ControlClient::open(scene.state() + ".control");
  REQUIRE(client);
  auto agents = scene.start_agents();
  std::size_t answered = 0;
  const Words questions{"", "{", R"({"version": 9})", R"({"version": 1, "ask": "agents"})"};
  while (coordinator.running()) {
    const auto& question = questions[answered % questions.size()];
    if (!(*client)->ask(view_bytes(question), std::chrono::seconds(2))) break;  // It has ended.
    ++answered;
  }
  const auto figures = require_finish(scene, coordinator, agents);
  CHECK(answered > 300);
  check_as_undisturbed(knobs, figures);
}

TEST_CASE("a control path that no socket can have is warned of, and the run goes on", "[system]") {
  JobKnobs knobs;
  knobs.agents = 1;
  Scene scene(knobs);
  const std::string path = scene / std::string(150, 'x');
  auto coordinator = scene.start_coordinator({"--control", path});
  auto agents = scene.start_agents();
  require_finish(scene, coordinator, agents);
  CHECK(words_missing(coordinator.err(), {"signet status and agents cannot ask", path,
                                          "at most 107 bytes", "--control"}) == "");
}

}  // namespace system_watch_test
}  // namespace signet
