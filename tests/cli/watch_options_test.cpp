#include "cli/options.hpp"
#include "cli/watch.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace watch_options_test {

using Words = std::vector<std::string>;

WatchCommand watch_of(const Words& words) {
  const auto parsed = parse_signet_options(words);
  if (const auto* now = std::get_if<ExitNow>(&parsed)) FAIL(now->text);
  REQUIRE(std::holds_alternative<WatchCommand>(parsed));
  return std::get<WatchCommand>(parsed);
}

void check_exit(const Words& words, ExitCode code, const std::string& part) {
  const auto parsed = parse_signet_options(words);
  REQUIRE(std::holds_alternative<ExitNow>(parsed));
  const auto& now = std::get<ExitNow>(parsed);
  INFO(now.text);
  CHECK(now.code == code);
  CHECK(now.text.find(part) != std::string::npos);
}

TEST_CASE("signet status and agents take every option", "[cli]") {
  CHECK(watch_of({"status"}) == WatchCommand{});
  WatchCommand expected;
  expected.ask = WatchCommand::Ask::Agents;
  expected.state_file = "run.signet";
  expected.json = true;
  expected.timeout = std::chrono::milliseconds(1500);
  CHECK(watch_of({"agents", "--json", "--state", "run.signet", "--timeout-s", "1.5"}) == expected);
  expected = WatchCommand{};
  expected.control_path = "/run/s";
  CHECK(watch_of({"status", "--control", "/run/s"}) == expected);
}

TEST_CASE("help of the watching commands names their options", "[cli]") {
  for (const char* command : {"status", "agents"})
    for (const char* option : {"--state", "--control", "--json", "--timeout-s"})
      check_exit({command, "--help"}, ExitCode::Done, option);
  check_exit({"status", "--version"}, ExitCode::Done, "signet ");
}

TEST_CASE("wrong options of the watching commands end with code 2 and are named", "[cli]") {
  check_exit({"statsu"}, ExitCode::Usage, "did you mean status?");
  check_exit({"status", "now"}, ExitCode::Usage, "now");
  check_exit({"status", "--timeout-s", "soon"}, ExitCode::Usage, "--timeout-s: is 'soon'");
  for (const char* bad : {"0", "-1", "3601"})
    check_exit({"agents", "--timeout-s", bad}, ExitCode::Usage, "must be 0.1 to 3600 seconds");
  check_exit({"agents", "--state", "a", "--control", "b"}, ExitCode::Usage,
             "--state and --control: give one of them");
}

TEST_CASE("the only control socket in a folder is taken, others want to be named", "[cli]") {
  const auto one = only_socket({"a.signet.control"});
  REQUIRE(one);
  CHECK(*one == "a.signet.control");
  const auto none = only_socket({});
  REQUIRE_FALSE(none);
  CHECK(none.error().kind == ErrorKind::Missing);
  CHECK(none.error().message.find("--state FILE") != std::string::npos);
  const auto several = only_socket({"a.signet.control", "b.signet.control"});
  REQUIRE_FALSE(several);
  CHECK(several.error().kind == ErrorKind::Malformed);
  CHECK(several.error().message.find("--control: a.signet.control, b.signet.control") !=
        std::string::npos);
}

}  // namespace watch_options_test
}  // namespace signet
