#include "core/optim/smoothness.hpp"

#include <cmath>
#include <vector>

#include "core/optim/rate_controller.hpp"
#include "tests/support/catch.hpp"

namespace signet {

namespace {

constexpr std::size_t kUnknowns = 1000;
constexpr std::uint64_t kMeasuredRounds = 400;

/// Curvature 2 + k in every eighth round k.
RoundStatistics measured_round(std::uint64_t k) {
  RoundStatistics s;
  s.round = RoundId{k};
  s.local = s.cross = 8;
  s.voters = 4;
  if (k % 8 == 1) s.curvature = 2 + static_cast<double>(k);
  return s;
}

}  // namespace

TEST_CASE("smoothness is d, or the job's number, whatever is measured", "[core][optim]") {
  SmoothnessEstimate dimension(ByDimension{}, kUnknowns), number(50.0, kUnknowns);
  dimension.hear(3.0);
  number.hear(3.0);
  CHECK(dimension.value() == 1000);
  CHECK(number.value() == 50);
  CHECK(dimension.state().empty());
  CHECK(number.state().empty());
}

TEST_CASE("smoothness by secant is d times the mean size of the measured curvatures",
          "[core][optim]") {
  SmoothnessEstimate l(BySecant{}, kUnknowns);
  CHECK(l.value() == 1000);
  l.hear(std::nullopt);
  CHECK(l.value() == 1000);
  l.hear(0.5);
  CHECK(l.value() == Approx(500));
  l.hear(-1.5);  // L bounds a curve that bends downwards, too
  CHECK(l.value() == Approx(1000));
  l.hear(std::nullopt);
  CHECK(l.value() == Approx(1000));
}

TEST_CASE("smoothness by secant follows a curvature that changes", "[core][optim]") {
  SmoothnessEstimate l(BySecant{}, kUnknowns);
  for (int i = 0; i < 100; ++i) l.hear(8.0);
  for (int i = 0; i < 16; ++i) l.hear(2.0);
  // Exponential: (1 - 1/16)^16 of the old value is left.
  CHECK(l.value() == Approx(1000 * (2 + 6 * std::pow(15.0 / 16, 16))));
}

TEST_CASE("paper and guarded divide by what was measured", "[core][optim][paper:eq1]") {
  RateSpec spec;
  spec.controller = ControllerKind::Paper;
  spec.smoothness = BySecant{};
  auto paper = RateController::create(spec, kUnknowns, kMeasuredRounds);
  CHECK(paper->rate(measured_round(0)) == Approx(8.0 / 1000));
  CHECK(paper->rate(measured_round(1)) == Approx(8.0 / 3000));  // the curvature is 3
  CHECK(paper->rate(measured_round(2)) == Approx(8.0 / 3000));

  // Over so many equal rounds the guard is at rest: a fourth of the curvature is four times the
  // rate.
  double rates[2] = {};
  for (const int i : {0, 1}) {
    spec.controller = ControllerKind::Guarded;
    auto guarded = RateController::create(spec, kUnknowns, 100'000);
    for (std::uint64_t k = 0; k < 2000; ++k) {
      RoundStatistics s = measured_round(k);
      if (s.curvature) s.curvature = i == 0 ? 4.0 : 1.0;
      rates[i] = double{guarded->rate(s)};
    }
  }
  CHECK(rates[1] == Approx(4 * rates[0]).epsilon(0.01));
}

TEST_CASE("a restored controller remembers the curvature", "[core][optim]") {
  for (const auto kind : {ControllerKind::Paper, ControllerKind::Guarded}) {
    RateSpec spec;
    spec.controller = kind;
    spec.smoothness = BySecant{};
    auto whole = RateController::create(spec, kUnknowns, kMeasuredRounds, {0.05, false});
    auto second = RateController::create(spec, kUnknowns, kMeasuredRounds, {0.4, false});
    for (std::uint64_t k = 0; k < 90; ++k) whole->rate(measured_round(k));
    const Bytes state = whole->state();
    REQUIRE(second->restore(state));
    for (std::uint64_t k = 90; k < 200; ++k)
      CHECK(whole->rate(measured_round(k)) == second->rate(measured_round(k)));

    // The state of a job that measures nothing is another one.
    spec.smoothness = ByDimension{};
    const auto other = RateController::create(spec, kUnknowns, kMeasuredRounds);
    CHECK_FALSE(other->restore(state));
    CHECK_FALSE(second->restore(other->state()));
  }
}

}  // namespace signet
