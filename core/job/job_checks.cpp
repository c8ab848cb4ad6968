#include "core/job/job_checks.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "core/config/text.hpp"

namespace signet {

namespace job_checks_detail {

class Rules {
 public:
  Rules(const config::Given& given, config::Problems& problems)
      : given_(given), problems_(problems) {}

  /// Unless `holds`, `what` is wrong with the first of `keys`, given what the others say.
  void need(bool holds, const std::vector<std::string>& keys, const std::string& what) {
    if (holds) return;
    std::size_t line = 0;
    for (const auto& key : keys) {
      if (problems_.about(key)) return;
      if (line == 0) line = given_.line(key);
    }
    broken_.push_back({line, keys.front(), what});
  }

  /// Only now, so that one broken rule does not silence another about the same key.
  void report() {
    for (const auto& [line, key, what] : broken_) problems_.contradict(line, key, what);
  }

 private:
  struct Broken {
    std::size_t line;
    std::string key, what;
  };
  const config::Given& given_;
  config::Problems& problems_;
  std::vector<Broken> broken_;
};

std::string seconds_text(Duration duration) {
  return config::toml_number(static_cast<double>(duration.count()) / 1e6) + " s";
}

void check_labels(const Job& job, Rules& rules) {
  const bool csv = job.data.format == DataFormat::Csv;
  const bool softmax = job.model.loss == LossKind::SoftmaxCrossEntropy;
  const auto classes = std::to_string(job.data.classes);
  rules.need(
      !softmax || job.data.classes >= 2, {"data.classes", "model.loss"},
      "is " + classes +
          ", but model.loss = \"softmax_cross_entropy\" needs 2 or more: set data.classes to "
          "the number of labels");
  rules.need(softmax || job.data.classes == 0, {"data.classes", "model.loss"},
             "is " + classes +
                 ", but only model.loss = \"softmax_cross_entropy\" has classes: "
                 "leave data.classes out");
  rules.need(!csv || !softmax || !job.data.label_column.empty(), {"data.label", "data.format"},
             "is missing, but data.format = \"csv\" with classes needs the label's column");
  rules.need(job.data.label_column.empty() || (csv && softmax),
             {"data.label", "data.format", "model.loss"},
             "is given, but only data.format = \"csv\" with classes has a label column: leave it "
             "out, or name the column in data.ignore");
}

void check_columns(const Job& job, Rules& rules) {
  const auto& [format, classes, label, targets, ignored, input] = job.data;
  const bool regression = job.model.loss == LossKind::MeanSquaredError;
  rules.need(!regression || !targets.empty(), {"data.targets", "model.loss"},
             "is missing, but model.loss = \"mean_squared_error\" needs the columns to predict");
  rules.need(
      regression || targets.empty(), {"data.targets", "model.loss"},
      "is given, but only model.loss = \"mean_squared_error\" predicts targets: leave it out");
  rules.need(!regression || format != DataFormat::Idx, {"data.format", "model.loss"},
             "is idx, which holds labels only, but model.loss = \"mean_squared_error\" needs "
             "targets: use csv or npy");
  rules.need(ignored.empty() || format == DataFormat::Csv, {"data.ignore", "data.format"},
             "is given, but only data.format = \"csv\" has columns to ignore: leave it out");
  for (const auto& column : ignored) {
    const bool used =
        column == label || std::find(targets.begin(), targets.end(), column) != targets.end();
    rules.need(!used, {"data.ignore", "data.label", "data.targets"},
               "names " + config::quoted(column) + ", which is also the label or a target");
  }
}

void check_model(const Job& job, Rules& rules) {
  const auto& layers = job.model.layers;
  const bool learns = std::any_of(layers.begin(), layers.end(), [](const LayerSpec& layer) {
    return layer.kind == LayerKind::Dense || layer.kind == LayerKind::Conv2d;
  });
  rules.need(learns, {"model.layers"}, "has no dense or conv2d layer: there is nothing to train");
  // An agent tells mean and variance of each feature when it joins, in one message.
  constexpr std::size_t kOwnMax = 250'000;
  std::size_t features = 1;
  for (const std::size_t size : job.model.input) features *= size;
  rules.need(job.normalise != Normalise::Feature || features <= kOwnMax,
             {"data.normalise", "model.input"},
             "is feature, which is for at most " + std::to_string(kOwnMax) +
                 " features, and model.input has " + std::to_string(features) + ": use all");
}

void check_training(const Job& job, Rules& rules) {
  const auto& training = job.training;
  rules.need(training.micro_batches <= training.batch, {"training.micro_batches", "training.batch"},
             "is " + std::to_string(training.micro_batches) + ", more than training.batch = " +
                 std::to_string(training.batch) + ": each part needs a sample");
  const auto kind = job.rate.controller;
  const bool told = kind == ControllerKind::Fixed || kind == ControllerKind::Cosine;
  rules.need(!told || job.rate.value > 0, {"rate.value", "rate.controller"},
             std::string("is missing, but rate.controller = ") +
                 (kind == ControllerKind::Cosine ? "\"cosine\"" : "\"fixed\"") +
                 " needs it: the rate, such as 0.0003");
  rules.need(told || kind == ControllerKind::InverseSqrt || job.rate.value == 0,
             {"rate.value", "rate.controller"},
             "is given, but only rate.controller = \"fixed\", \"cosine\" and \"inverse_sqrt\" use "
             "it: leave it out");
  rules.need(kind != ControllerKind::Paper || vote_plan(job).local_steps == 1,
             {"rate.controller", "training.local_steps", "data.distribution"},
             "is paper, whose equation (1) needs votes on gradients, but agents take local steps: "
             "use guarded, or training.local_steps = 1");
  rules.need(
      !std::holds_alternative<BySecant>(job.rate.smoothness) || vote_plan(job).local_steps == 1,
      {"rate.smoothness", "training.local_steps", "data.distribution"},
      "is secant, but agents take local steps, whose rate has no L: leave it out, or use "
      "training.local_steps = 1");
  rules.need(!std::holds_alternative<BySecant>(job.rate.smoothness) ||
                 kind == ControllerKind::Paper || kind == ControllerKind::Guarded,
             {"rate.smoothness", "rate.controller"},
             "is secant, which agents would measure for nothing: only rate.controller = "
             "\"guarded\" and \"paper\" divide by L");
}

void check_round(const Job& job, Rules& rules) {
  const auto& round = job.round;
  rules.need(round.quorum <= round.agents, {"round.quorum", "round.agents"},
             "is " + std::to_string(round.quorum) + ", more than round.agents = " +
                 std::to_string(round.agents) + ": no round could ever close");
  rules.need(round.deadline_min <= round.deadline_max,
             {"round.deadline_min_s", "round.deadline_max_s"},
             "is " + seconds_text(round.deadline_min) +
                 ", more than round.deadline_max_s = " + seconds_text(round.deadline_max));
  // A round compares every two voters, in memory for all pairs.
  constexpr std::size_t kComparedMax = 1000;
  rules.need(job.weights == VoteWeights::Equal || round.agents <= kComparedMax,
             {"vote.weights", "round.agents"},
             "is mismatch, which is for at most " + std::to_string(kComparedMax) +
                 " agents, and round.agents is " + std::to_string(round.agents) + ": use equal");
  rules.need(round.silence >= 2 * round.heartbeat, {"round.silence_s", "round.heartbeat_s"},
             "is " + seconds_text(round.silence) + "; it must be twice round.heartbeat_s = " +
                 seconds_text(round.heartbeat) + " at least, or agents that are well are lost");
}

void check_stop(const Job& job, Rules& rules) {
  const auto needs_accuracy = [&](const std::string& key, bool given) {
    rules.need(!given || job.model.loss == LossKind::SoftmaxCrossEntropy, {key, "model.loss"},
               "is given, but only model.loss = \"softmax_cross_entropy\" has an accuracy");
    rules.need(!given || job.evaluate.every > 0, {key, "evaluate.every"},
               "is given, but evaluate.every = 0 measures the accuracy only at the end");
  };
  needs_accuracy("stop.target_accuracy", job.stop.target_accuracy.has_value());
  needs_accuracy("stop.patience", job.stop.patience.has_value());
}

}  // namespace job_checks_detail

void check_job(const Job& job, const config::Given& given, config::Problems& problems) {
  job_checks_detail::Rules rules(given, problems);
  job_checks_detail::check_labels(job, rules);
  job_checks_detail::check_columns(job, rules);
  job_checks_detail::check_model(job, rules);
  job_checks_detail::check_training(job, rules);
  job_checks_detail::check_round(job, rules);
  job_checks_detail::check_stop(job, rules);
  rules.report();
}

}  // namespace signet
