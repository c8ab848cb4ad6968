#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "agent/trainer/learner.hpp"
#include "core/base/random.hpp"
#include "core/data/sampler.hpp"
#include "core/model/network.hpp"
#include "fleet/baselines/cohort.hpp"
#include "fleet/baselines/methods.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/small_fleet.hpp"

namespace signet::test {

/// A small job with a hidden layer, so that gradients are not linear in the parameters.
inline Job hidden_job() {
  Job job = small_job(3);
  LayerSpec hidden, tanh;
  hidden.kind = LayerKind::Dense;
  hidden.units = 4;
  tanh.kind = LayerKind::Tanh;
  job.model.layers.insert(job.model.layers.begin(), {hidden, tanh});
  return job;
}

/// Shards of 7, 30 and 90 samples, whose agents draw 3, 8 and 20 at a time.
inline std::vector<Dataset> unequal_shards() {
  const Dataset all = make_blobs(127, kSmallFeatures, kSmallClasses, 5);
  std::vector<std::size_t> order(127);
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const std::span<const std::size_t> view(order);
  return {all.pick(view.first(7)), all.pick(view.subspan(7, 30)), all.pick(view.last(90))};
}
inline std::vector<std::size_t> unequal_batches() {
  return {3, 8, 20};
}

using Vector = std::vector<double>;

/// What the baselines are made of, written out: one agent after the other, sums in double.
class SlowAgents {
 public:
  SlowAgents(Job job, std::vector<Dataset> shards, std::vector<std::size_t> batches)
      : job_(std::move(job)), shards_(std::move(shards)), batches_(std::move(batches)) {
    std::vector<DataSummary> parts;
    for (const Dataset& shard : shards_) {
      parts.push_back(shard.summarise(kSmallFeatures));
      samples_ += static_cast<double>(shard.size());
    }
    normalisation_ = normalisation_from(*pool(parts));
  }

  std::size_t size() const { return shards_.size(); }
  double weight(std::size_t agent) const {
    return static_cast<double>(shards_[agent].size()) / samples_;
  }
  Vector start() { return to_doubles(network_.initial_parameters(job_.seed)); }

  /// Samples of the agent's batch number `step`.
  std::vector<std::size_t> draw(std::size_t agent, std::uint64_t step) {
    Sampler sampler(Learner::sampling_seed(job_), hash_text("agent-" + std::to_string(agent)),
                    shards_[agent].size(), batches_[agent]);
    return sampler.draw(RoundId{step});
  }

  Vector gradient_of(std::size_t agent, const std::vector<std::size_t>& samples, const Vector& at) {
    Batch batch;
    shards_[agent].gather(samples, normalisation_, batch);
    const std::vector<float> x(at.begin(), at.end());
    std::vector<float> gradient(x.size());
    loss_ = network_.loss_and_gradient(x, batch.view(), 0, gradient);
    return to_doubles(gradient);
  }
  Vector gradient(std::size_t agent, std::uint64_t step, const Vector& at) {
    return gradient_of(agent, draw(agent, step), at);
  }
  /// sum_j w_j g_j of a round.
  Vector mean_gradient(std::uint64_t round, const Vector& at) {
    Vector mean(at.size(), 0.0);
    for (std::size_t j = 0; j < size(); ++j) {
      const Vector g = gradient(j, round, at);
      for (std::size_t i = 0; i < at.size(); ++i) mean[i] += weight(j) * g[i];
    }
    return mean;
  }
  /// Of the last gradient.
  double loss() const { return loss_; }

  static Vector to_doubles(const std::vector<float>& x) { return {x.begin(), x.end()}; }

 private:
  Job job_;
  std::vector<Dataset> shards_;
  std::vector<std::size_t> batches_;
  double samples_ = 0, loss_ = 0;
  Normalisation normalisation_;
  Network network_ = std::move(*Network::create(job_.model));
};

/// The method itself, beside the slow one.
class QuickMethod {
 public:
  QuickMethod(const Job& job, BaselineSpec spec, std::size_t threads = 2)
      : spec_(std::move(spec)),
        cohort_(std::move(*Cohort::create(job, unequal_shards(), unequal_batches(), threads))),
        method_(make_method(spec_, job, cohort_)),
        x_(cohort_.initial_parameters()) {}

  BaselineRound run(std::uint64_t round) { return method_->run(RoundId{round}, spec_.rate, x_); }
  const std::vector<float>& x() const { return x_; }

  /// Largest difference to the slow parameters, in units of `rate`: a step is about as long.
  double distance(const Vector& slow) const {
    double most = 0;
    for (std::size_t i = 0; i < slow.size(); ++i)
      most = std::max(most, std::abs(slow[i] - double{x_[i]}));
    return most / spec_.rate;
  }

 private:
  BaselineSpec spec_;
  Cohort cohort_;
  std::unique_ptr<BaselineMethod> method_;
  std::vector<float> x_;
};

}  // namespace signet::test
