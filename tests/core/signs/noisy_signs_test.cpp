#include "core/signs/noisy_signs.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/base/random.hpp"
#include "tests/support/catch.hpp"

namespace signet {

namespace noisy_signs_test {

std::vector<float> some_vector(std::size_t dimension, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<float> v(dimension);
  for (float& x : v) x = rng.uniform() - 0.5F;
  return v;
}

double mean_size(const std::vector<float>& v) {
  double sum = 0;
  for (const float x : v) sum += std::abs(double{x});
  return sum / static_cast<double>(v.size());
}

}  // namespace noisy_signs_test

using noisy_signs_test::mean_size;
using noisy_signs_test::some_vector;

TEST_CASE("without noise and feedback the signs are those of the vector", "[core][signs]") {
  for (const std::size_t dimension : {1U, 63U, 64U, 65U, 4097U, 10'000U}) {
    NoisySigns noisy(dimension, 0, 0);
    CHECK(noisy.plain());
    const std::vector<float> v = some_vector(dimension, dimension);
    std::vector<float> given = v;
    PackedSigns packed, plain;
    CHECK(noisy.pack(given, ZeroRule::Random, 5, packed) == Approx(mean_size(v)));
    pack(v, ZeroRule::Random, 5, plain);
    CHECK(packed.signs == plain.signs);
  }
}

TEST_CASE("with noise the mean vote of a coordinate is its value over the noise, up to 1",
          "[core][signs]") {
  // sign(x + u), u uniform in +-w, is +1 with the chance (1 + x / w) / 2.
  const std::vector<float> v{0.0F, 0.1F, -0.25F, 0.5F, -1.0F, 4.15F};  // mean size 1
  constexpr double kNoise = 2;
  constexpr int kCalls = 20'000;
  NoisySigns noisy(v.size(), kNoise, 0);
  CHECK_FALSE(noisy.plain());
  std::vector<double> votes(v.size());
  PackedSigns packed;
  for (std::uint64_t call = 0; call < kCalls; ++call) {
    std::vector<float> given = v;
    CHECK(noisy.pack(given, ZeroRule::Random, call, packed) == Approx(1));
    for (std::size_t i = 0; i < v.size(); ++i) votes[i] += packed.signs.positive(i) ? 1 : -1;
  }
  for (std::size_t i = 0; i < v.size(); ++i) {
    INFO("value " << v[i]);
    const double expected = std::clamp(double{v[i]} / kNoise, -1.0, 1.0);
    // Five standard errors of a mean of signs.
    CHECK(std::abs(votes[i] / kCalls - expected) < 5 / std::sqrt(double{kCalls}));
  }
}

TEST_CASE("one coin gives one noise, another gives another", "[core][signs]") {
  const std::vector<float> v = some_vector(1000, 3);
  NoisySigns noisy(v.size(), 3, 0);
  const auto signs = [&](std::uint64_t coin) {
    std::vector<float> given = v;
    PackedSigns packed;
    noisy.pack(given, ZeroRule::Random, coin, packed);
    return packed.signs;
  };
  CHECK(signs(1) == signs(1));
  CHECK_FALSE(signs(1) == signs(2));
}

TEST_CASE("feedback says later what the signs left out, as the definition does", "[core][signs]") {
  constexpr std::size_t kDimension = 130;
  for (const double share : {0.5, 1.0}) {
    NoisySigns noisy(kDimension, 0, share);
    std::vector<float> error(kDimension);
    PackedSigns packed;
    for (std::uint64_t round = 0; round < 20; ++round) {
      INFO("share " << share << ", round " << round);
      std::vector<float> v = some_vector(kDimension, round), p(kDimension);
      for (std::size_t i = 0; i < kDimension; ++i)
        p[i] = v[i] + static_cast<float>(share) * error[i];
      const double scale = noisy.pack(v, ZeroRule::Random, round, packed);
      CHECK(scale == Approx(mean_size(p)));
      for (std::size_t i = 0; i < kDimension; ++i) {
        REQUIRE(packed.signs.positive(i) == (p[i] > 0));
        error[i] = p[i] - std::copysign(static_cast<float>(scale), p[i]);
      }
    }
  }
}

TEST_CASE("with whole feedback the sum of what was said follows the sum of what was meant",
          "[core][signs]") {
  // A small value beside a large one: its plain sign says +1 in every round.
  NoisySigns noisy(2, 0, 1);
  PackedSigns packed;
  double said = 0, scale_sum = 0;
  constexpr int kRounds = 1000;
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    std::vector<float> v{0.1F, 1.0F};
    const double scale = noisy.pack(v, ZeroRule::Random, round, packed);
    said += packed.signs.positive(0) ? scale : -scale;
    scale_sum += scale;
  }
  CHECK(said / kRounds == Approx(0.1).margin(0.01));
  CHECK(scale_sum / kRounds > 0.5);
}

TEST_CASE("zeros vote by the zero rule and leave no error", "[core][signs]") {
  NoisySigns noisy(3, 0, 1);
  PackedSigns packed;
  std::vector<float> v{0.0F, 2.0F, -1.0F};
  CHECK(noisy.pack(v, ZeroRule::Abstain, 1, packed) == Approx(1));
  REQUIRE_FALSE(packed.abstained.empty());
  CHECK(packed.abstained.positive(0));
  std::vector<float> nothing{0.0F, 0.0F, 0.0F};
  CHECK(noisy.pack(nothing, ZeroRule::Abstain, 2, packed) == Approx(1.0 / 3));
  CHECK(packed.abstained.positive(0));
  CHECK(packed.signs.positive(1));  // 2 - 1 were left out
}

}  // namespace signet
