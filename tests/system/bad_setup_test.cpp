#include <sys/stat.h>

#include "tests/system/scene.hpp"

namespace signet {
namespace system_bad_setup_test {

using namespace test;

/// Fails unless the process ends with `code` and says all of the words on stderr, the first of them
/// in its first line.
void check_says(const Scene& scene, Process& process, int code, const Words& words) {
  require_exit(scene, process, code);
  const std::string text = process.err();
  INFO(text);
  CHECK(text.substr(0, text.find('\n')).find(words.front()) != std::string::npos);
  for (const auto& word : words) {
    INFO(word);
    CHECK(text.find(word) != std::string::npos);
  }
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  SIGNET_CHECK(at != std::string::npos, from);
  return text.replace(at, from.size(), to);
}

JobKnobs one_agent() {
  JobKnobs knobs;
  knobs.agents = 1;
  knobs.rounds = 5;
  return knobs;
}

/// A state file of a whole run.
void make_state(Scene& scene) {
  undisturbed(scene);
  REQUIRE(exists(scene.state()));
}

TEST_CASE("a coordinator whose port is in use says so, exits with 6 and leaves nothing behind",
          "[system]") {
  Scene scene;
  for (const unsigned taken : {scene.port(), scene.port() + 1}) {
    const PortHolder holder(taken);
    REQUIRE(holder.open());
    auto coordinator = scene.start_coordinator();
    check_says(scene, coordinator, 6,
               {"tcp://127.0.0.1:" + std::to_string(taken), "in use", "--listen"});
    CHECK_FALSE(exists(scene.state()));
  }
}

TEST_CASE("a taken port leaves the run alone that --fresh was to set aside", "[system]") {
  Scene scene(one_agent());
  make_state(scene);
  const auto saved = text_of(scene.state());
  const PortHolder holder(scene.port());
  auto coordinator = scene.start_coordinator({"--fresh"});
  check_says(scene, coordinator, 6, {"in use"});
  CHECK(text_of(scene.state()) == saved);
  CHECK_FALSE(exists(scene.state() + ".old"));
}

TEST_CASE("an address that cannot be read is a mistake of the command line", "[system]") {
  Scene scene;
  for (const std::string& address :
       Words{"127.0.0.1:7300", "tcp://127.0.0.1", "tcp://127.0.0.1:99999"}) {
    auto coordinator = scene.start_coordinator({"--listen", address});
    check_says(scene, coordinator, 2,
               {"signet-coordinator: --listen: is '" + address + "'", "tcp://HOST:PORT"});
    auto agent = scene.start_agent(0, {"--coordinator", address});
    check_says(scene, agent, 2,
               {"signet-agent: --coordinator: is '" + address + "'", "tcp://HOST:PORT"});
  }
}

TEST_CASE("an unknown key of a job is told with its line and the key that was meant", "[system]") {
  Scene scene;
  const std::string text = job_text({});
  write_text(scene.job(), replaced(text, "heartbeat_s", "hartbeat_s"));
  const auto line =
      1 + std::count(text.begin(),
                     text.begin() + static_cast<std::ptrdiff_t>(text.find("heartbeat_s")), '\n');
  auto coordinator = scene.start_coordinator();
  check_says(scene, coordinator, 3,
             {scene.job() + ":" + std::to_string(line) + ": round.hartbeat_s",
              "did you mean round.heartbeat_s?"});
}

TEST_CASE("layers that do not fit together are told with the line of the layer", "[system]") {
  Scene scene;
  write_text(scene.job(), replaced(job_text({}), "{ type = \"flatten\" }",
                                   "{ type = \"max_pool\", kernel = 9 }"));
  auto coordinator = scene.start_coordinator();
  check_says(scene, coordinator, 3, {scene.job(), "max_pool", "9"});
}

TEST_CASE("a job changed under a saved run is refused, and the changed keys are named",
          "[system]") {
  Scene scene(one_agent());
  make_state(scene);
  const auto saved = text_of(scene.state());
  write_text(scene.job(), replaced(job_text(one_agent()), "batch = 16", "batch = 8"));
  auto coordinator = scene.start_coordinator({"--seed", "9"});
  check_says(
      scene, coordinator, 5,
      {scene.state(), "the job was changed", "seed", "training.batch", "--state", "--fresh"});
  CHECK_FALSE(coordinator.says("stop.rounds"));
  CHECK(text_of(scene.state()) == saved);

  // What the message proposes works, and keeps what was there.
  coordinator = scene.start_coordinator({"--seed", "9", "--fresh"});
  auto agents = scene.start_agents();
  CHECK(require_finish(scene, coordinator, agents).at("seed") == 9);
  CHECK(text_of(scene.state() + ".old") == saved);
}

TEST_CASE("a file that is no state of ours stays as it is, byte for byte", "[system]") {
  Scene scene;
  for (const std::string& content :
       Words{"my diary\n", std::string(5000, '\0'),
             std::string("SQLite format 3") + std::string(200, '\0')}) {
    write_text(scene.state(), content);
    for (const Words& more : {Words{}, Words{"--fresh"}}) {
      auto coordinator = scene.start_coordinator(more);
      require_exit(scene, coordinator, 5);
      INFO(coordinator.err());
      CHECK(coordinator.says(scene.state()));
      CHECK(text_of(scene.state()) == content);
      CHECK_FALSE(exists(scene.state() + ".old"));
    }
  }
}

TEST_CASE("a second coordinator cannot use the state file of the first", "[system]") {
  Scene scene(one_agent()), elsewhere;
  auto first = scene.start_coordinator();
  require_soon(scene, [&] { return first.says("agents may join"); });
  for (const Words& more : {Words{}, Words{"--fresh"}}) {
    auto command = elsewhere.coordinator_command(more);
    std::replace(command.begin(), command.end(), elsewhere.state(), scene.state());
    auto second = elsewhere.start(command, "second");
    check_says(elsewhere, second, 5, {scene.state(), "in use", "another process"});
  }
  auto agents = scene.start_agents();
  CHECK(require_finish(scene, first, agents).at("replicas_equal") == true);
}

TEST_CASE("places that cannot be written are told before the training, not after it", "[system]") {
  Scene scene;
  const std::string nowhere = scene / "nowhere";
  auto state = scene.start_coordinator({"--state", nowhere + "/run.signet"});
  check_says(scene, state, 5, {nowhere + "/run.signet", "does not exist", "create it"});
  auto json = scene.start_coordinator({"--json", nowhere + "/run.json"});
  check_says(scene, json, 3, {nowhere + "/run.json", "does not exist", "create it"});
  auto model = scene.start_coordinator({"--export", nowhere + "/run.safetensors"});
  check_says(scene, model, 3, {nowhere + "/run.safetensors", "does not exist", "create it"});
  CHECK_FALSE(exists(scene.state()));
}

TEST_CASE("a folder that may not be written to is named with what to check", "[system]") {
  Scene scene;
  const std::string folder = scene / "closed";
  std::filesystem::create_directories(folder);
  REQUIRE(::chmod(folder.c_str(), 0555) == 0);
  if (::access(folder.c_str(), W_OK) == 0) SKIP("this user may write to any folder");
  auto coordinator = scene.start_coordinator({"--state", folder + "/run.signet"});
  check_says(scene, coordinator, 5, {folder, "Permission denied"});
}

}  // namespace system_bad_setup_test
}  // namespace signet
