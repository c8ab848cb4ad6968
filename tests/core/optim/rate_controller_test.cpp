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
  s.smoothness = 10.0;
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
    CHECK(rates[rounds / 2 - 1] == Approx(0.001));
    CHECK(rates.front() < 0.6 * rates[rounds / 2]);
    CHECK(rates.back() < 0.2 * rates[rounds / 2]);
  }
}

TEST_CASE("guarded is the geometric mean of equation (1) and of a step that fits x_0",
          "[core][optim][paper:eq1]") {
  // rms(x_0) / (2 sqrt(K)) = 0.08 / (2 * 20) = 0.002; S / L = 0.008; their mean is 0.004.
  RunFacts facts;
  facts.parameter_rms = 0.08;
  auto guarded = RateController::create(spec(ControllerKind::Guarded), kDimension, kRounds, facts);
  for (std::uint64_t k = 0; k < kRounds / 2 - 1; ++k) guarded->rate(statistics(k, 8));
  CHECK(guarded->rate(statistics(kRounds / 2 - 1, 8)) == Approx(0.004));
}

TEST_CASE("guarded gives votes on changes a half cosine that fits x_0", "[core][optim]") {
  RunFacts facts;
  facts.parameter_rms = 0.05;
  facts.votes_on_changes = true;
  auto guarded = RateController::create(spec(ControllerKind::Guarded), kDimension, 70, facts);
  for (std::uint64_t k = 0; k < 70; ++k) {
    const double way = (static_cast<double>(k) + 0.5) / 70;
    const double expected =
        0.7 * 0.05 / std::sqrt(70.0) * (1 + std::cos(3.14159265358979 * way)) / 2;
    CHECK(guarded->rate(statistics(k, 1e6)) == Approx(expected));
  }
}

TEST_CASE("guarded with an open end falls with the root of the rounds and never to 0",
          "[core][optim]") {
  auto open = spec(ControllerKind::Guarded);
  open.horizon = Horizon::Open;
  RunFacts facts;
  facts.parameter_rms = 0.05;
  for (const bool changes : {false, true}) {
    facts.votes_on_changes = changes;
    // What K is makes no difference.
    auto guarded = RateController::create(open, kDimension, 7, facts);
    auto other = RateController::create(open, kDimension, 1'000'000, facts);
    double early = 0, late = 0;
    for (std::uint64_t k = 0; k < 20'000; ++k) {
      const double rate = double{guarded->rate(statistics(k, 1))};
      REQUIRE(rate > 0);
      REQUIRE(rate == double{other->rate(statistics(k, 1))});
      if (k == 150) early = rate;
      late = rate;
    }
    CHECK(late < early / (changes ? 8 : 2.5));
  }
}

TEST_CASE("cosine falls from its value to 0 over the rounds", "[core][optim]") {
  auto cosine = RateController::create(spec(ControllerKind::Cosine, 0.01), kDimension, kRounds);
  CHECK(cosine->rate(statistics(0, 5)) == Approx(0.01));
  CHECK(cosine->rate(statistics(kRounds / 2, 5)) == Approx(0.005));
  CHECK(cosine->rate(statistics(kRounds / 4, 5)) == Approx(0.01 * (1 + std::sqrt(0.5)) / 2));
  CHECK(cosine->rate(statistics(kRounds, 5)) == Approx(0).margin(1e-9));
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
  RunFacts facts;
  facts.parameter_rms = 0.05;
  for (const auto kind : {ControllerKind::Fixed, ControllerKind::InverseSqrt, ControllerKind::Paper,
                          ControllerKind::Guarded, ControllerKind::Cosine}) {
    auto whole = RateController::create(spec(kind, 0.01), kDimension, kRounds, facts);
    auto first = RateController::create(spec(kind, 0.01), kDimension, kRounds, facts);
    Rng rng(11);
    std::vector<RoundStatistics> rounds;
    for (std::uint64_t k = 0; k < 200; ++k)
      rounds.push_back(statistics(k, 1 + double{rng.uniform()}));
    for (std::uint64_t k = 0; k < 90; ++k) CHECK(whole->rate(rounds[k]) == first->rate(rounds[k]));
    // Restarted at other parameters than x_0.
    facts.parameter_rms = 0.4;
    auto second = RateController::create(spec(kind, 0.01), kDimension, kRounds, facts);
    facts.parameter_rms = 0.05;
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
