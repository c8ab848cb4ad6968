#include "fleet/simulate.hpp"

#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/small_fleet.hpp"

namespace signet {

namespace simulate_test {

constexpr std::size_t kClasses = 4, kFeatures = 8;

/// A small network on blobs of four classes.
Job blobs_job(std::size_t agents, std::uint64_t rounds) {
  Job job = test::small_job();
  job.data.classes = job.model.outputs = kClasses;
  job.data.input = job.model.input = {kFeatures};
  LayerSpec hidden, relu, last;
  hidden.units = 16;
  relu.kind = LayerKind::Relu;
  last.units = kClasses;
  job.model.layers = {hidden, relu, last};
  job.training.batch = 8;
  job.round.agents = agents;
  job.stop.rounds = rounds;
  job.evaluate.every = 0;
  return job;
}

Dataset blobs(std::size_t samples, std::uint64_t seed) {
  return test::make_blobs(samples, kFeatures, kClasses, seed);
}

Trace trace_of(const Job& job, const SimulateOptions& options) {
  auto trace = simulate(job, blobs(960, 1), blobs(400, 1), options);
  if (!trace) FAIL(trace.error().message);
  REQUIRE(trace->test_accuracy);
  return std::move(*trace);
}

SimulateOptions with_split(const std::string& text) {
  SimulateOptions options;
  const auto spec = parse_split(text);
  REQUIRE(spec);
  options.split = *spec;
  return options;
}

SimulateOptions with_liars(const std::string& text) {
  SimulateOptions options;
  const auto spec = parse_liars(text);
  REQUIRE(spec);
  options.liars = *spec;
  return options;
}

}  // namespace simulate_test

using simulate_test::blobs;
using simulate_test::blobs_job;
using simulate_test::trace_of;
using simulate_test::with_liars;
using simulate_test::with_split;

TEST_CASE("a simulated vote is one run for one seed, whatever the threads", "[fleet]") {
  const Job job = blobs_job(6, 40);
  SimulateOptions options;
  const Trace one = trace_of(job, options);
  options.threads = 3;
  std::vector<std::uint64_t> seen;
  options.progress = [&seen](const TraceRow& row) { seen.push_back(row.round); };
  const Trace three = trace_of(job, options);
  CHECK(one.digest == three.digest);
  CHECK(one.rounds == 40);
  CHECK(one.samples == 40 * 6 * 8);
  REQUIRE(seen.size() == 40);
  CHECK(seen.front() == 0);
  CHECK(seen.back() == 39);
  Job other = job;
  other.seed = 2;
  CHECK(trace_of(other, {}).digest != one.digest);
}

TEST_CASE("the default rate learns in 20 rounds as in 2000, with and without a known end",
          "[fleet]") {
  for (const auto horizon : {Horizon::Rounds, Horizon::Open})
    for (const std::uint64_t rounds : {20U, 200U, 2000U}) {
      INFO(rounds << " rounds" << (horizon == Horizon::Open ? ", open" : ""));
      Job job = blobs_job(4, rounds);
      job.rate.horizon = horizon;
      const Trace trace = trace_of(job, {});
      CHECK_FALSE(trace.diverged);
      CHECK(*trace.test_accuracy > (rounds == 20 ? 0.8 : 0.95));
    }
}

TEST_CASE("agents of one class each learn with the setting for unequal data", "[fleet]") {
  const SimulateOptions one_class = with_split("classes:1");
  Job job = blobs_job(4, 60);
  job.distribution = Distribution::Unequal;
  const Trace trace = trace_of(job, one_class);
  CHECK_FALSE(trace.diverged);
  CHECK(*trace.test_accuracy > 0.95);
  CHECK(trace.samples == 60 * 4 * 8 * 10);
  // One bit a parameter and round, as for equal data.
  const double bits = static_cast<double>(trace.bytes_up_per_agent) * 8 / 60;
  CHECK(bits < 212 + 8 * 300);  // 212 parameters, and what stands around them
}

TEST_CASE("boards of unequal strength vote with batches of their own size", "[fleet]") {
  const auto range = parse_batches("2-32");
  REQUIRE(range);
  CHECK(spread(*range, 5) == std::vector<std::size_t>{2, 4, 8, 16, 32});
  SimulateOptions options;
  options.batches = *range;
  const Trace trace = trace_of(blobs_job(5, 100), options);
  CHECK(trace.samples == 100 * (2 + 4 + 8 + 16 + 32));
  CHECK(*trace.test_accuracy > 0.95);
  for (const char* bad : {"", "8", "0-8", "9-8", "8-65537", "a-b", "8-"}) {
    const auto refused = parse_batches(bad);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("expected LOW-HIGH") != std::string::npos);
  }
}

TEST_CASE("votes weighted by mismatch outlive a third of flippers and five colluders of twelve",
          "[fleet]") {
  Job job = blobs_job(12, 150);
  const double clean = *trace_of(job, {}).test_accuracy;
  REQUIRE(clean > 0.95);
  job.weights = VoteWeights::Mismatch;
  CHECK(*trace_of(job, with_liars("0.34:flip")).test_accuracy > clean - 0.01);
  CHECK(*trace_of(job, with_liars("0.42:collude")).test_accuracy > clean - 0.03);
}

TEST_CASE("Algorithm 2 is a method of the same command", "[fleet][paper:alg2]") {
  SimulateOptions options;
  BaselineSpec spec = usual_spec(Method::Centralised);
  options.baseline = spec;
  const Trace trace = trace_of(blobs_job(4, 100), options);
  CHECK(*trace.test_accuracy > 0.95);
  CHECK(trace.bytes_up_per_agent == 0);
}

TEST_CASE("a measured smoothness finds a rate that learns, and Algorithm 2 cannot measure it",
          "[fleet]") {
  Job job = blobs_job(4, 200);
  job.rate.smoothness = BySecant{};
  const Trace trace = trace_of(job, {});
  CHECK_FALSE(trace.diverged);
  CHECK(*trace.test_accuracy > 0.95);
  Job by_dimension = job;
  by_dimension.rate.smoothness = ByDimension{};
  CHECK(trace_of(by_dimension, {}).digest != trace.digest);

  SimulateOptions options;
  options.baseline = usual_spec(Method::Centralised);
  const auto refused = simulate(job, blobs(100, 1), std::nullopt, options);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("rate.smoothness is secant") != std::string::npos);
}

TEST_CASE("what a simulation cannot use is refused, and says why", "[fleet]") {
  const Job job = blobs_job(4, 10);
  const auto few = simulate(job, blobs(3, 1), std::nullopt, {});
  REQUIRE_FALSE(few);
  CHECK(few.error().kind == ErrorKind::Mismatch);
  const auto narrow =
      simulate(job, test::make_blobs(100, 5, simulate_test::kClasses, 1), std::nullopt, {});
  REQUIRE_FALSE(narrow);
  CHECK(narrow.error().message.find("the data have 5 features") != std::string::npos);
}

TEST_CASE("as many agents lie as the share says in decimal numbers", "[fleet][simulate]") {
  for (const auto& [share, agents, liars] :
       {std::tuple{0.29, 100, 29}, {0.57, 100, 57}, {0.58, 50, 29}, {0.33, 10, 3}, {0.0, 7, 0}})
    CHECK(Liars({share, LieKind::Flip}, static_cast<std::size_t>(agents), 1).count() ==
          static_cast<std::size_t>(liars));
}

}  // namespace signet
