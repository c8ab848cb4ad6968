#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/random.hpp"
#include "core/job/job.hpp"
#include "tests/core/config/source_tree.hpp"
#include "tests/core/job/some_jobs.hpp"
#include "tests/support/catch.hpp"

namespace signet {

namespace canonical_test {

Job job_from(const std::string& text) {
  const auto job = parse_job(text, "x.toml");
  if (!job) FAIL(job.error().message);
  return *job;
}

void check_round_trip(const Job& job) {
  const auto text = canonical_text(job);
  INFO(text);
  const auto back = parse_job(text, "canonical");
  if (!back) FAIL(back.error().message);
  CHECK(*back == job);
  CHECK(canonical_text(*back) == text);
}

/// Names of all files in jobs/, without ".toml".
std::vector<std::string> shipped_jobs() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(SIGNET_SOURCE_DIR "/jobs"))
    if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
  return names;
}

}  // namespace canonical_test

using canonical_test::check_round_trip;
using canonical_test::job_from;

TEST_CASE("every shipped job is valid, carries its file's name and survives its canonical text",
          "[core][job]") {
  const auto names = canonical_test::shipped_jobs();
  CHECK(names.size() >= 4);
  for (const auto& name : names) {
    INFO(name);
    const auto job = job_from(test::read_source("jobs/" + name + ".toml"));
    CHECK(job.name == name);
    check_round_trip(job);
  }
}

TEST_CASE("a job without a single default survives its canonical text", "[core][job]") {
  check_round_trip(job_from(test::unusual_job()));
}

TEST_CASE("jobs with targets, a fixed rate and odd numbers survive their canonical text",
          "[core][job]") {
  auto job = job_from(
      "name = \"x\"\nmodel.input = [4]\nmodel.layers = [{ type = \"dense\", units = 2 }]\n"
      "model.loss = \"mean_squared_error\"\ndata.format = \"npy\"\ndata.targets = [\"a\", \"ü\"]\n"
      "rate.controller = \"fixed\"\nrate.value = 1e-4\n");
  for (const double value : {1e-12, 1.0 / 3.0, 0.1 + 0.2, 999.9999999999999}) {
    job.rate.value = value;
    job.rate.smoothness = value * 1e15;
    job.training.momentum = value / 1001;
    job.round.silence = Duration(2000001);
    check_round_trip(job);
  }
}

TEST_CASE("the canonical text has one key a line, in a fixed order", "[core][job]") {
  const auto text = canonical_text(job_from(test::smallest_job()));
  CHECK(text.rfind("name = \"x\"\nseed = 1\ndata.format = \"idx\"\ndata.classes = 2\n", 0) == 0);
  CHECK(text.find("model.layers = [{ type = \"dense\", units = 2 }]\n") != std::string::npos);
  CHECK(text.find("rate.value") == std::string::npos);
  for (std::size_t start = 0; start < text.size(); start = text.find('\n', start) + 1)
    CHECK(text.find(" = ", start) < text.find('\n', start));
  const auto reordered = job_from(
      "model.layers = [{ units = 2, type = \"dense\" }]\nmodel.input = [4]\n"
      "data.classes = 2\n# A remark.\nname = \"x\"\n");
  CHECK(canonical_text(reordered) == text);
}

TEST_CASE("parse_job gives a job or an error for any damaged text", "[core][job]") {
  Rng rng(5);
  const std::string whole = test::unusual_job();
  std::size_t jobs = 0, errors = 0;
  for (int i = 0; i < 2000; ++i) {
    auto text = whole;
    for (std::uint64_t edits = 1 + rng.below(4); edits > 0; --edits) {
      const auto at = static_cast<std::size_t>(rng.below(text.size()));
      const auto length = static_cast<std::size_t>(rng.below(6));
      const auto added = static_cast<std::size_t>(rng.below(2));
      const auto byte = static_cast<char>(rng.below(256));
      text.replace(at, length, std::string(added, byte));
    }
    const auto job = parse_job(text, "x.toml");
    (job ? jobs : errors) += 1;
    if (job) check_round_trip(*job);
    if (!job) CHECK(job.error().message.rfind("x.toml:", 0) == 0);
  }
  CHECK(jobs > 0);
  CHECK(errors > 0);
}

