#include "core/optim/rate_controller.hpp"

#include <cmath>
#include <vector>

#include "core/base/random.hpp"
#include "tests/support/catch.hpp"

namespace signet {

namespace {

RoundStatistics statistics(std::uint64_t round, double local, double cross = 0) {
  return {RoundId{round}, local, cross, 1.0, 0.5, 4};
}

RateSpec spec(ControllerKind kind, double value = 0) {
  RateSpec s;
  s.controller = kind;
  s.value = value;
  return s;
}

constexpr std::size_t kDimension = 1000;
constexpr std::uint64_t kRounds = 400;

}  // namespace

TEST_CASE("fixed gives one rate", "[core][optim]") {
  auto controller = RateController::create(spec(ControllerKind::Fixed, 3e-4), kDimension, kRounds);
  CHECK(controller->rate(statistics(0, 5)) == 3e-4F);
  CHECK(controller->rate(statistics(399, 500)) == 3e-4F);
}

TEST_CASE("inverse_sqrt is value / sqrt(K) in every round", "[core][optim][paper:thm1]") {
  auto controller =
      RateController::create(spec(ControllerKind::InverseSqrt, 0.5), kDimension, kRounds);
  CHECK(controller->rate(statistics(0, 5)) == Approx(0.5 / 20));
  CHECK(controller->rate(statistics(399, 5)) == Approx(0.5 / 20));
}

TEST_CASE("paper is equation (1): S / L with L = d or the job's number",
          "[core][optim][paper:eq1]") {
  auto s = spec(ControllerKind::Paper);
  CHECK(RateController::create(s, kDimension, kRounds)->rate(statistics(0, 5)) == Approx(0.005));
  s.smoothness = 10;
  CHECK(RateController::create(s, kDimension, kRounds)->rate(statistics(0, 5)) == Approx(0.5));
  s.statistic = Statistic::Cross;
  CHECK(RateController::create(s, kDimension, kRounds)->rate(statistics(0, 5, 2)) == Approx(0.2));
}

TEST_CASE("a statistic that is not positive takes no step", "[core][optim]") {
  for (const auto kind : {ControllerKind::Paper, ControllerKind::Guarded}) {
    auto controller = RateController::create(spec(kind), kDimension, kRounds);
    CHECK(controller->rate(statistics(0, -3)) == 0.0F);
    CHECK(controller->rate(statistics(1, 0)) == 0.0F);
    CHECK(controller->rate(statistics(2, 4)) > 0.0F);
  }
}

TEST_CASE("guarded never exceeds the paper's rate", "[core][optim]") {
  auto guarded = RateController::create(spec(ControllerKind::Guarded), kDimension, kRounds);
  auto paper = RateController::create(spec(ControllerKind::Paper), kDimension, kRounds);
  Rng rng(4);
  for (std::uint64_t k = 0; k < kRounds; ++k) {
    const auto s = statistics(k, 1 + 10 * double{rng.uniform()});
    CHECK(guarded->rate(s) <= paper->rate(s));
  }
}

TEST_CASE("guarded rises at first, falls at the end, and steps in every round", "[core][optim]") {
  for (const std::uint64_t rounds : {1U, 2U, 20U, 400U, 20'000U}) {
    auto controller = RateController::create(spec(ControllerKind::Guarded), kDimension, rounds);
    std::vector<double> rates;
    for (std::uint64_t k = 0; k < rounds; ++k)
      rates.push_back(double{controller->rate(statistics(k, 1))});
    for (const double rate : rates) {
      CHECK(rate > 0);
      CHECK(rate <= Approx(0.001));
    }
    if (rounds < 20) continue;
    CHECK(rates[rounds / 2] == Approx(0.001));
    CHECK(rates.front() < 0.6 * rates[rounds / 2]);
    CHECK(rates.back() < 0.2 * rates[rounds / 2]);
  }
}

TEST_CASE("guarded breaks the feedback that blows the paper's rate up", "[core][optim]") {
  // A statistic that grows with the last rate: with equation (1) alone it doubles each round.
  auto guarded = RateController::create(spec(ControllerKind::Guarded), kDimension, 100'000);
  for (std::uint64_t k = 0; k < 200; ++k) guarded->rate(statistics(k, 1));
  double rate = 0.001;
  for (std::uint64_t k = 200; k < 230; ++k)
    rate = double{guarded->rate(statistics(k, 2 * rate * static_cast<double>(kDimension)))};
  CHECK(rate < 0.01);
}

TEST_CASE("a restored controller goes on as if it had never stopped", "[core][optim]") {
  for (const auto kind : {ControllerKind::Fixed, ControllerKind::InverseSqrt, ControllerKind::Paper,
                          ControllerKind::Guarded}) {
    auto whole = RateController::create(spec(kind, 0.01), kDimension, kRounds);
    auto first = RateController::create(spec(kind, 0.01), kDimension, kRounds);
    Rng rng(11);
    std::vector<RoundStatistics> rounds;
    for (std::uint64_t k = 0; k < 200; ++k)
      rounds.push_back(statistics(k, 1 + double{rng.uniform()}));
    for (std::uint64_t k = 0; k < 90; ++k) CHECK(whole->rate(rounds[k]) == first->rate(rounds[k]));
    auto second = RateController::create(spec(kind, 0.01), kDimension, kRounds);
    REQUIRE(second->restore(first->state()));
    for (std::uint64_t k = 90; k < 200; ++k)
      CHECK(whole->rate(rounds[k]) == second->rate(rounds[k]));
  }
}

TEST_CASE("a saved state of another size is refused", "[core][optim]") {
  for (const auto kind : {ControllerKind::Fixed, ControllerKind::Guarded}) {
    auto controller = RateController::create(spec(kind, 0.01), kDimension, kRounds);
    const auto restored = controller->restore(Bytes(7));
    REQUIRE_FALSE(restored);
    CHECK(restored.error().kind == ErrorKind::Corrupt);
  }
}

}  // namespace signet
