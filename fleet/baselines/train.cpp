#include <algorithm>
#include <cmath>
#include <utility>

#include "coordinator/evaluator.hpp"
#include "core/base/digest.hpp"
#include "fleet/baselines/methods.hpp"

namespace signet {

namespace {

/// Floats that travel each way, agent and round, as multiples of the dimension.
std::uint64_t vectors_sent(Method method) {
  if (method == Method::Centralised) return 0;
  return method == Method::Scaffold ? 2 : 1;
}

bool all_finite(const std::vector<float>& x) {
  return std::ranges::all_of(x, [](float value) { return std::isfinite(value); });
}

/// The loop over the rounds.
class Training {
 public:
  Training(const Job& job, const BaselineSpec& spec, Cohort& cohort,
           std::optional<Evaluator> evaluator)
      : job_(job),
        spec_(spec),
        cohort_(cohort),
        evaluator_(std::move(evaluator)),
        method_(make_method(spec, job, cohort)),
        x_(cohort.initial_parameters()) {}

  Trace run(const std::function<void(const TraceRow&)>& progress) {
    for (std::uint64_t k = 0; k < job_.stop.rounds && !trace_.diverged; ++k) {
      trace_.rows.push_back(round(k));
      if (progress) progress(trace_.rows.back());
    }
    finish(trace_);
    if (!trace_.rows.empty()) {
      trace_.test_accuracy = trace_.rows.back().test_accuracy;
      trace_.test_loss = trace_.rows.back().test_loss;
    }
    trace_.digest = digest(std::span<const float>(x_));
    count();
    return std::move(trace_);
  }

 private:
  TraceRow round(std::uint64_t k) {
    const double rate = scheduled_rate(spec_, k, job_.stop.rounds);
    const BaselineRound done = method_->run(RoundId{k}, rate, x_);
    TraceRow row;
    row.round = k;
    row.rate = done.rate;
    row.train_loss = done.loss;
    row.margin = done.margin;
    trace_.diverged = !std::isfinite(done.loss) || !all_finite(x_);
    const bool is_last = k + 1 == job_.stop.rounds || trace_.diverged;
    const bool due = job_.evaluate.every > 0 && (k + 1) % job_.evaluate.every == 0;
    if (evaluator_ && (due || is_last)) {
      const Judgement judgement = evaluator_->judge(x_, cohort_.normalisation());
      row.test_accuracy = judgement.accuracy();
      row.test_loss = judgement.loss();
    }
    return row;
  }

  void count() {
    const std::uint64_t bytes =
        trace_.rounds * vectors_sent(spec_.method) * sizeof(float) * x_.size();
    trace_.bytes_up_per_agent = trace_.bytes_down_per_agent = bytes;
    trace_.samples = trace_.rounds * cohort_.batch_samples() * spec_.local_steps;
  }

  const Job& job_;
  const BaselineSpec& spec_;
  Cohort& cohort_;
  std::optional<Evaluator> evaluator_;  // none: no test data
  std::unique_ptr<BaselineMethod> method_;
  std::vector<float> x_;
  Trace trace_;
};

}  // namespace

std::unique_ptr<BaselineMethod> make_method(const BaselineSpec& spec, const Job& job,
                                            Cohort& cohort) {
  switch (spec.method) {
    case Method::Sgd:
    case Method::Adam:
    case Method::SignSgd: return make_mean_gradient(spec, cohort);
    case Method::FedAvg:
    case Method::FedProx:
    case Method::Scaffold: return make_local_steps(spec, cohort);
    case Method::Centralised: return make_centralised(job, cohort);
  }
  return nullptr;
}

Result<Trace> train_baseline(const Job& job, std::vector<Dataset> shards,
                             std::optional<Dataset> test, const BaselineSpec& spec,
                             std::size_t threads,
                             const std::function<void(const TraceRow&)>& progress) {
  if (const auto status = check(spec); !status) return status.error();
  if (spec.method == Method::Centralised && std::holds_alternative<BySecant>(job.rate.smoothness))
    return Error{ErrorKind::Mismatch,
                 "method centralised: rate.smoothness is secant, which only agents measure; use "
                 "dimension or a number"};
  auto cohort = Cohort::create(job, std::move(shards), spec.batches, threads);
  if (!cohort) return cohort.error();
  std::optional<Evaluator> evaluator;
  if (test) {
    auto made = Evaluator::create(job.model, std::move(*test));
    if (!made) return made.error();
    evaluator.emplace(std::move(*made));
  }
  return Training(job, spec, *cohort, std::move(evaluator)).run(progress);
}

}  // namespace signet
