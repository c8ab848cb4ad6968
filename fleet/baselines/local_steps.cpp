// Methods whose agents go some steps by themselves and then average where they got to.
#include <algorithm>
#include <vector>

#include "fleet/baselines/methods.hpp"

namespace signet {

namespace {

class LocalSteps final : public BaselineMethod {
 public:
  LocalSteps(const BaselineSpec& spec, Cohort& cohort)
      : cohort_(cohort),
        steps_(spec.local_steps),
        momentum_(static_cast<float>(spec.momentum)),
        mu_(static_cast<float>(spec.mu)),
        workers_(cohort.threads()),
        mean_change_(cohort.dimension()),
        velocity_(cohort.dimension()) {
    for (Scratch& scratch : workers_) {
      scratch.y.resize(cohort.dimension());
      scratch.gradient.resize(cohort.dimension());
    }
    if (spec.method != Method::Scaffold) return;
    control_.resize(cohort.dimension());
    controls_.assign(cohort.size(), control_);
  }

  BaselineRound run(RoundId round, double rate, std::span<float> x) override {
    const auto eta = static_cast<float>(rate);
    const auto one = [&](std::size_t agent, std::size_t worker, std::span<float> change) {
      return go(agent, round, eta, x, workers_[worker], worker, change);
    };
    const double loss = cohort_.mean(one, mean_change_);
    for (std::size_t i = 0; i < x.size(); ++i) {
      velocity_[i] = momentum_ * velocity_[i] + mean_change_[i];
      x[i] -= velocity_[i];
    }
    // c + mean_j (c_j+ - c_j), where every c_j+ - c_j is (x - y_j) / (K eta) - c.
    const float scale = 1 / (static_cast<float>(steps_) * eta);
    for (std::size_t i = 0; i < control_.size(); ++i) control_[i] = mean_change_[i] * scale;
    return {loss, rate, 0};
  }

 private:
  struct Scratch {
    std::vector<float> y, gradient;
  };

  /// `change` becomes x - y after the agent's steps; returns the loss of the first.
  double go(std::size_t agent, RoundId round, float eta, std::span<const float> x, Scratch& scratch,
            std::size_t worker, std::span<float> change) {
    std::ranges::copy(x, scratch.y.begin());
    double first_loss = 0;
    for (std::size_t step = 0; step < steps_; ++step) {
      const RoundId batch{round.value * steps_ + step};
      const double loss = cohort_.gradient(agent, batch, scratch.y, worker, scratch.gradient);
      if (step == 0) first_loss = loss;
      correct(agent, x, scratch);
      for (std::size_t i = 0; i < x.size(); ++i) scratch.y[i] -= eta * scratch.gradient[i];
    }
    for (std::size_t i = 0; i < x.size(); ++i) change[i] = x[i] - scratch.y[i];
    if (!controls_.empty()) renew_control(controls_[agent], eta, change);
    return first_loss;
  }

  /// What FedProx and Scaffold add to a local gradient.
  void correct(std::size_t agent, std::span<const float> x, Scratch& scratch) const {
    std::vector<float>& gradient = scratch.gradient;
    if (mu_ > 0)
      for (std::size_t i = 0; i < x.size(); ++i) gradient[i] += mu_ * (scratch.y[i] - x[i]);
    if (controls_.empty()) return;
    const std::vector<float>& own = controls_[agent];
    for (std::size_t i = 0; i < x.size(); ++i) gradient[i] += control_[i] - own[i];
  }

  /// Option II: c_j+ = c_j - c + (x - y) / (K eta).
  void renew_control(std::vector<float>& own, float eta, std::span<const float> change) const {
    const float scale = 1 / (static_cast<float>(steps_) * eta);
    for (std::size_t i = 0; i < own.size(); ++i) own[i] += change[i] * scale - control_[i];
  }

  Cohort& cohort_;
  std::uint64_t steps_;
  float momentum_, mu_;
  std::vector<Scratch> workers_;
  std::vector<float> mean_change_, velocity_;
  std::vector<float> control_;                // Scaffold's c; empty: another method
  std::vector<std::vector<float>> controls_;  // and c_j
};

}  // namespace

std::unique_ptr<BaselineMethod> make_local_steps(const BaselineSpec& spec, Cohort& cohort) {
  return std::make_unique<LocalSteps>(spec, cohort);
}

}  // namespace signet
