#include "core/job/job.hpp"

#include <string>
#include <vector>

#include "tests/core/config/source_tree.hpp"
#include "tests/core/job/some_jobs.hpp"
#include "tests/support/catch.hpp"

namespace signet {

namespace job_test {

Error error_of(const std::string& text) {
  const auto job = parse_job(text, "jobs/x.toml");
  INFO(text);
  REQUIRE_FALSE(job);
  return job.error();
}

/// The smallest job with `lines` after it, which begin at line 4.
Error error_after_smallest(const std::string& lines) {
  return error_of(test::smallest_job() + lines);
}

/// A contradiction: its kind and all of its text.
void check_contradiction(const std::string& lines, const std::string& message) {
  const auto error = error_after_smallest(lines);
  CHECK(error.kind == ErrorKind::Mismatch);
  CHECK(error.message == message);
}

}  // namespace job_test

using job_test::check_contradiction;
using job_test::error_after_smallest;
using job_test::error_of;

TEST_CASE("a job that says only what it must has every default", "[core][job]") {
  const auto job = parse_job(test::smallest_job(), "x.toml");
  REQUIRE(job);
  CHECK(job->name == "x");
  CHECK(job->seed == 1);
  CHECK(job->data.format == DataFormat::Idx);
  CHECK(job->data.classes == 2);
  CHECK(job->normalise == Normalise::All);
  TrainingSpec training;
  training.local_steps = 1;
  training.local_rate = 0.02;
  training.noise = training.error_feedback = 0;
  CHECK(job->training == training);
  CHECK(job->distribution == Distribution::Equal);
  CHECK(job->tie == TieRule::Random);
  CHECK(job->rate == RateSpec{});
  CHECK(job->round == RoundSpec{});
  CHECK(job->stop == StopSpec{});
  CHECK(job->state == StateSpec{});
  CHECK(job->evaluate == EvaluateSpec{});
}

TEST_CASE("unequal data mean local steps, noise and feedback, but for what the job says itself",
          "[core][job]") {
  const std::string unequal = test::smallest_job() + "data.distribution = \"unequal\"\n";
  const auto job = parse_job(unequal, "x.toml");
  REQUIRE(job);
  CHECK(vote_plan(*job) == VotePlan{10, 0.02, 2, 0.5});
  const auto partly =
      parse_job(unequal + "training.noise = 0\ntraining.local_steps = 4\n", "x.toml");
  REQUIRE(partly);
  CHECK(vote_plan(*partly) == VotePlan{4, 0.02, 0, 0.5});
  CHECK(vote_plan(Job{}) == VotePlan{});
}

TEST_CASE("a job that reaches an agent says all of its vote, so that versions cannot differ",
          "[core][job]") {
  const auto job = parse_job(test::smallest_job() + "data.distribution = \"unequal\"\n", "x.toml");
  REQUIRE(job);
  const std::string text = canonical_text(*job);
  for (const char* line : {"training.local_steps = 10\n", "training.local_rate = 0.02\n",
                           "training.noise = 2\n", "training.error_feedback = 0.5\n"}) {
    INFO(line << "in\n" << text);
    CHECK(text.find(line) != std::string::npos);
  }
}

TEST_CASE("equation (1) alone is refused where agents do not vote on gradients", "[core][job]") {
  check_contradiction(
      "data.distribution = \"unequal\"\nrate.controller = \"paper\"\n",
      "jobs/x.toml:6: rate.controller: is paper, whose equation (1) needs votes on gradients, but "
      "agents take local steps: use guarded, or training.local_steps = 1");
}

TEST_CASE("the outputs of the model follow from its loss and the data", "[core][job]") {
  const std::string layers = "model.layers = [{ type = \"dense\", units = 2 }]\nname = \"x\"\n";
  const auto softmax = parse_job(layers + "data.classes = 7\nmodel.input = [4]\n", "x.toml");
  REQUIRE(softmax);
  CHECK(softmax->model.outputs == 7);
  CHECK(softmax->data.input == std::vector<std::size_t>{4});
  const auto squared = parse_job(layers +
                                     "data.format = \"csv\"\ndata.targets = [\"a\", \"b\"]\n"
                                     "model.input = [4]\nmodel.loss = \"mean_squared_error\"\n",
                                 "x.toml");
  REQUIRE(squared);
  CHECK(squared->model.outputs == 2);
  const auto autoencoder =
      parse_job(layers + "model.input = [3, 5, 7]\nmodel.loss = \"reconstruction\"\n", "x.toml");
  REQUIRE(autoencoder);
  CHECK(autoencoder->model.outputs == 105);
}

TEST_CASE("every key of a job reaches its field", "[core][job]") {
  const auto job = parse_job(test::unusual_job(), "x.toml");
  REQUIRE(job);
  CHECK(job->name == "unusual");
  CHECK(job->seed == 9223372036854775807ULL);
  CHECK(job->data.format == DataFormat::Csv);
  CHECK(job->data.classes == 3);
  CHECK(job->data.label_column == "species");
  CHECK(job->data.ignored_columns == std::vector<std::string>{"time", "a \"b\" \\ c"});
  CHECK(job->normalise == Normalise::Feature);
  CHECK(job->model.input == std::vector<std::size_t>{2, 12, 10});
  CHECK(job->training ==
        TrainingSpec{100, 5, 0.1, ZeroRule::Abstain, 3, 0.30000000000000004, 1.5, 0.25});
  CHECK(job->distribution == Distribution::Unequal);
  CHECK(job->tie == TieRule::Previous);
  CHECK(job->rate == RateSpec{ControllerKind::InverseSqrt, 0.30000000000000004, 1234.5,
                              Statistic::Cross, Horizon::Open});
  CHECK(job->round.agents == 9);
  CHECK(job->round.quorum == 5);
  CHECK(job->round.deadline_min == std::chrono::milliseconds(250));
  CHECK(job->round.deadline_max == std::chrono::seconds(90));
  CHECK(job->round.heartbeat == std::chrono::milliseconds(500));
  CHECK(job->round.silence == std::chrono::microseconds(7500001));
  CHECK(job->round.rejoin == std::chrono::seconds(0));
  CHECK(job->stop == StopSpec{77, 0.875, 6, std::chrono::seconds(3600)});
  CHECK(job->state == StateSpec{3, Durability::Snapshot});
  CHECK(job->evaluate == EvaluateSpec{11});
}

TEST_CASE("a misspelt key of a job names the nearest of all tables", "[core][job]") {
  const auto error = error_after_smallest("[training]\nbacth = 64\n");
  CHECK(error.kind == ErrorKind::Malformed);
  CHECK(error.message ==
        "jobs/x.toml:6: training.bacth: unknown key; did you mean training.batch?");
  CHECK(error_after_smallest("momentum = 0.5\n").message ==
        "jobs/x.toml:5: momentum: unknown key; did you mean training.momentum?");
}

TEST_CASE("wrong values of a job say what is allowed", "[core][job]") {
  CHECK(error_after_smallest("training.batch = 0\n").message ==
        "jobs/x.toml:5: training.batch: is 0; allowed: 1 to 65536 samples");
  CHECK(error_after_smallest("training.batch = \"64\"\n").message ==
        "jobs/x.toml:5: training.batch: is a string; expected an integer");
  CHECK(error_after_smallest("rate.controller = \"gaurded\"\n").message ==
        "jobs/x.toml:5: rate.controller: is 'gaurded'; allowed: guarded, paper, fixed, "
        "inverse_sqrt, cosine; did you mean guarded?");
  CHECK(error_after_smallest("training.micro_batches = 1\n").message ==
        "jobs/x.toml:5: training.micro_batches: is 1; allowed: 2 to 127 parts");
  CHECK(error_after_smallest("training.batch = 256\ntraining.micro_batches = 128\n").message ==
        "jobs/x.toml:6: training.micro_batches: is 128; allowed: 2 to 127 parts");
  CHECK(error_after_smallest("round.agents = 65536\n").message ==
        "jobs/x.toml:5: round.agents: is 65536; allowed: 1 to 65535 agents");
  CHECK(error_after_smallest("training.momentum = 1\n").message ==
        "jobs/x.toml:5: training.momentum: is 1; allowed: 0 to below 1");
  CHECK(error_after_smallest("seed = -1\n").message ==
        "jobs/x.toml:5: seed: is -1; allowed: 0 to 9223372036854775807");
  CHECK(error_after_smallest("stop.target_accuracy = nan\n").message ==
        "jobs/x.toml:5: stop.target_accuracy: is not a finite number; allowed: above 0 to 1");
  CHECK(error_after_smallest("rate.smoothness = \"dimensions\"\n").message ==
        "jobs/x.toml:5: rate.smoothness: is 'dimensions'; allowed: dimension, secant, or a number; "
        "did you "
        "mean dimension?");
  CHECK(error_after_smallest("rate.smoothness = 0\n").message ==
        "jobs/x.toml:5: rate.smoothness: is 0; allowed: above 0 to 1e+18");
  // Too large for any integer of TOML.
  const auto overflow = error_after_smallest("seed = 9223372036854775808\n").message;
  CHECK(overflow.rfind("jobs/x.toml:5:", 0) == 0);
  CHECK(overflow.find("TOML syntax: ") != std::string::npos);
}

TEST_CASE("the shape of a sample is one size or three, and not too large", "[core][job]") {
  const std::string rest =
      "name = \"x\"\ndata.classes = 2\nmodel.layers = [{ type = \"dense\", units = 2 }]\n";
  CHECK(error_of(rest + "model.input = [28, 28]\n").message ==
        "jobs/x.toml:4: model.input: has 2 sizes; allowed: 1 ([features]) or 3 ([channels, height, "
        "width])");
  CHECK(error_of(rest + "model.input = [1, 0, 28]\n").message ==
        "jobs/x.toml:4: model.input[1]: is 0; allowed: 1 to 65536 values");
  CHECK(error_of(rest + "model.input = [65536, 65536, 65536]\n").message ==
        "jobs/x.toml:4: model.input: is 281474976710656 values in all; allowed: 1 to 16777216 "
        "values");
  CHECK(error_of(rest + "model.input = 784\n").message ==
        "jobs/x.toml:4: model.input: is an integer; expected a list of integers");
}

TEST_CASE("an empty job file names all that it must say", "[core][job]") {
  const auto error = error_of("");
  CHECK(error.kind == ErrorKind::Malformed);
  for (const char* key : {"name", "model.input", "model.layers"}) {
    INFO(error.message);
    CHECK(error.message.find("jobs/x.toml: " + std::string(key) + ": is missing; example: ") !=
          std::string::npos);
  }
}

TEST_CASE("a smoothness by secant is for rates that divide by it", "[core][job]") {
  const std::string secant = "[rate]\nsmoothness = \"secant\"\n";
  CHECK(error_after_smallest(secant + "[training]\nlocal_steps = 10\n").message ==
        "jobs/x.toml:6: rate.smoothness: is secant, but agents take local steps, whose rate has no "
        "L: leave it out, or use training.local_steps = 1");
  CHECK(error_after_smallest(secant + "controller = \"fixed\"\nvalue = 0.1\n").message ==
        "jobs/x.toml:6: rate.smoothness: is secant, which agents would measure for nothing: only "
        "rate.controller = \"guarded\" and \"paper\" divide by L");
}

TEST_CASE("all errors of a job file are reported together", "[core][job]") {
  const auto error =
      error_after_smallest("[training]\nbatch = 2\n[round]\nquorum = 5\n[vote]\nties = \"hold\"\n");
  CHECK(error.kind == ErrorKind::Malformed);
  CHECK(error.message ==
        "jobs/x.toml:6: training.micro_batches: is 4, more than training.batch = 2: each part "
        "needs a sample\n"
        "jobs/x.toml:8: round.quorum: is 5, more than round.agents = 4: no round could ever close\n"
        "jobs/x.toml:10: vote.ties: unknown key; did you mean vote.tie?");
}

TEST_CASE("classes and their label must fit the loss and the format", "[core][job]") {
  const std::string rest =
      "name = \"x\"\nmodel.input = [4]\nmodel.layers = [{ type = \"dense\", units = 2 }]\n";
  auto error = error_of(rest);
  CHECK(error.kind == ErrorKind::Mismatch);
  CHECK(error.message ==
        "jobs/x.toml: data.classes: is 0, but model.loss = \"softmax_cross_entropy\" needs 2 or "
        "more: set data.classes to the number of labels");
  CHECK(
      error_of(rest + "data.classes = 1\n").message.rfind("jobs/x.toml:4: data.classes: is 1", 0) ==
      0);
  CHECK(error_of(rest + "data.classes = 3\nmodel.loss = \"reconstruction\"\n").message ==
        "jobs/x.toml:4: data.classes: is 3, but only model.loss = \"softmax_cross_entropy\" has "
        "classes: leave data.classes out");
  check_contradiction("data.format = \"csv\"\n",
                      "jobs/x.toml:5: data.label: is missing, but data.format = \"csv\" with "
                      "classes needs the label's column");
  check_contradiction(
      "data.label = \"y\"\n",
      "jobs/x.toml:5: data.label: is given, but only data.format = \"csv\" with "
      "classes has a label column: leave it out, or name the column in data.ignore");
}

TEST_CASE("targets and ignored columns must fit the loss and the format", "[core][job]") {
  const std::string rest =
      "name = \"x\"\nmodel.input = [4]\nmodel.layers = [{ type = \"dense\", units = 2 }]\n"
      "model.loss = \"mean_squared_error\"\n";
  CHECK(error_of(rest + "data.format = \"npy\"\n").message ==
        "jobs/x.toml:4: data.targets: is missing, but model.loss = \"mean_squared_error\" needs "
        "the columns to predict");
  CHECK(error_of(rest + "data.targets = [\"a\"]\n").message ==
        "jobs/x.toml:4: data.format: is idx, which holds labels only, but model.loss = "
        "\"mean_squared_error\" needs targets: use csv or npy");
  CHECK(error_of(rest + "data.format = \"csv\"\ndata.targets = [\"a\"]\ndata.ignore = [\"a\"]\n")
            .message ==
        "jobs/x.toml:7: data.ignore: names 'a', which is also the label or a target");
  check_contradiction("data.targets = [\"a\"]\n",
                      "jobs/x.toml:5: data.targets: is given, but only model.loss = "
                      "\"mean_squared_error\" predicts targets: leave it out");
  check_contradiction("data.ignore = [\"a\"]\n",
                      "jobs/x.toml:5: data.ignore: is given, but only data.format = \"csv\" has "
                      "columns to ignore: leave it out");
}

TEST_CASE("a rate's value is needed by fixed and cosine, optional for inverse_sqrt, else refused",
          "[core][job]") {
  check_contradiction("rate.controller = \"fixed\"\n",
                      "jobs/x.toml:5: rate.value: is missing, but rate.controller = \"fixed\" "
                      "needs it: the rate, such as 0.0003");
  check_contradiction("rate.controller = \"cosine\"\n",
                      "jobs/x.toml:5: rate.value: is missing, but rate.controller = \"cosine\" "
                      "needs it: the rate, such as 0.0003");
  for (const std::string controller : {"guarded", "paper"})
    check_contradiction(
        "rate.value = 0.1\nrate.controller = \"" + controller + "\"\n",
        "jobs/x.toml:5: rate.value: is given, but only rate.controller = \"fixed\", "
        "\"cosine\" and \"inverse_sqrt\" use it: leave it out");
  const auto plain =
      parse_job(test::smallest_job() + "rate.controller = \"inverse_sqrt\"\n", "x.toml");
  REQUIRE(plain);
  CHECK(plain->rate.value == 1);
  const auto fixed = parse_job(
      test::smallest_job() + "rate.controller = \"fixed\"\nrate.value = 3e-4\n", "x.toml");
  REQUIRE(fixed);
  CHECK(fixed->rate.value == 3e-4);
}

TEST_CASE("features of their own are refused where their figures would not fit a message",
          "[core][job]") {
  const auto job_with = [](const std::string& normalise) {
    return "name = \"x\"\nmodel.input = [64, 64, 64]\n"
           "model.layers = [{ type = \"flatten\" }, { type = \"dense\", units = 2 }]\n"
           "data.classes = 2\ndata.normalise = \"" +
           normalise + "\"\n";
  };
  CHECK(parse_job(job_with("all"), "x.toml"));
  const auto error = error_of(job_with("feature"));
  CHECK(error.message.find("data.normalise: is feature, which is for at most 250000 features, and "
                           "model.input has 262144: use all") != std::string::npos);
}

TEST_CASE("weighted votes are refused for more agents than can be compared", "[core][job]") {
  check_contradiction("vote.weights = \"mismatch\"\nround.agents = 1001\n",
                      "jobs/x.toml:5: vote.weights: is mismatch, which is for at most 1000 agents, "
                      "and round.agents is 1001: use equal");
}

TEST_CASE("waits that contradict each other are refused", "[core][job]") {
  check_contradiction("round.deadline_min_s = 3\nround.deadline_max_s = 2.5\n",
                      "jobs/x.toml:5: round.deadline_min_s: is 3 s, more than round.deadline_max_s "
                      "= 2.5 s");
  check_contradiction("round.silence_s = 1\n",
                      "jobs/x.toml:5: round.silence_s: is 1 s; it must be twice "
                      "round.heartbeat_s = 1 s at least, or agents that are well are lost");
  // Beats come up to a quarter later than they are told to.
  check_contradiction("round.heartbeat_s = 10\nround.silence_s = 11\n",
                      "jobs/x.toml:6: round.silence_s: is 11 s; it must be twice "
                      "round.heartbeat_s = 10 s at least, or agents that are well are lost");
}

TEST_CASE("stopping by accuracy needs a loss and evaluations that give one", "[core][job]") {
  check_contradiction("evaluate.every = 0\nstop.patience = 3\n",
                      "jobs/x.toml:6: stop.patience: is given, but evaluate.every = 0 measures the "
                      "accuracy only at the end");
  const auto error = error_of(
      "name = \"x\"\nmodel.input = [4]\nmodel.layers = [{ type = \"dense\", units = 4 }]\n"
      "model.loss = \"reconstruction\"\nstop.target_accuracy = 0.5\n");
  CHECK(error.message ==
        "jobs/x.toml:5: stop.target_accuracy: is given, but only model.loss = "
        "\"softmax_cross_entropy\" has an accuracy");
}

TEST_CASE("overrides obey the bounds and the rules of the file", "[core][job]") {
  const auto job = parse_job(test::smallest_job() + "round.quorum = 3\n", "x.toml");
  REQUIRE(job);
  const auto changed = with_overrides(*job, {8, 0, 12});
  REQUIRE(changed);
  CHECK(changed->round.agents == 8);
  CHECK(changed->seed == 0);
  CHECK(changed->stop.rounds == 12);
  const auto same = with_overrides(*job, {});
  REQUIRE(same);
  CHECK(*same == *job);

  const JobOverrides wrong{0, -1, 0};
  const std::string message =
      "--agents: is 0; allowed: 1 to 65535 agents\n"
      "--seed: is -1; allowed: 0 to 9223372036854775807\n"
      "--rounds: is 0; allowed: 1 to 1000000000000 rounds";
  const auto checked = check_overrides(wrong);
  REQUIRE_FALSE(checked);
  CHECK(checked.error().message == message);
  const auto refused = with_overrides(*job, wrong);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Malformed);
  CHECK(refused.error().message == message);

  CHECK(check_overrides({2, {}, {}}));
  const auto contradiction = with_overrides(*job, {2, {}, {}});
  REQUIRE_FALSE(contradiction);
  CHECK(contradiction.error().kind == ErrorKind::Mismatch);
  CHECK(contradiction.error().message ==
        "command line over the job: round.quorum: is 3, more than round.agents = 2: no round could "
        "ever close");
}

}  // namespace signet
