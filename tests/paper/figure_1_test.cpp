// Figure 1 in small: `./dev paper fig1` draws it whole.
#include "fleet/paper/figure_1.hpp"

#include <cmath>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/optim/rate_controller.hpp"
#include "fleet/paper/descent.hpp"
#include "tests/support/catch.hpp"

namespace signet::paper {

namespace {

const auto kSilent = [](std::size_t, std::size_t) {};

Figure1 small_figure() {
  Figure1 figure;
  figure.dimensions = {100};
  figure.trials = 6;
  figure.iterations = 4'000;
  return figure;
}

}  // namespace

TEST_CASE(
    "figure 1: fixed rates end alike, equation (1) lower, and it follows the curve without "
    "noise at first",
    "[paper][paper:fig1]") {
  std::map<std::string, Curve> curves;
  for (Curve& curve : draw_figure_1(small_figure(), 2, kSilent))
    curves[curve.method] = std::move(curve);
  REQUIRE(curves.size() == 6);
  // A step of 0.05 leaves 0.05^2 / 3 in each of the 99 coordinates without noise, and in the first
  // what the noise of the mean leaves: together 0.14 for signs. SGD has no signs and no such floor,
  // but follows the noise: (0.05 / 1.95) 6.25^2 / 2 = 0.50. Student with 5 degrees of freedom: five
  // standard errors are 99.6 %.
  const auto within = [&](const char* method, double expected) {
    const Curve& curve = curves.at(method);
    INFO(method << ": " << curve.final_mean << " +- " << curve.final_error);
    CHECK(std::abs(curve.final_mean - expected) < 5 * curve.final_error);
    CHECK(curve.final_error < 0.25 * expected);
  };
  within("sgd", 0.50);
  within("signsgd", 0.14);
  within("mh_signsgd", 0.16);
  const Curve& adaptive = curves.at("adaptive");
  CHECK(adaptive.final_mean < curves.at("mh_signsgd").final_mean / 3);
  const Curve& ideal = curves.at("adaptive_no_noise");
  CHECK(ideal.final_mean < 1e-9);
  const Curve& fixed = curves.at("mh_signsgd");
  const double start = ideal.mean[0];
  std::size_t i = 0;
  for (; adaptive.at[i] < 10; ++i) {
    INFO("iteration " << adaptive.at[i] << ": " << adaptive.mean[i] << " " << ideal.mean[i]);
    CHECK(std::abs(adaptive.mean[i] - ideal.mean[i]) < 0.02 * start);
  }
  CHECK(std::abs(fixed.mean[i] - ideal.mean[i]) > 0.2 * start);
}

TEST_CASE("figure 1: neither threads nor the other curves change a curve", "[paper][paper:fig1]") {
  Figure1 figure = small_figure();
  figure.iterations = 200;
  const auto one = draw_figure_1(figure, 1, kSilent), three = draw_figure_1(figure, 3, kSilent);
  figure.dimensions = {30, 100};
  const auto both = draw_figure_1(figure, 2, kSilent);
  REQUIRE(both.size() == 2 * one.size());
  for (std::size_t i = 0; i < one.size(); ++i) {
    CHECK(one[i].mean == three[i].mean);
    CHECK(one[i].mean == both[one.size() + i].mean);
    CHECK(one[i].at.back() == 200);
    CHECK(one[i].mean.size() == one[i].at.size());
  }
}

TEST_CASE("figure 1: the default rate hears the starting point beside equation (1)",
          "[paper][paper:fig1]") {
  constexpr std::size_t kDimension = 100;
  constexpr std::uint64_t kIterations = 1000;
  const Quadratic problem(kDimension);
  const Noise none;
  const std::vector<float> start(kDimension, 2.0F);
  RateSpec spec;
  spec.controller = ControllerKind::Guarded;
  double step = 0;
  descend(problem, none, {Direction::Vote, spec, 1, kIterations}, start, 1,
          [&](std::uint64_t k, std::span<const float> x) {
            if (k == 1) step = std::abs(double{x[0]} - 2);
          });
  // Of x'x / 2 at x = 2 the sum is 2 d, and L = d.
  RoundStatistics first;
  first.local = first.cross = 2 * kDimension;
  first.voters = 1;
  const auto rate = RateController::create(spec, kDimension, kIterations, {2, false});
  CHECK(step == Approx(double{rate->rate(first)}).epsilon(1e-4));
}

}  // namespace signet::paper
