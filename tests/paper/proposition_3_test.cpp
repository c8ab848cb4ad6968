// Proposition 3: while eta_k lies in (0, 2 eta*_k), f is expected to fall; checked where inequality
// (2) is an equality, so that beyond the interval f must be expected to rise. On f = x'x / 2 a step
// of eta in every coordinate changes f by d eta^2 / 2 - eta <x, v>, which is (2) with L = d and P
// the probability that the sign that is applied is wrong.
//
// How sure: each expectation is estimated from 4,000 independent steps, and its sign is accepted
// when the estimate is at least 5 standard errors from 0 (one-sided normal test at level 3e-7).
#include <algorithm>
#include <cmath>
#include <vector>

#include "core/base/random.hpp"
#include "core/optim/rate_controller.hpp"
#include "core/optim/sign_statistics.hpp"
#include "fleet/paper/descent.hpp"
#include "fleet/paper/problem.hpp"
#include "tests/support/catch.hpp"

namespace signet::paper {

namespace {

constexpr std::size_t kFew = 60;
constexpr double kWidth = 2;  // of the uniform noise; |x_i| stays below
constexpr int kSingleSteps = 4'000;
constexpr double kSure = 5;  // standard errors

std::vector<float> some_point() {
  Rng rng(11);
  std::vector<float> x(kFew);
  for (float& v : x) v = 2 * rng.uniform() - 1;
  return x;
}

// P that the majority of `voters` (odd) is wrong when each is wrong with probability p.
double majority_wrong(double p, std::size_t voters) {
  double sum = 0;
  for (std::size_t wrong = voters / 2 + 1; wrong <= voters; ++wrong) {
    double ways = 1;  // voters over wrong
    for (std::size_t i = 0; i < wrong; ++i)
      ways *= static_cast<double>(voters - i) / static_cast<double>(i + 1);
    sum += ways * std::pow(p, static_cast<double>(wrong)) *
           std::pow(1 - p, static_cast<double>(voters - wrong));
  }
  return sum;
}

// Equation (1) from the definition of the noise: a uniform one of width w turns the sign of g with
// probability (1 - |g| / w) / 2.
double best_rate(const std::vector<float>& x, std::size_t voters) {
  double sum = 0;
  for (const float v : x) {
    const double g = std::abs(double{v});
    sum += g * (1 - 2 * majority_wrong((1 - g / kWidth) / 2, voters));
  }
  return sum / static_cast<double>(kFew);
}

struct Change {
  double mean = 0, error = 0;
  bool falls() const { return mean + kSure * error < 0; }
  bool rises() const { return mean - kSure * error > 0; }
};

// E[f_{k+1} - f_k] for one step of `rate` from x.
Change expected_change(const std::vector<float>& x, std::size_t voters, double rate) {
  const Quadratic problem(kFew);
  const Noise noise{Noise::Shape::Uniform, kWidth, kFew};
  Descent one_step;
  one_step.samples = voters;
  one_step.rate.controller = ControllerKind::Fixed;
  one_step.rate.value = rate;
  double sum = 0, squares = 0;
  for (int step = 0; step < kSingleSteps; ++step) {
    double change = -problem.loss(x);
    descend(problem, noise, one_step, x, mix(3, static_cast<std::uint64_t>(step)),
            [&](std::uint64_t k, std::span<const float> at) {
              if (k == 1) change += problem.loss(at);
            });
    sum += change;
    squares += change * change;
  }
  const double mean = sum / kSingleSteps;
  return {mean, std::sqrt((squares / kSingleSteps - mean * mean) / kSingleSteps)};
}

}  // namespace

TEST_CASE("Proposition 3: f is expected to fall for rates inside (0, 2 eta*) and to rise beyond",
          "[paper][paper:prop3]") {
  const auto x = some_point();
  for (const std::size_t voters : {1U, 9U}) {
    const double best = best_rate(x, voters);
    for (const double share : {0.05, 0.5, 1.0, 1.5, 1.8}) {
      const Change change = expected_change(x, voters, share * best);
      INFO(voters << " voters, " << share << " eta*: " << change.mean << " +- " << change.error);
      CHECK(change.falls());
    }
    for (const double share : {2.2, 3.0, 6.0}) {
      const Change change = expected_change(x, voters, share * best);
      INFO(voters << " voters, " << share << " eta*: " << change.mean << " +- " << change.error);
      CHECK(change.rises());
    }
  }
}

TEST_CASE("Proposition 3: of all rates eta* makes f fall most", "[paper][paper:prop3]") {
  const auto x = some_point();
  const double best = best_rate(x, 9);
  const Change at_best = expected_change(x, 9, best);
  for (const double share : {0.5, 0.75, 1.25, 1.5}) {
    const Change other = expected_change(x, 9, share * best);
    INFO(share << " eta*: " << other.mean << " against " << at_best.mean);
    CHECK(at_best.mean + kSure * (at_best.error + other.error) < other.mean);
  }
}

TEST_CASE("Proposition 3: the interval ends where doubt about the signs says, not where |g| says",
          "[paper][paper:prop3]") {
  // Equation (1) without its factor 1 - 2 P: the checks above tell it from the right one.
  const auto x = some_point();
  double sum = 0;
  for (const float v : x) sum += std::abs(double{v});
  const double without_doubt = sum / static_cast<double>(kFew);
  CHECK(expected_change(x, 1, 1.8 * without_doubt).rises());
}

TEST_CASE(
    "Proposition 3: f is expected to fall at twice the rate that a controller estimates, less "
    "a tenth",
    "[paper][paper:prop3]") {
  // eta* of the voters' own gradients, as an agent estimates it: from 100 micro-batches.
  const auto x = some_point();
  Rng rng(5);
  const Noise noise{Noise::Shape::Uniform, kWidth, kFew};
  SignStatistics statistics(kFew);
  statistics.clear();
  for (int a = 0; a < 100; ++a) {
    std::vector<float> gradient = x;
    noise.add_to(gradient, rng);
    statistics.add(gradient);
  }
  statistics.mean_gradient();
  RateSpec spec;
  spec.controller = ControllerKind::Paper;  // L = d
  RoundStatistics round;
  round.local = statistics.local();
  round.voters = 1;
  const double estimated = double{RateController::create(spec, kFew, 100)->rate(round)};
  INFO(estimated << " for " << best_rate(x, 1));
  CHECK(expected_change(x, 1, 1.8 * estimated).falls());
  CHECK(expected_change(x, 1, 2.5 * estimated).rises());
}

}  // namespace signet::paper
