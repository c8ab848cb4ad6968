// Equation (1): eta*_k = sum_i |g_i| (1 - 2 P[sign(g~_i) != sign(g_i)]) / L, and what the text
// after Theorem 4 says about estimating it.
#include <cmath>
#include <vector>

#include "core/base/random.hpp"
#include "core/optim/rate_controller.hpp"
#include "core/optim/sign_statistics.hpp"
#include "tests/paper/reference.hpp"
#include "tests/support/catch.hpp"

namespace signet {

namespace {

// 1 - 2 P[sign differs] for Gaussian noise of deviation sigma around g: erf(|g| / (sigma sqrt 2)).
double certainty(double g, double sigma) {
  return sigma == 0 ? 1 : std::erf(std::abs(g) / (sigma * std::sqrt(2.0)));
}

std::vector<double> true_gradient(std::size_t d) {
  std::vector<double> g(d);
  for (std::size_t i = 0; i < d; ++i)
    g[i] = (i % 2 == 0 ? 1 : -1) * 0.01 * static_cast<double>(1 + i % 50);
  return g;
}

std::vector<float> noisy(const std::vector<double>& g, double sigma, Rng& rng) {
  std::vector<float> noised;
  for (const double x : g) noised.push_back(static_cast<float>(x + sigma * rng.normal()));
  return noised;
}

}  // namespace

TEST_CASE("equation 1: with many micro-batches the local estimate is the sum itself",
          "[paper][paper:eq1]") {
  constexpr std::size_t kD = 20'000;
  const auto g = true_gradient(kD);
  const double sigma = 0.2;
  double expected = 0;
  for (const double x : g) expected += std::abs(x) * certainty(x, sigma);
  Rng rng(1);
  SignStatistics statistics(kD);
  statistics.clear();
  for (int a = 0; a < 100; ++a) statistics.add(noisy(g, sigma, rng));
  statistics.mean_gradient();
  // Its bias is the noise of the mean, sigma / sqrt(100), on coordinates smaller than that.
  CHECK(statistics.local() == Approx(expected).epsilon(0.03));
}

TEST_CASE("equation 1: the cross estimate has the sum as its mean for any number of micro-batches",
          "[paper][paper:eq1]") {
  constexpr std::size_t kD = 2'000;
  constexpr int kTrials = 400;
  const auto g = true_gradient(kD);
  for (const int m : {2, 4}) {
    const double sigma = 0.5;
    double expected = 0;
    for (const double x : g) expected += std::abs(x) * certainty(x, sigma);
    Rng rng(7);
    double mean = 0, squares = 0;
    for (int trial = 0; trial < kTrials; ++trial) {
      SignStatistics statistics(kD);
      statistics.clear();
      for (int a = 0; a < m; ++a) statistics.add(noisy(g, sigma, rng));
      statistics.mean_gradient();
      mean += statistics.cross() / kTrials;
      squares += statistics.cross() * statistics.cross() / kTrials;
    }
    const double error = std::sqrt((squares - mean * mean) / kTrials);
    INFO("m " << m << " mean " << mean << " expected " << expected << " error " << error);
    CHECK(std::abs(mean - expected) < 5 * error);
    CHECK(5 * error < 0.1 * expected);  // the check above can fail
  }
}

TEST_CASE("equation 1: noise makes the rate smaller, and eta* is inversely proportional to L",
          "[paper][paper:eq1]") {
  constexpr std::size_t kD = 1'000;
  const auto g = true_gradient(kD);
  double last = 1e9;
  for (const double sigma : {0.0, 0.1, 0.3, 1.0}) {
    Rng rng(3);
    SignStatistics statistics(kD);
    statistics.clear();
    for (int a = 0; a < 64; ++a) statistics.add(noisy(g, sigma, rng));
    statistics.mean_gradient();
    const RoundStatistics round{RoundId{0}, statistics.local(), statistics.cross(), 1, 1, 4};
    RateSpec spec;
    spec.controller = ControllerKind::Paper;
    spec.smoothness = 10.0;
    const double at_10 = double{RateController::create(spec, kD, 100)->rate(round)};
    spec.smoothness = 20.0;
    const double at_20 = double{RateController::create(spec, kD, 100)->rate(round)};
    CHECK(at_10 == Approx(2 * at_20));
    CHECK(at_10 == Approx(statistics.local() / 10));
    CHECK(at_10 < last);
    last = at_10;
  }
}

TEST_CASE("equation 1: without noise eta* takes the greatest guaranteed step of inequality 2",
          "[paper][paper:eq1]") {
  // f = 1/2 sum x_i^2 has gradient x; a sign step changes f by d eta^2 / 2 - eta |x|_1 exactly,
  // which is inequality (2) with L = d. The rate must be its minimiser.
  constexpr std::size_t kD = 100;
  std::vector<float> x(kD);
  Rng rng(5);
  for (auto& v : x) v = rng.uniform() * 4 - 2;
  SignStatistics statistics(kD);
  statistics.clear();
  statistics.add(x);
  statistics.add(x);
  statistics.mean_gradient();
  RateSpec spec;
  spec.controller = ControllerKind::Paper;  // L = d
  const RoundStatistics round{RoundId{0}, statistics.local(), statistics.cross(), 1, 1, 1};
  const double eta = double{RateController::create(spec, kD, 100)->rate(round)};
  const auto change = [&x](double step) {
    double sum = 0;
    for (const float v : x) {
      const double moved = double{v} - step * paper::sign(double{v});
      sum += (moved * moved - double{v} * double{v}) / 2;
    }
    return sum;
  };
  CHECK(change(eta) < 0);
  for (const double other : {0.5, 0.9, 0.99, 1.01, 1.1, 1.5})
    CHECK(change(eta) < change(other * eta));
  // Proposition 3: inside (0, 2 eta*) the loss falls, at the end of the interval it does not.
  CHECK(change(1.99 * eta) < 0);
  CHECK(change(2.01 * eta) > 0);
}

}  // namespace signet
