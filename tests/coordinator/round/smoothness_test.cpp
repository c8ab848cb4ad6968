// The curvature that agents measure, on its way to the rate.
#include <limits>
#include <string>
#include <vector>

#include "tests/coordinator/round/round_bench.hpp"

namespace signet {

namespace {

using test::kRoundDimension;
using test::random_signs;
using test::RoundBench;

const std::vector<std::string> kNames{"ada", "bob", "cid", "liar"};

Job secant_job() {
  Job job = test::round_job(kNames.size());
  job.rate = RateSpec{};
  job.rate.controller = ControllerKind::Paper;
  job.rate.smoothness = BySecant{};
  return job;
}

/// The rate of a round in which the agents measured `curvatures`, in the order of kNames.
float rate_with(RoundBench& bench, const std::vector<std::optional<float>>& curvatures) {
  for (std::size_t j = 0; j < kNames.size(); ++j) {
    const SignVector signs = random_signs(kRoundDimension, bench.open().value);
    Vote vote = bench.vote_of(signs);
    vote.curvature = curvatures[j];
    bench.tell(RoundBench::peer_of(kNames[j]), vote);
  }
  return bench.saved.back()->rate;
}

RoundBench secant_bench(RunState state = test::round_state()) {
  RoundBench bench(secant_job(), std::move(state));
  bench.join_all(kNames);
  return bench;
}

constexpr double kByDimension = 1.0 / kRoundDimension;  // every vote says S = 1

}  // namespace

TEST_CASE("the rate divides by the middle of the curvatures that agents measured",
          "[coordinator][round]") {
  RoundBench bench = secant_bench();
  CHECK(rate_with(bench, {{}, {}, {}, {}}) == Approx(kByDimension));
  CHECK(rate_with(bench, {2.0F, 5.0F, {}, 4.0F}) == Approx(kByDimension / 4));
  CHECK(rate_with(bench, {{}, {}, {}, {}}) == Approx(kByDimension / 4));
}

TEST_CASE("one agent's made-up curvature moves the rate no further than the others' differ",
          "[coordinator][round]") {
  for (const float lie : {1e30F, -1e30F, 0.0F, std::numeric_limits<float>::denorm_min()}) {
    RoundBench bench = secant_bench();
    const double rate = double{rate_with(bench, {2.0F, 3.0F, 4.0F, lie})};
    CHECK(rate <= Approx(kByDimension / 3));
    CHECK(rate >= Approx(kByDimension / 4));
  }
}

TEST_CASE("a restarted RoundMachine remembers the curvature", "[coordinator][round]") {
  RoundBench one = secant_bench();
  rate_with(one, {2.0F, 2.0F, 2.0F, 2.0F});
  RunState state = test::restarted_state(one.open().value, kNames);
  for (const auto& action : one.actions)
    if (const auto* round = std::get_if<SaveRound>(&action)) state.controller = round->controller;
  REQUIRE_FALSE(state.controller.empty());
  RoundBench other = secant_bench(std::move(state));
  CHECK(rate_with(other, {{}, {}, {}, {}}) == Approx(kByDimension / 2));
}

}  // namespace signet
