#include "agent/trainer/secant.hpp"

#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "agent/trainer/learner.hpp"
#include "core/base/random.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/small_fleet.hpp"

namespace signet {

namespace {

constexpr std::size_t kSamples = 48, kBatch = 12, kParts = 3;

Dataset secant_data() {
  return test::make_blobs(kSamples, test::kSmallFeatures, test::kSmallClasses, 3);
}

Job secant_job() {
  Job job = test::small_job();
  job.training.batch = kBatch;
  job.training.micro_batches = kParts;
  job.rate.smoothness = BySecant{};
  return job;
}

Learner secant_learner(const Job& job) {
  auto learner = Learner::create(job, "ada", secant_data());
  REQUIRE(learner);
  learner->set_normalisation(normalisation_from(secant_data().summarise(test::kSmallFeatures)));
  return std::move(*learner);
}

std::vector<float> moved(std::vector<float> x, std::uint64_t seed) {
  Rng rng(seed);
  for (float& value : x) value += rng.below(2) == 0 ? 0.01F : -0.01F;
  return x;
}

/// The gradient of the first micro-batch of `round`.
std::vector<float> first_gradient(const Job& job, RoundId round, const std::vector<float>& x) {
  const Dataset data = secant_data();
  auto network = Network::create(job.model);
  REQUIRE(network);
  Sampler sampler(Learner::sampling_seed(job), hash_text("ada"), kSamples, kBatch);
  const auto& drawn = sampler.draw(round);
  const std::vector<std::size_t> first(drawn.begin(), drawn.begin() + kBatch / kParts);
  Batch batch;
  data.gather(first, normalisation_from(data.summarise(test::kSmallFeatures)), batch);
  std::vector<float> gradient(network->dimension());
  network->loss_and_gradient(x, batch.view(), 0, gradient);
  return gradient;
}

}  // namespace

TEST_CASE("of a quadratic the secant has the mean curvature along a step of signs",
          "[agent][trainer]") {
  // f = sum a_i x_i^2 / 2 has the gradient a_i x_i; the powers of two make all of this exact.
  const std::vector<float> a{0.5F, 4, 16, 1}, x{1, -2, 0.5F, 3}, y{1.25F, -2.25F, 0.75F, 2.75F};
  const auto gradient = [&a](const std::vector<float>& at) {
    std::vector<float> g;
    for (std::size_t i = 0; i < at.size(); ++i) g.push_back(a[i] * at[i]);
    return g;
  };
  Secant secant;
  CHECK_FALSE(secant.ends_at(RoundId{1}));
  secant.keep(RoundId{8}, x, gradient(x));
  CHECK(secant.ends_at(RoundId{9}));
  CHECK_FALSE(secant.ends_at(RoundId{10}));
  CHECK(secant.measure(y, gradient(y)) == (0.5 + 4 + 16 + 1) / 4);
  CHECK_FALSE(secant.ends_at(RoundId{9}));
}

TEST_CASE("the secant has nothing to say where no step was taken or a gradient is not finite",
          "[agent][trainer]") {
  const std::vector<float> x{1, 2}, y{1, 3}, g{1, 1};
  const std::vector<float> bad{1, std::numeric_limits<float>::infinity()};
  Secant secant;
  secant.keep(RoundId{0}, x, g);
  CHECK_FALSE(secant.measure(x, g));
  secant.keep(RoundId{0}, x, g);
  CHECK_FALSE(secant.measure(y, bad));
}

TEST_CASE("a learner measures the curvature of one micro-batch after every eighth round",
          "[agent][trainer]") {
  const Job job = secant_job();
  Learner learner = secant_learner(job);
  std::vector<float> x = learner.initial_parameters(), before;
  for (std::uint64_t k = 0; k < 20; ++k) {
    const auto measured = learner.learn(RoundId{k}, x).curvature;
    CHECK(measured.has_value() == (k % Secant::kEvery == 1));
    if (measured) {
      const auto g = first_gradient(job, RoundId{k - 1}, before);
      const auto h = first_gradient(job, RoundId{k - 1}, x);
      double bend = 0, length = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double step = double{before[i]} - double{x[i]};
        bend += step * (double{g[i]} - double{h[i]});
        length += step * step;
      }
      CHECK(*measured == Approx(bend / length).epsilon(1e-3));
    }
    before = std::exchange(x, moved(x, k));
  }
}

TEST_CASE("measuring the curvature leaves the votes as they are", "[agent][trainer]") {
  Job plain = secant_job();
  plain.rate.smoothness = ByDimension{};
  Learner one = secant_learner(secant_job()), other = secant_learner(plain);
  std::vector<float> x = one.initial_parameters();
  for (std::uint64_t k = 0; k < 20; ++k) {
    const Contribution& a = one.learn(RoundId{k}, x);
    const Contribution& b = other.learn(RoundId{k}, x);
    CHECK(a.signs.signs == b.signs.signs);
    CHECK(a.loss == b.loss);
    CHECK(a.local == b.local);
    CHECK_FALSE(b.curvature);
    x = moved(std::move(x), k);
  }
}

TEST_CASE("a learner that missed the round before measures nothing", "[agent][trainer]") {
  Learner learner = secant_learner(secant_job());
  std::vector<float> x = learner.initial_parameters();
  learner.learn(RoundId{8}, x);
  x = moved(std::move(x), 1);
  CHECK_FALSE(learner.learn(RoundId{10}, x).curvature);
}

}  // namespace signet
