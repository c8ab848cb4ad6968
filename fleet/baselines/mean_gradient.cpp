// Methods that step along the mean gradient of the round.
#include <cmath>
#include <vector>

#include "fleet/baselines/methods.hpp"

namespace signet {

namespace {

class MeanGradient : public BaselineMethod {
 public:
  explicit MeanGradient(Cohort& cohort) : cohort_(cohort), gradient_(cohort.dimension()) {}

  BaselineRound run(RoundId round, double rate, std::span<float> x) final {
    const auto one = [&](std::size_t agent, std::size_t worker, std::span<float> into) {
      return cohort_.gradient(agent, round, x, worker, into);
    };
    const double loss = cohort_.mean(one, gradient_);
    step(static_cast<float>(rate), gradient_, x);
    return {loss, rate, 0};
  }

 private:
  virtual void step(float rate, std::span<const float> gradient, std::span<float> x) = 0;

  Cohort& cohort_;
  std::vector<float> gradient_;
};

class HeavyBall final : public MeanGradient {
 public:
  HeavyBall(const BaselineSpec& spec, Cohort& cohort)
      : MeanGradient(cohort),
        signs_only_(spec.method == Method::SignSgd),
        momentum_(static_cast<float>(spec.momentum)),
        velocity_(cohort.dimension()) {}

 private:
  void step(float rate, std::span<const float> gradient, std::span<float> x) override {
    for (std::size_t i = 0; i < x.size(); ++i) {
      float& v = velocity_[i];
      v = momentum_ * v + gradient[i];
      const auto sign = static_cast<float>(int{v > 0} - int{v < 0});
      x[i] -= rate * (signs_only_ ? sign : v);
    }
  }

  bool signs_only_;
  float momentum_;
  std::vector<float> velocity_;
};

class AdamMethod final : public MeanGradient {
 public:
  explicit AdamMethod(Cohort& cohort)
      : MeanGradient(cohort), first_(cohort.dimension()), second_(cohort.dimension()) {}

 private:
  void step(float rate, std::span<const float> gradient, std::span<float> x) override {
    constexpr float beta1 = 0.9F, beta2 = 0.999F, epsilon = 1e-8F;
    ++steps_;
    // The two corrections for moments that started at 0, once for all coordinates.
    const auto correction1 = static_cast<float>(1 - std::pow(double{beta1}, steps_));
    const auto correction2 = static_cast<float>(1 - std::pow(double{beta2}, steps_));
    for (std::size_t i = 0; i < x.size(); ++i) {
      const float g = gradient[i];
      first_[i] = beta1 * first_[i] + (1 - beta1) * g;
      second_[i] = beta2 * second_[i] + (1 - beta2) * g * g;
      x[i] -= rate * (first_[i] / correction1) / (std::sqrt(second_[i] / correction2) + epsilon);
    }
  }

  double steps_ = 0;
  std::vector<float> first_, second_;
};

}  // namespace

std::unique_ptr<BaselineMethod> make_mean_gradient(const BaselineSpec& spec, Cohort& cohort) {
  if (spec.method == Method::Adam) return std::make_unique<AdamMethod>(cohort);
  return std::make_unique<HeavyBall>(spec, cohort);
}

}  // namespace signet
