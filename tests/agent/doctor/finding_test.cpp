#include "agent/doctor/finding.hpp"

#include "tests/support/catch.hpp"

namespace signet {
namespace finding_test {

using Level = Finding::Level;

const Finding kFine{"memory", Level::Ok, "enough"};
const Finding kDoubtful{"disk", Level::Warning, "nearly full", "make room"};
const Finding kHidden{"keys", Level::Unseen, "not for us"};
const Finding kNoData{"data", Level::Problem, "none", "put some", ExitCode::Data};
const Finding kRefused{"coordinator", Level::Problem, "refused", "join", ExitCode::Refused};

TEST_CASE("a doctor's exit code is 0 only where the board can vote", "[agent][doctor]") {
  CHECK(exit_code_of({}) == ExitCode::Done);
  CHECK(exit_code_of({kFine, kDoubtful}) == ExitCode::Done);
  CHECK(exit_code_of({kFine, kHidden}) == ExitCode::Other);
  CHECK(exit_code_of({kHidden, kNoData, kRefused}) == ExitCode::Data);
  CHECK(exit_code_of({kRefused, kNoData}) == ExitCode::Refused);
}

TEST_CASE("a doctor prints a line for each check, advice below, and a verdict", "[agent][doctor]") {
  CHECK(to_text(Findings{kFine, kDoubtful, kNoData}) ==
        "ok       memory         enough\n"
        "warning  disk           nearly full\n"
        "                        -> make room\n"
        "problem  data           none\n"
        "                        -> put some\n"
        "this board cannot vote: 1 problem\n");
  CHECK(to_text(Findings{kFine}).ends_with("\nthis board can vote\n"));
  CHECK(to_text(Findings{kNoData, kRefused}).ends_with("2 problems\n"));
  CHECK(to_text(Findings{kHidden}).ends_with("sudo signet-agent doctor\n"));
}

TEST_CASE("a doctor's JSON escapes what a path may hold", "[agent][doctor]") {
  CHECK(to_json(Findings{{"data", Level::Ok, "a \"b\"\n"}}) ==
        "{\"can_vote\": true, \"exit_code\": 0, \"checks\": [\n"
        "  {\"check\": \"data\", \"level\": \"ok\", \"text\": \"a \\\"b\\\"\\u000a\", "
        "\"advice\": \"\"}\n]}\n");
  CHECK(to_json(Findings{kNoData}).starts_with("{\"can_vote\": false, \"exit_code\": 4, "));
}

TEST_CASE("a problem takes its advice from the error's message", "[agent][doctor]") {
  CHECK(problem_of("keys", {ErrorKind::Denied, "k: is open; chmod 600 k; then join"},
                   ExitCode::Configuration) == Finding{"keys", Level::Problem, "k: is open",
                                                       "chmod 600 k; then join",
                                                       ExitCode::Configuration});
  CHECK(problem_of("keys", {ErrorKind::Denied, "k: is open"}, ExitCode::Data).advice.empty());
}

}  // namespace finding_test
}  // namespace signet
