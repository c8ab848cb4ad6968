#include "core/job/job.hpp"
#include "tests/core/platform/words.hpp"
#include "tests/system/scene.hpp"

namespace signet {
namespace system_command_line_test {

using namespace test;

Process run_words(Scene& scene, const char* path, const Words& words) {
  auto command = program(path);
  command.insert(command.end(), words.begin(), words.end());
  return scene.start(command, "program");
}

TEST_CASE("four assertions that fail", "[.four]") {
  for (int i = 0; i < 4; ++i) CHECK(i > 4);
}

TEST_CASE("what a test skips before it fails", "[.skip]") {
  const auto part = [] { SKIP("a part of it"); };
  part();
  CHECK_FALSE(skipped_something);
}

TEST_CASE("a test that fails has failed, however often, and whatever it skipped", "[system]") {
  Scene scene;
  for (const char* which : {"[.four]", "[.skip]"}) {
    auto tests = run_words(scene, SIGNET_TESTS, {which});
    require_exit(scene, tests, 1);
    CHECK(tests.err().find("skipped") == std::string::npos);
    CHECK(tests.out().find("FAILED") != std::string::npos);
  }
}

TEST_CASE("help and version are answered on stdout and exit with 0", "[system]") {
  Scene scene;
  const std::pair<const char*, std::string> programs[] = {
      {SIGNET_COORDINATOR, "signet-coordinator"}, {SIGNET_AGENT, "signet-agent"}};
  for (const auto& [path, name] : programs) {
    auto help = run_words(scene, path, {"--help"});
    require_exit(scene, help, 0);
    CHECK(words_missing(help.out(), {"Usage: " + name, "run", "sample-config"}) == "");
    auto run_help = run_words(scene, path, {"run", "--help"});
    require_exit(scene, run_help, 0);
    CHECK(words_missing(run_help.out(), {"--config", "--data", "--log-level", "--check"}) == "");
    auto version = run_words(scene, path, {"--version"});
    require_exit(scene, version, 0);
    CHECK(version.out().find(name + " ") == 0);
    for (const auto* process : {&help, &run_help, &version}) CHECK(process->err().empty());
  }
}

TEST_CASE("words that nobody knows exit with 2, on stderr, with the nearest one", "[system]") {
  Scene scene;
  auto nothing = run_words(scene, SIGNET_COORDINATOR, {});
  require_exit(scene, nothing, 2);
  CHECK(words_missing(nothing.err(), {"a command is needed", "run", "--help"}) == "");
  auto typed_badly = run_words(scene, SIGNET_AGENT, {"runn"});
  require_exit(scene, typed_badly, 2);
  CHECK(words_missing(typed_badly.err(), {"runn", "did you mean run?"}) == "");
  auto no_name = scene.start_agent(0, {"--name", "two words"});
  require_exit(scene, no_name, 2);
  CHECK(words_missing(no_name.err(), {"--name", "two words", "A-Z"}) == "");
  for (const auto* process : {&nothing, &typed_badly, &no_name}) CHECK(process->out().empty());
}

TEST_CASE("a check looks at everything, says what it found and touches nothing", "[system]") {
  Scene scene;
  auto coordinator = scene.start_coordinator({"--check"});
  require_exit(scene, coordinator, 0);
  CHECK(words_missing(coordinator.out(), {"valid", "'blobs'", "260 parameters", scene.state()}) ==
        "");
  auto agent = scene.start_agent(0, {"--check"});
  require_exit(scene, agent, 0);
  CHECK(words_missing(agent.out(), {"valid", "'agent-0'", scene.address(), scene.data()}) == "");
  CHECK_FALSE(exists(scene.state()));

  const std::pair<Words, int> wrong[] = {{{"--check", "--data", scene / "nowhere"}, 4},
                                         {{"--check", "--state", scene / "nowhere/run"}, 5},
                                         {{"--check", "--json", scene / "nowhere/json"}, 3},
                                         {{"--check", "--config", scene / "nowhere"}, 3},
                                         {{"--check", "--rounds", "0"}, 2}};
  for (const auto& [words, code] : wrong) {
    auto checked = scene.start_coordinator(words);
    require_exit(scene, checked, code);
    CHECK(checked.says(words[1] == "--rounds" ? "--rounds" : scene / "nowhere"));
  }
  write_text(scene.job(), "name = \"no model\"\n");
  auto no_job = scene.start_coordinator({"--check"});
  require_exit(scene, no_job, 3);
  CHECK(words_missing(no_job.err(), {scene.job(), "name", "model.input", "model.layers"}) == "");
  auto no_data = run_words(scene, SIGNET_AGENT, {"run", "--check"});
  require_exit(scene, no_data, 3);
  CHECK(words_missing(no_data.err(), {"data.path", "--data DIR"}) == "");
}

TEST_CASE("the samples that the programs print are files that they read", "[system]") {
  Scene scene;
  auto job = run_words(scene, SIGNET_COORDINATOR, {"sample-job"});
  require_exit(scene, job, 0);
  CHECK(parse_job(job.out(), "sample"));
  auto board = run_words(scene, SIGNET_AGENT, {"sample-config"});
  require_exit(scene, board, 0);
  write_text(scene / "agent.toml", board.out());
  auto agent = scene.start_agent(0, {"--check", "--config", scene / "agent.toml"});
  require_exit(scene, agent, 0);
  auto laptop = run_words(scene, SIGNET_COORDINATOR, {"sample-config"});
  require_exit(scene, laptop, 0);
  write_text(scene / "coordinator.toml", laptop.out());
  auto coordinator = scene.start_coordinator({"--check", "--config", scene / "coordinator.toml"});
  require_exit(scene, coordinator, 0);
}

}  // namespace system_command_line_test
}  // namespace signet