TEST_CASE("the lines of layers do not make jobs differ, every key does", "[core][job]") {
  const auto job = job_from(test::smallest_job());
  auto other = job;
  other.model.layers[0].line = 99;
  CHECK(other == job);
  other.model.layers[0].units = 3;
  CHECK_FALSE(other == job);
  other = job;
  other.data.ignored_columns = {"a"};
  CHECK_FALSE(other == job);
}

TEST_CASE("changed_keys names exactly the key that was changed", "[core][job]") {
  const auto saved = job_from(test::unusual_job());
  using Change = std::function<void(Job&)>;
  const std::vector<std::pair<std::string, Change>> changes = {
      {"name", [](Job& j) { j.name = "y"; }},
      {"seed", [](Job& j) { j.seed = 2; }},
      {"data.format", [](Job& j) { j.data.format = DataFormat::Npy; }},
      {"data.classes", [](Job& j) { j.data.classes = 4; }},
      {"data.label", [](Job& j) { j.data.label_column = "kind"; }},
      {"data.targets", [](Job& j) { j.data.target_columns = {"t"}; }},
      {"data.ignore", [](Job& j) { j.data.ignored_columns.pop_back(); }},
      {"data.normalise", [](Job& j) { j.normalise = Normalise::None; }},
      {"model.input", [](Job& j) { j.model.input = {240}; }},
      {"model.loss", [](Job& j) { j.model.loss = LossKind::Reconstruction; }},
      {"model.layers", [](Job& j) { j.model.layers[7].units = 4; }},
      {"training.batch", [](Job& j) { j.training.batch = 101; }},
      {"training.micro_batches", [](Job& j) { j.training.micro_batches = 6; }},
      {"training.momentum", [](Job& j) { j.training.momentum = 0.10000000000000002; }},
      {"training.zero", [](Job& j) { j.training.zero = ZeroRule::Random; }},
      {"vote.tie", [](Job& j) { j.tie = TieRule::Hold; }},
      {"vote.weights", [](Job& j) { j.weights = VoteWeights::Mismatch; }},
      {"rate.controller", [](Job& j) { j.rate.controller = ControllerKind::Fixed; }},
      {"rate.value", [](Job& j) { j.rate.value = 0.3; }},
      {"rate.smoothness", [](Job& j) { j.rate.smoothness = BySecant{}; }},
      {"rate.statistic", [](Job& j) { j.rate.statistic = Statistic::Local; }},
      {"round.agents", [](Job& j) { j.round.agents = 8; }},
      {"round.quorum", [](Job& j) { j.round.quorum = 4; }},
  };
  CHECK(changed_keys(saved, saved).empty());
  for (const auto& [key, change] : changes) {
    auto now = saved;
    change(now);
    INFO(key);
    CHECK(changed_keys(saved, now) == std::vector<std::string>{key});
  }
  auto all = saved;
  std::vector<std::string> names;
  for (const auto& [key, change] : changes) {
    change(all);
    names.push_back(key);
  }
  CHECK(changed_keys(saved, all) == names);
}

TEST_CASE("changed_keys leaves out what may change between restarts", "[core][job]") {
  const auto saved = job_from(test::unusual_job());
  auto now = saved;
  now.stop = StopSpec{};
  now.state = StateSpec{};
  now.evaluate = EvaluateSpec{};
  const auto agents = now.round.agents, quorum = now.round.quorum;
  now.round = RoundSpec{};
  now.round.agents = agents;
  now.round.quorum = quorum;
  CHECK_FALSE(now == saved);
  CHECK(changed_keys(saved, now).empty());
  now.model.layers[0].line += 7;
  CHECK(changed_keys(saved, now).empty());
}

TEST_CASE("the sample is shipped as jobs/sample.toml and has every default", "[core][job]") {
  CHECK(test::read_source("jobs/sample.toml") == sample_job());
  auto job = job_from(sample_job());
  Job defaults;
  defaults.name = job.name;
  defaults.data = job.data;
  defaults.data.format = DataFormat::Idx;
  defaults.model = job.model;
  const VotePlan plan = vote_plan(defaults);
  defaults.training.local_steps = plan.local_steps;
  defaults.training.local_rate = plan.local_rate;
  defaults.training.noise = plan.noise;
  defaults.training.error_feedback = plan.error_feedback;
  CHECK(job == defaults);
}

TEST_CASE("the documentation lists the job's keys and layers as they are", "[core][job]") {
  CHECK(test::documented("job") == job_key_markdown());
  CHECK(test::documented("layer") == layer_markdown());
}

}  // namespace signet
