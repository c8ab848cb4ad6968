#include <string>
#include <vector>

#include "cli/options.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace simulate_options_test {

using Words = std::vector<std::string>;

SimulateCommand command_of(Words words) {
  words.insert(words.begin(), {"simulate", "job.toml"});
  const auto parsed = parse_signet_options(words);
  if (const auto* now = std::get_if<ExitNow>(&parsed)) FAIL(now->text);
  REQUIRE(std::holds_alternative<SimulateCommand>(parsed));
  return std::get<SimulateCommand>(parsed);
}

void check_refused(Words words, const std::string& part) {
  words.insert(words.begin(), {"simulate", "job.toml"});
  const auto parsed = parse_signet_options(words);
  REQUIRE(std::holds_alternative<ExitNow>(parsed));
  const auto& now = std::get<ExitNow>(parsed);
  INFO(now.text);
  CHECK(now.code == ExitCode::Usage);
  CHECK(now.text.find(part) != std::string::npos);
}

TEST_CASE("signet simulate takes a job and needs nothing else", "[cli]") {
  const SimulateCommand command = command_of({});
  CHECK(command.job_file == "job.toml");
  CHECK(command.method == "vote");
  CHECK_FALSE(command.options.baseline);
  CHECK(command.options.split == SplitSpec{});
  CHECK(command.options.threads == 0);
}

TEST_CASE("signet simulate takes a study's options", "[cli]") {
  const SimulateCommand command = command_of(
      {"--agents",      "32",        "--seed",    "7",         "--rounds", "90",         "--split",
       "dirichlet:0.1", "--liars",   "0.33:flip", "--batches", "8-256",    "--json",     "a.json",
       "--rows",        "--threads", "2",         "--rate",    "1e-3",     "--momentum", "0"});
  CHECK(command.overrides == JobOverrides{32, 7, 90});
  CHECK(command.options.split.kind == SplitKind::Dirichlet);
  CHECK(command.options.split.alpha == 0.1);
  REQUIRE(command.options.liars);
  CHECK(command.options.liars->share == 0.33);
  REQUIRE(command.options.batches);
  CHECK(*command.options.batches == BatchRange{8, 256});
  CHECK(command.rows);
  CHECK(command.options.threads == 2);
  CHECK(command.vote_rate == 1e-3);
  CHECK(command.vote_momentum == 0.0);
}

TEST_CASE("signet simulate gives a baseline its own settings", "[cli]") {
  const SimulateCommand command = command_of(
      {"--method", "fedavg", "--rate", "0.05", "--local-steps", "5", "--schedule", "cosine"});
  REQUIRE(command.options.baseline);
  CHECK(command.options.baseline->method == Method::FedAvg);
  CHECK(command.options.baseline->rate == 0.05);
  CHECK(command.options.baseline->local_steps == 5);
  CHECK(command.options.baseline->schedule == Schedule::Cosine);
}

TEST_CASE("what signet simulate cannot use is named with its option", "[cli]") {
  check_refused({"--split", "dirichlet"}, "--split: ");
  check_refused({"--liars", "2:flip"}, "--liars: ");
  check_refused({"--batches", "9-8"}, "--batches: ");
  check_refused({"--method", "fedavgg"}, "did you mean fedavg?");
  check_refused({"--rows"}, "--rows: needs --json");
  check_refused({"--threads", "0"}, "--threads: is 0");
  check_refused({"--mu", "0.1"}, "--mu: is for --method fedprox");
  check_refused({"--local-steps", "3"}, "--local-steps: is for --method");
  check_refused({"--method", "sgd", "--liars", "0.1:flip"}, "--liars: is for --method vote");
  check_refused({"--rate", "0"}, "--rate: must be");
  check_refused({"--agents", "0"}, "--agents: ");
}

}  // namespace simulate_options_test
}  // namespace signet
