#include "core/optim/sign_statistics.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "core/base/random.hpp"
#include "tests/support/catch.hpp"

namespace signet {

namespace {

using Gradients = std::vector<std::vector<float>>;

Gradients noisy_gradients(std::size_t count, std::size_t d, double signal, std::uint64_t seed) {
  Rng rng(seed);
  Gradients gradients(count, std::vector<float>(d));
  for (auto& g : gradients)
    for (std::size_t i = 0; i < d; ++i)
      g[i] = i % 11 == 0 ? 0.0F : static_cast<float>(signal * (i % 2 == 0 ? 1 : -1) + rng.normal());
  return gradients;
}

int sign(double x) {
  return x > 0 ? 1 : (x < 0 ? -1 : 0);
}

// Equation (1)'s sum by the definition: |gbar_i| (1 - 2 share of differing signs), a zero being
// half.
double local_by_definition(const Gradients& gradients) {
  const double m = static_cast<double>(gradients.size());
  double sum = 0;
  for (std::size_t i = 0; i < gradients[0].size(); ++i) {
    double mean = 0, differ = 0;
    for (const auto& g : gradients) mean += double{g[i]} / m;
    for (const auto& g : gradients)
      differ += sign(double{g[i]}) == 0 ? 0.5 : (sign(double{g[i]}) != sign(mean) ? 1.0 : 0.0);
    sum += std::abs(mean) * (1 - 2 * differ / m);
  }
  return sum;
}

// Mean over a of < mean of the others, sign(g_a) >.
double cross_by_definition(const Gradients& gradients) {
  const double m = static_cast<double>(gradients.size());
  double sum = 0;
  for (std::size_t a = 0; a < gradients.size(); ++a)
    for (std::size_t i = 0; i < gradients[0].size(); ++i) {
      double others = 0;
      for (std::size_t b = 0; b < gradients.size(); ++b)
        if (b != a) others += double{gradients[b][i]} / (m - 1);
      sum += others * sign(double{gradients[a][i]}) / m;
    }
  return sum;
}

SignStatistics statistics_of(const Gradients& gradients) {
  SignStatistics statistics(gradients[0].size());
  statistics.clear();
  for (const auto& g : gradients) statistics.add(g);
  statistics.mean_gradient();
  return statistics;
}

}  // namespace

TEST_CASE("local and cross statistics are what their definitions say", "[core][optim][paper:eq1]") {
  for (const std::size_t m : {2U, 4U, 7U})
    for (const std::size_t d : {1U, 8U, 100U, 777U}) {
      const auto gradients = noisy_gradients(m, d, 0.3, m * 1000 + d);
      const auto statistics = statistics_of(gradients);
      CHECK(statistics.local() ==
            Approx(local_by_definition(gradients)).epsilon(1e-4).margin(1e-5));
      CHECK(statistics.cross() ==
            Approx(cross_by_definition(gradients)).epsilon(1e-4).margin(1e-5));
    }
}

TEST_CASE("the cross statistic is unbiased in noise and the local one is not",
          "[core][optim][paper:eq1]") {
  // Pure noise: equation (1)'s sum is 0. Means over 200 rounds of d = 500.
  double local = 0, cross = 0;
  for (std::uint64_t round = 0; round < 200; ++round) {
    const auto statistics = statistics_of(noisy_gradients(4, 500, 0.0, 10 + round));
    local += statistics.local() / 200;
    cross += statistics.cross() / 200;
  }
  // One round's standard deviation is about sqrt(d / m) = 11, of the mean 0.8: six of them.
  CHECK(std::abs(cross) < 4.8);
  CHECK(local > 50);
}

TEST_CASE("without noise both statistics are the l1 norm of the gradient",
          "[core][optim][paper:eq1]") {
  Gradients gradients(4, {0.5F, -0.25F, 0.0F, 2.0F});
  const auto statistics = statistics_of(gradients);
  CHECK(statistics.local() == Approx(2.75));
  CHECK(statistics.cross() == Approx(2.75));
}

TEST_CASE("the mean gradient is the mean, and a new round starts from nothing", "[core][optim]") {
  SignStatistics statistics(3);
  for (int round = 0; round < 2; ++round) {
    statistics.clear();
    statistics.add(std::vector<float>{1.0F, 2.0F, -4.0F});
    statistics.add(std::vector<float>{3.0F, -2.0F, -4.0F});
    const auto mean = statistics.mean_gradient();
    CHECK(std::vector<float>(mean.begin(), mean.end()) == std::vector<float>{2.0F, 0.0F, -4.0F});
  }
}

TEST_CASE("a gradient with NaN or infinity is not finite", "[core][optim]") {
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    auto gradients = noisy_gradients(2, 100, 0.1, 1);
    CHECK(statistics_of(gradients).finite());
    gradients[1][99] = bad;
    CHECK_FALSE(statistics_of(gradients).finite());
  }
}

}  // namespace signet
