#include <cmath>
#include <limits>

#include "core/model/layer.hpp"
#include "tests/core/model/model_samples.hpp"

namespace signet::test {
namespace {

constexpr std::size_t kWidth = 50'000;

std::vector<float> drop_ones(double rate, std::uint64_t seed, std::size_t index,
                             std::size_t first_sample = 0, bool training = true) {
  auto layer = make_layer(dropout(rate), {kWidth}, index);
  REQUIRE(layer);
  const std::vector<float> ones(kWidth, 1.0F);
  std::vector<float> output(kWidth);
  (*layer)->forward(Pass{1, first_sample, training, seed}, {}, ones, output);
  return output;
}

TEST_CASE("dropout keeps the expectation and drops the share it is told", "[core][model]") {
  for (const double rate : {0.0, 0.1, 0.5, 0.9}) {
    const auto output = drop_ones(rate, 1, 0);
    double sum = 0, dropped = 0;
    for (const float value : output) {
      sum += static_cast<double>(value);
      dropped += value == 0 ? 1 : 0;
      const bool is_kept = static_cast<double>(value) == Approx(1 / (1 - rate)).epsilon(1e-6);
      REQUIRE((value == 0 || is_kept));
    }
    // Five standard deviations of a binomial share.
    const double n = static_cast<double>(kWidth);
    CHECK(dropped / n == Approx(rate).margin(5 * std::sqrt(rate * (1 - rate) / n) + 1e-12));
    CHECK(sum / n == Approx(1).margin(5 * std::sqrt(rate / (1 - rate) / n) + 1e-6));
  }
}

TEST_CASE("dropout depends on seed, layer and position, and on nothing else", "[core][model]") {
  const auto output = drop_ones(0.5, 1, 3);
  CHECK(drop_ones(0.5, 1, 3) == output);
  CHECK(drop_ones(0.5, 2, 3) != output);
  CHECK(drop_ones(0.5, 1, 4) != output);
  CHECK(drop_ones(0.5, 1, 3, 1) != output);
}

TEST_CASE("dropout lets everything through when it judges", "[core][model]") {
  CHECK(drop_ones(0.9, 1, 0, 0, false) == std::vector<float>(kWidth, 1.0F));

  const ModelSpec with = model({4}, {dense(30), tanh_layer(), dropout(0.8), dense(3)}, 3);
  const ModelSpec without = model({4}, {dense(30), tanh_layer(), dense(3)}, 3);
  Network first = make(with), second = make(without);
  const auto parameters = random_parameters(second, 2);
  const Batch batch = random_batch(with, 9, 3);
  CHECK(first.judge(parameters, batch.view()).loss_sum ==
        second.judge(parameters, batch.view()).loss_sum);
}

TEST_CASE("a gradient with dropout is a function of the noise seed", "[core][model]") {
  const ModelSpec spec = model({8}, {dense(64), relu(), dropout(0.5), dense(3)}, 3);
  Network network = make(spec);
  const auto parameters = random_parameters(network, 2);
  const Batch batch = random_batch(spec, 5, 3);
  std::vector<float> first(network.dimension()), again(first), other(first);
  network.loss_and_gradient(parameters, batch.view(), 7, first);
  network.loss_and_gradient(parameters, batch.view(), 8, other);
  network.loss_and_gradient(parameters, batch.view(), 7, again);
  CHECK(first == again);
  CHECK(first != other);
}

TEST_CASE("dropout does not drop a NaN out of sight", "[core][model]") {
  auto layer = make_layer(dropout(0.9), {kWidth}, 0);
  REQUIRE(layer);
  std::vector<float> values(kWidth, std::numeric_limits<float>::quiet_NaN());
  (*layer)->forward(Pass{1, 0, true, 1}, {}, values, values);
  for (const float value : values) REQUIRE(std::isnan(value));
}

}  // namespace
}  // namespace signet::test
