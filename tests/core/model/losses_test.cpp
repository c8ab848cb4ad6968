#include "core/model/losses.hpp"

#include <cmath>
#include <limits>

#include "tests/core/model/model_samples.hpp"

namespace signet::test {
namespace {

constexpr float kLossNan = std::numeric_limits<float>::quiet_NaN();

TEST_CASE("softmax cross-entropy is -log of the label's share", "[core][model]") {
  const std::vector<float> outputs = {0, 0, 0, 1, 2, 3};
  const std::vector<std::int32_t> labels = {1, 0};
  std::vector<float> gradient(6);
  const double loss = softmax_cross_entropy(outputs, labels, 0.5F, gradient);
  const double sum = std::exp(1.0) + std::exp(2.0) + std::exp(3.0);
  CHECK(loss == Approx(std::log(3.0) - std::log(std::exp(1.0) / sum)).epsilon(1e-6));
  CHECK(gradient[0] == Approx(0.5 / 3));
  CHECK(gradient[1] == Approx(0.5 / 3 - 0.5));
  CHECK(gradient[3] == Approx(0.5 * (std::exp(1.0) / sum - 1)));
  CHECK(gradient[5] == Approx(0.5 * std::exp(3.0) / sum));
}

TEST_CASE("softmax cross-entropy of huge outputs neither overflows nor vanishes", "[core][model]") {
  const std::vector<float> outputs = {-1e4F, 3e4F, 0, 3e4F};
  const std::vector<std::int32_t> labels = {0, 1};
  std::vector<float> gradient(4);
  CHECK(softmax_cross_entropy(outputs, labels, 1, gradient) == Approx(4e4));
  CHECK(gradient[0] == -1);
  CHECK(gradient[1] == 1);
  CHECK(gradient[2] == Approx(0).margin(1e-30));
  CHECK(gradient[3] == Approx(0).margin(1e-30));
}

TEST_CASE("squared error is the mean over outputs, summed over samples", "[core][model]") {
  const std::vector<float> outputs = {1, 2, 3, 4}, targets = {0, 2, 5, 4};
  std::vector<float> gradient(4);
  CHECK(squared_error(outputs, targets, 2, 0.5F, gradient) == Approx(0.5 + 2));
  CHECK(gradient == std::vector<float>{0.5F, 0, -1, 0});
}

TEST_CASE("a hit is the first of the largest outputs, and NaN is never one", "[core][model]") {
  const std::vector<float> rows = {1, 3, 2, 3, 3, 1, 0, 0, 0, kLossNan, 1, 2, 1, kLossNan, 0};
  CHECK(count_hits(rows, std::vector<std::int32_t>{1, 0, 0, 0, 0}) == 3);
  CHECK(count_hits(rows, std::vector<std::int32_t>{2, 1, 2, 2, 1}) == 0);
}

TEST_CASE("judge counts samples, hits and the sum of losses", "[core][model]") {
  // Identity without bias: outputs are the features.
  Network network = make(model({3}, {dense(3)}, 3));
  const std::vector<float> parameters = {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0};
  const std::vector<float> features = {9, 0, 0, 0, 9, 0, 0, 0, 9, 9, 0, 0};
  const std::vector<std::int32_t> labels = {0, 1, 2, 2};
  const BatchView batch{4, features, labels, {}};
  const Judgement judgement = network.judge(parameters, batch);
  CHECK(judgement.samples == 4);
  CHECK(judgement.correct == 3);
  CHECK(judgement.accuracy() == Approx(0.75));
  const double normaliser = std::log(std::exp(9.0) + 2);
  CHECK(judgement.loss_sum == Approx(3 * (normaliser - 9) + normaliser).epsilon(1e-6));

  std::vector<float> gradient(12);
  CHECK(network.loss_and_gradient(parameters, batch, 0, gradient) ==
        Approx(judgement.loss()).epsilon(1e-9));
}

TEST_CASE("judging no samples gives zeros, not NaN", "[core][model]") {
  Network network = make(model({3}, {dense(3)}, 3));
  const Judgement judgement = network.judge(network.initial_parameters(1), BatchView{});
  CHECK(judgement.samples == 0);
  CHECK(judgement.loss() == 0);
  CHECK(judgement.accuracy() == 0);
}

TEST_CASE("reconstruction compares the outputs with the inputs and counts no hits",
          "[core][model]") {
  Network network = make(model({2}, {dense(2)}, 0, LossKind::Reconstruction));
  const std::vector<float> parameters = {1, 0, 0, 1, 0.5F, 0};  // adds 0.5 to the first
  const std::vector<float> features = {3, 4, -1, 7};
  const std::vector<std::int32_t> labels = {0, 1};
  const Judgement judgement = network.judge(parameters, BatchView{2, features, labels, {}});
  CHECK(judgement.loss_sum == Approx(2 * 0.25 / 2));
  CHECK(judgement.correct == 0);
  CHECK(network.outputs_count() == 2);
}

TEST_CASE("NaN and Inf in data or parameters reach the loss", "[core][model]") {
  const std::vector<ModelSpec> specs = {
      model({1, 8, 8}, {conv(3, 3), relu(), max_pool(2), flatten(), dense(4)}, 4),
      model({1, 8, 8}, {conv(3, 3), tanh_layer(), average_pool(2), flatten(), dense(4)}, 4),
      model({1, 8, 8}, {flatten(), dense(9), sigmoid(), dropout(0.2), dense(4)}, 4),
      model({1, 8, 8}, {flatten(), dense(9), relu(), dense(64)}, 0, LossKind::Reconstruction)};
  for (const ModelSpec& spec : specs) {
    Network network = make(spec);
    auto parameters = random_parameters(network, 1);
    Batch batch = random_batch(spec, 3, 2);
    std::vector<float> gradient(network.dimension());
    const float feature = batch.features[70];
    batch.features[70] = kLossNan;
    CHECK(std::isnan(network.loss_and_gradient(parameters, batch.view(), 0, gradient)));
    CHECK(std::isnan(network.judge(parameters, batch.view()).loss_sum));
    batch.features[70] = feature;
    CHECK(std::isfinite(network.judge(parameters, batch.view()).loss_sum));
    parameters[0] = kLossNan;
    CHECK(std::isnan(network.loss_and_gradient(parameters, batch.view(), 0, gradient)));
    parameters[0] = 0;
    parameters.back() = std::numeric_limits<float>::infinity();  // the bias of the last output
    CHECK(!std::isfinite(network.loss_and_gradient(parameters, batch.view(), 0, gradient)));
  }
}

}  // namespace
}  // namespace signet::test
