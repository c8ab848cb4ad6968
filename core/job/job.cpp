#include "core/job/job.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "core/job/job_checks.hpp"
#include "core/job/job_keys.hpp"

namespace signet {

namespace job_detail {

// Structured bindings: a field added to a struct stops the build here until it is compared.
bool same_data(const DataSpec& a, const DataSpec& b) {
  const auto& [format, classes, label, targets, ignored, input] = a;
  return std::tie(format, classes, label, targets, ignored, input) ==
         std::tie(b.format, b.classes, b.label_column, b.target_columns, b.ignored_columns,
                  b.input);
}

ModelSpec without_lines(ModelSpec model) {
  for (auto& layer : model.layers) layer.line = 0;
  return model;
}

std::size_t outputs_of(const Job& job) {
  switch (job.model.loss) {
    case LossKind::SoftmaxCrossEntropy: return job.data.classes;
    case LossKind::MeanSquaredError: return job.data.target_columns.size();
    case LossKind::Reconstruction: break;
  }
  std::size_t values = 1;  // at most 2^24, see model.input
  for (const auto size : job.model.input) values *= size;
  return values;
}

/// Fills in what follows from other keys.
void derive(Job& job) {
  const VotePlan plan = vote_plan(job);
  job.training.local_steps = plan.local_steps;
  job.training.local_rate = plan.local_rate;
  job.training.noise = plan.noise;
  job.training.error_feedback = plan.error_feedback;
  job.data.input = job.model.input;
  job.model.outputs = outputs_of(job);
  if (job.rate.controller == ControllerKind::InverseSqrt && job.rate.value == 0) job.rate.value = 1;
}

Job derived(Job job) {
  derive(job);
  return job;
}

struct Override {
  const char* option;
  const char* path;
  std::optional<std::int64_t> value;
};

std::array<Override, 3> listed(const JobOverrides& overrides) {
  return {{{"--agents", "round.agents", overrides.agents},
           {"--seed", "seed", overrides.seed},
           {"--rounds", "stop.rounds", overrides.rounds}}};
}

Status apply(Job& job, const JobOverrides& overrides) {
  std::string message;
  for (const auto& [option, path, value] : listed(overrides)) {
    if (!value) continue;
    const auto set = job_keys().set(job, path, config::Value{*value, 0}, option);
    if (!set) message += (message.empty() ? "" : "\n") + set.error().message;
  }
  if (!message.empty()) return Error{ErrorKind::Malformed, message};
  return {};
}

/// The job of the sample: its defaults, and a small network where there are none.
Job sample() {
  const auto dense = [](std::size_t units) {
    LayerSpec layer;
    layer.units = units;
    return layer;
  };
  LayerSpec flatten, relu;
  flatten.kind = LayerKind::Flatten;
  relu.kind = LayerKind::Relu;
  Job job;
  job.name = "sample";
  job.data.classes = 10;
  job.model.input = {1, 28, 28};
  job.model.layers = {flatten, dense(128), relu, dense(10)};
  derive(job);
  // Left out, so that they follow from the distribution that somebody writes into the sample.
  const TrainingSpec left_out;
  job.training.local_steps = left_out.local_steps;
  job.training.local_rate = left_out.local_rate;
  job.training.noise = left_out.noise;
  job.training.error_feedback = left_out.error_feedback;
  return job;
}

}  // namespace job_detail

VotePlan vote_plan(const Job& job) {
  // Measured with `./dev paper unequal`; docs/learning.md says what each is for.
  constexpr VotePlan unequal{10, 0.02, 2, 0.5};
  VotePlan plan = job.distribution == Distribution::Unequal ? unequal : VotePlan{};
  const TrainingSpec& training = job.training;
  plan.local_steps = training.local_steps.value_or(plan.local_steps);
  plan.local_rate = training.local_rate.value_or(plan.local_rate);
  plan.noise = training.noise.value_or(plan.noise);
  plan.error_feedback = training.error_feedback.value_or(plan.error_feedback);
  return plan;
}

bool operator==(const Job& a, const Job& b) {
  const auto& [name, seed, data, normalise, distribution, model, training, tie, weights, rate,
               round, stop, state, evaluate] = a;
  return job_detail::same_data(data, b.data) &&
         job_detail::without_lines(model) == job_detail::without_lines(b.model) &&
         std::tie(name, seed, normalise, distribution, training, tie, weights, rate, round, stop,
                  state, evaluate) == std::tie(b.name, b.seed, b.normalise, b.distribution,
                                               b.training, b.tie, b.weights, b.rate, b.round,
                                               b.stop, b.state, b.evaluate);
}

Result<Job> parse_job(std::string_view text, const std::string& file) {
  const auto document = config::parse_document(text, file);
  if (!document) return document.error();
  Job job;
  config::Problems problems(file);
  const auto given = job_keys().read(*document, job, problems);
  check_job(job, given, problems);
  if (!problems.none()) return problems.to_error();
  job_detail::derive(job);
  return job;
}

Status check_overrides(const JobOverrides& overrides) {
  Job scratch;
  return job_detail::apply(scratch, overrides);
}

Result<Job> with_overrides(const Job& job, const JobOverrides& overrides) {
  Job changed = job;
  if (const auto applied = job_detail::apply(changed, overrides); !applied) return applied.error();
  config::Problems problems("command line over the job");
  check_job(changed, {}, problems);
  if (!problems.none()) return problems.to_error();
  return changed;
}

Result<Job> load_job(const std::string& file, const JobOverrides& overrides,
                     const ReadFile& read_file) {
  const auto text = read_file(file);
  if (!text) return text.error();
  const auto job = parse_job(to_text(*text), file);
  if (!job) return job.error();
  return with_overrides(*job, overrides);
}

Status check_test_data(const Job& job, bool has_test_data) {
  if (has_test_data || (!job.stop.target_accuracy && !job.stop.patience)) return {};
  return Error{ErrorKind::Mismatch,
               "stop.target_accuracy and stop.patience need test data; give --data, or leave them "
               "out"};
}

std::string canonical_text(const Job& job) {
  return job_keys().canonical(job_detail::derived(job));
}

std::vector<std::string> changed_keys(const Job& saved, const Job& now) {
  return job_keys().changed(job_detail::derived(saved), job_detail::derived(now));
}

std::string sample_job() {
  return job_keys().sample(job_detail::sample());
}

std::string job_key_markdown() {
  return job_keys().markdown();
}

}  // namespace signet
