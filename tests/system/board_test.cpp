// A board in trouble: what its owner is told, by whom, and what its service does then.
#include "core/platform/keys.hpp"
#include "tests/system/keys_scene.hpp"

namespace signet {
namespace system_board_test {

using namespace test;

Words doctor_command(const KeysScene& scene, std::size_t index, const Words& more = {}) {
  Words command = program(SIGNET_AGENT);
  for (const auto& word : {std::string("doctor"), std::string("--config"), scene.config(index)})
    command.push_back(word);
  return with_options(std::move(command), more);
}

/// The doctor's report on board `index`, which must end with `code`.
std::string report(KeysScene& scene, std::size_t index, int code, const Words& more = {}) {
  auto doctor = scene.start(doctor_command(scene, index, more), "doctor");
  require_exit(scene, doctor, code);
  CHECK(doctor.err() == "");
  return doctor.out();
}

std::string line_of(const std::string& text, const std::string& beginning) {
  const auto at = text.find(beginning);
  if (at == std::string::npos) return "";
  return text.substr(at, text.find('\n', at) - at);
}

void replace_in(const std::string& path, const std::string& from, const std::string& to) {
  std::string text = text_of(path);
  const auto at = text.find(from);
  SIGNET_CHECK(at != std::string::npos, path + " has no " + from);
  write_text(path, text.replace(at, from.size(), to));
}

TEST_CASE("a doctor finds that a joined board can vote, and the training does not notice",
          "[system][keys]") {
  KeysScene scene(two_boards());
  auto coordinator = scene.start_and_wait();
  scene.enrol_all();
  auto agents = scene.start_all_joined();
  const auto before = await_rounds(scene, coordinator, 0, 5);
  const std::string text = report(scene, 0, 0);
  INFO(text);
  CHECK(words_missing(text, {"800 samples of 8x8, 4 classes from 0 to 3", "lets this board's in",
                             "this board can vote"}) == "");
  CHECK(text.find("problem ") == std::string::npos);
  const std::string secret = line_of(text_of(scene.key(0)), "secret = ").substr(9);
  REQUIRE(secret.size() == 40);
  CHECK(text.find(secret) == std::string::npos);
  const auto json = nlohmann::json::parse(report(scene, 1, 0, {"--json"}));
  CHECK(json.at("can_vote") == true);
  CHECK(json.at("checks").size() >= 7);
  await_rounds(scene, coordinator, before, 5);
  CHECK(scene.agent("agent-0").at("resyncs") == 0);
  for (auto& agent : agents) CHECK(agent.running());
}

TEST_CASE("a doctor tells each trouble with its code, and what to do", "[system][keys]") {
  KeysScene scene(two_boards());
  auto coordinator = scene.start_and_wait();
  scene.enrol_all();
  const std::string whole = text_of(scene.config(0));

  REQUIRE(::chmod(scene.key(0).c_str(), 0644) == 0);
  CHECK(words_missing(report(scene, 0, 3), {"problem  keys", "-> ", "chmod 600"}) == "");
  REQUIRE(::chmod(scene.key(0).c_str(), 0600) == 0);

  replace_in(scene.config(0), scene.data(), scene / "nowhere");
  CHECK(words_missing(report(scene, 0, 4), {"problem  data", "no training data", "put this"}) ==
        "");
  write_text(scene.config(0), whole);

  const std::string key = line_of(whole, "server_key = ");
  replace_in(scene.config(0), key, "server_key = \"" + make_key_pair().public_key + "\"");
  CHECK(words_missing(report(scene, 0, 6), {"problem  coordinator", "server_key", "token"}) == "");
  write_text(scene.config(0), whole);

  replace_in(scene.config(0), "[log]", "nonsense = 1\n[log]");
  CHECK(words_missing(report(scene, 0, 3), {"problem  configuration", "nonsense"}) == "");
  write_text(scene.config(0), whole);

  scene.ordered({"revoke", "agent-1"});
  CHECK(words_missing(report(scene, 1, 7), {"problem  coordinator", "revoked"}) == "");
  coordinator.kill();
  CHECK(words_missing(report(scene, 0, 6), {"refused", "is the coordinator running"}) == "");
  CHECK(words_missing(report(scene, 0, 3, {"--config", scene / "none.toml"}),
                      {"problem  configuration", "signet-agent join TOKEN"}) == "");
}

TEST_CASE("a bench prints a table in about the time it was given, and writes it", "[system]") {
  Scene scene;
  auto command = program(SIGNET_AGENT);
  const std::string file = scene / "bench.json";
  for (const auto& word : {std::string("bench"), std::string("--seconds"), std::string("0.2"),
                           std::string("--json"), file})
    command.push_back(word);
  auto bench = scene.start(command, "bench");
  require_exit(scene, bench, 0);
  CHECK(words_missing(bench.out(), {"| parameters | pack |", "| 100,000 | ", "| fashion-cnn | "}) ==
        "");
  const auto json = nlohmann::json::parse(text_of(file));
  for (const auto& row : json.at("gradient_times")) CHECK(row.at("seconds") > 0);
  CHECK(json.at("kernel_times").size() >= 12);
  command.back() = scene / "nowhere/bench.json";
  auto nowhere = scene.start(command, "bench");
  require_exit(scene, nowhere, 3);
  CHECK(words_missing(nowhere.err(), {"nowhere", "create it"}) == "");
}

TEST_CASE("an agent whose host has no name yet tries on, and stops when it is told to",
          "[system]") {
  Scene scene;
  // No name has two dots in a row: the system's resolver knows without asking anybody.
  auto agent =
      scene.start_agent(0, {"--coordinator", "tcp://board..local:7300", "--encryption", "off"});
  require_soon(scene, [&] { return agent.says("looks for its coordinator"); });
  nap(500);
  CHECK(agent.running());
  agent.signal(SIGTERM);
  require_exit(scene, agent, 0);
}

TEST_CASE("an agent on a read-only or full disk votes all the same", "[system]") {
  JobKnobs knobs;
  knobs.agents = 2;
  Scene scene(knobs);
  SmallDisk disk("size=64k");
  if (!disk.available()) SKIP("mounting a small disk needs a privilege");
  REQUIRE(::setenv("RUNTIME_DIRECTORY", (disk / "").c_str(), 1) == 0);
  const int fd = ::open((disk / "hog").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  while (::write(fd, "x", 1) > 0) {
  }
  ::close(fd);
  std::vector<Process> agents;
  agents.push_back(scene.start_agent(0));
  require_soon(scene, [&] { return agents[0].says("cannot"); });
  REQUIRE(disk.make_read_only());
  agents.push_back(scene.start_agent(1));
  ::unsetenv("RUNTIME_DIRECTORY");
  auto coordinator = scene.start_coordinator();
  CHECK(require_finish(scene, coordinator, agents).at("replicas_equal") == true);
}

}  // namespace system_board_test
}  // namespace signet
