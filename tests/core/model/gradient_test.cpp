#include <cmath>
#include <string>

#include "tests/core/model/model_samples.hpp"
#include "tests/core/model/reference_network.hpp"

namespace signet::test {
namespace {

struct GradientCase {
  std::string what;
  ModelSpec spec;
  std::size_t batch = 3;
};

constexpr auto kSquared = LossKind::MeanSquaredError;
constexpr auto kReconstruction = LossKind::Reconstruction;

std::vector<GradientCase> gradient_cases() {
  return {
      {"softmax regression", model({7}, {dense(4)}, 4), 5},
      {"one sample", model({7}, {dense(4)}, 4), 1},
      {"linear regression", model({6}, {dense(3)}, 3, kSquared)},
      {"linear autoencoder", model({6}, {dense(2), dense(6)}, 0, kReconstruction)},
      {"relu", model({6}, {dense(9), relu(), dense(3)}, 3)},
      {"tanh", model({6}, {dense(9), tanh_layer(), dense(3)}, 3)},
      {"sigmoid", model({6}, {dense(9), sigmoid(), dense(3)}, 3, kSquared)},
      {"a wide layer", model({40}, {dense(70), tanh_layer(), dense(3)}, 3), 9},
      {"activation at the end", model({6}, {dense(3), sigmoid()}, 3, kSquared)},
      {"activation at the start", model({6}, {tanh_layer(), dense(3)}, 3)},
      {"activations in a row",
       model({6}, {dense(8), tanh_layer(), sigmoid(), relu(), tanh_layer(), dense(3)}, 3)},
      {"dropout after tanh", model({6}, {dense(9), tanh_layer(), dropout(0.4), dense(3)}, 3)},
      {"dropout before relu", model({6}, {dense(9), dropout(0.3), relu(), dense(3)}, 3)},
      {"dropout at the start", model({6}, {dropout(0.5), dense(3)}, 3), 4},
      {"two dropouts", model({6}, {dense(9), dropout(0.3), dense(9), dropout(0.3), dense(3)}, 3)},
      {"convolution", model({2, 6, 6}, {conv(3, 3), flatten(), dense(4)}, 4)},
      {"convolution alone", model({1, 5, 5}, {conv(2, 4)}, 8, kSquared)},
      {"convolution, 1x1", model({3, 4, 3}, {conv(2, 1), flatten(), dense(3)}, 3)},
      {"convolution, stride 2", model({2, 7, 9}, {conv(3, 3, 2), flatten(), dense(4)}, 4)},
      {"convolution, stride 3 leaves a rest",
       model({1, 9, 12}, {conv(2, 2, 3), tanh_layer(), conv(3, 2), flatten(), dense(3)}, 3)},
      {"convolution, padding 2", model({2, 5, 4}, {conv(3, 5, 1, 2), flatten(), dense(4)}, 4)},
      {"convolution, stride 2 and padding 1 behind another",
       model({1, 9, 7}, {conv(3, 3, 1, 1), tanh_layer(), conv(2, 3, 2, 1), flatten(), dense(3)},
             3)},
      {"convolutions, one sample",
       model({1, 11, 10}, {conv(2, 3), relu(), conv(3, 3), relu(), flatten(), dense(3)}, 3), 1},
      {"max pool", model({2, 6, 6}, {conv(3, 3), relu(), max_pool(2), flatten(), dense(3)}, 3)},
      {"max pool, then relu",
       model({2, 6, 6}, {conv(3, 3), max_pool(2), relu(), flatten(), dense(3)}, 3)},
      {"max pool that overlaps",
       model({2, 9, 9}, {conv(3, 3), tanh_layer(), max_pool(3, 2), flatten(), dense(3)}, 3)},
      {"max pool of odd sizes",
       model({1, 8, 10}, {conv(2, 2), max_pool(2), tanh_layer(), conv(2, 2), flatten(), dense(3)},
             3)},
      {"max pool at the start", model({2, 5, 5}, {max_pool(2), conv(2, 2)}, 2)},
      {"average pool",
       model({2, 6, 6}, {conv(3, 3), tanh_layer(), average_pool(2), flatten(), dense(3)}, 3)},
      {"average pool that overlaps",
       model({1, 8, 7}, {conv(2, 2), average_pool(3, 1), relu(), flatten(), dense(3)}, 3)},
      {"global average pool", model({1, 6, 6}, {conv(4, 3), relu(), average_pool(4)}, 4), 6},
      {"convolutional autoencoder",
       model({1, 6, 5}, {conv(3, 3, 1, 1), tanh_layer(), dropout(0.2), conv(1, 3, 1, 1)}, 0,
             kReconstruction)},
  };
}

std::vector<double> to_doubles(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

TEST_CASE("the gradient of every kind of layer and loss is the slope of its definition",
          "[core][model]") {
  for (const GradientCase& one : gradient_cases()) {
    INFO(one.what);
    Network network = make(one.spec);
    const auto parameters = random_parameters(network, 11);
    const Batch batch = random_batch(one.spec, one.batch, 12);
    std::vector<float> gradient(network.dimension(), NAN);
    const double loss = network.loss_and_gradient(parameters, batch.view(), 13, gradient);

    ReferenceNetwork reference(one.spec, 13);
    auto x = to_doubles(parameters);
    CHECK(loss == Approx(reference.loss(x, batch.view())).epsilon(1e-5));
    constexpr double kStep = 1e-6;
    double error = 0, norm = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double before = x[i];
      x[i] = before + kStep;
      const double above = reference.loss(x, batch.view());
      x[i] = before - kStep;
      const double below = reference.loss(x, batch.view());
      x[i] = before;
      const double slope = (above - below) / (2 * kStep);
      const double difference = static_cast<double>(gradient[i]) - slope;
      error = std::max(error, std::abs(difference));
      norm = std::max(norm, std::abs(slope));
    }
    CHECK(norm > 1e-3);
    CHECK(error < 2e-6 + 1e-5 * norm);
  }
}

TEST_CASE("the loss of the paper's CNN changes along random directions as its gradient says",
          "[core][model]") {
  Network network = make(paper_cnn());
  const auto parameters = random_parameters(network, 21);
  const Batch batch = random_batch(paper_cnn(), 4, 22);
  std::vector<float> gradient(network.dimension()), ignored(network.dimension());
  network.loss_and_gradient(parameters, batch.view(), 0, gradient);
  for (std::uint64_t seed = 30; seed < 33; ++seed) {
    const auto direction = random_values(parameters.size(), seed);
    double slope = 0;
    for (std::size_t i = 0; i < direction.size(); ++i) {
      slope += static_cast<double>(gradient[i]) * static_cast<double>(direction[i]);
    }
    // Small enough to cross few kinks of ReLU and max, large enough for float32 to see.
    constexpr float kStep = 3e-5F;
    auto moved = parameters;
    for (std::size_t i = 0; i < moved.size(); ++i) moved[i] = parameters[i] + kStep * direction[i];
    const double above = network.loss_and_gradient(moved, batch.view(), 0, ignored);
    for (std::size_t i = 0; i < moved.size(); ++i) moved[i] = parameters[i] - kStep * direction[i];
    const double below = network.loss_and_gradient(moved, batch.view(), 0, ignored);
    CHECK((above - below) / (2 * static_cast<double>(kStep)) == Approx(slope).epsilon(0.02));
  }
}

BatchView sample_of(const BatchView& batch, std::size_t sample) {
  const std::size_t features = batch.features.size() / batch.size;
  const std::size_t targets = batch.targets.size() / batch.size;
  BatchView one;
  one.size = 1;
  one.features = batch.features.subspan(sample * features, features);
  if (!batch.labels.empty()) one.labels = batch.labels.subspan(sample, 1);
  one.targets = batch.targets.subspan(sample * targets, targets);
  return one;
}

TEST_CASE("the gradient of a batch is the mean of its samples' gradients", "[core][model]") {
  const std::vector<ModelSpec> specs = {
      model({1, 12, 12}, {conv(4, 3), relu(), max_pool(2), flatten(), dense(5)}, 5),
      model({9}, {dense(20), tanh_layer(), dense(4)}, 4, kSquared),
      model({9}, {dense(3), sigmoid(), dense(9)}, 0, kReconstruction)};
  for (const ModelSpec& spec : specs) {
    Network network = make(spec);
    const auto parameters = random_parameters(network, 41);
    const Batch batch = random_batch(spec, 17, 42);
    std::vector<float> whole(network.dimension()), one(network.dimension());
    const double loss = network.loss_and_gradient(parameters, batch.view(), 0, whole);
    std::vector<double> mean(network.dimension());
    double loss_mean = 0;
    for (std::size_t sample = 0; sample < batch.size; ++sample) {
      loss_mean +=
          network.loss_and_gradient(parameters, sample_of(batch.view(), sample), 0, one) / 17;
      for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += static_cast<double>(one[i]) / 17;
    }
    CHECK(loss == Approx(loss_mean).epsilon(1e-6));
    for (std::size_t i = 0; i < mean.size(); ++i) {
      REQUIRE(static_cast<double>(whole[i]) == Approx(mean[i]).epsilon(1e-4).margin(1e-6));
    }
  }
}

TEST_CASE("a batch too large for the scratch passes in parts with the same mean", "[core][model]") {
  // 56,000 floats a sample: a batch of 80 needs three parts. Dropout must see positions of the
  // batch, not of the part.
  const ModelSpec spec =
      model({1, 28, 28}, {conv(32, 5), dropout(0.3), average_pool(4), flatten(), dense(3)}, 3);
  Network network = make(spec);
  const auto parameters = random_parameters(network, 51);
  const Batch batch = random_batch(spec, 80, 52);
  std::vector<float> gradient(network.dimension());
  const double loss = network.loss_and_gradient(parameters, batch.view(), 53, gradient);
  ReferenceNetwork reference(spec, 53), judging(spec, 53, false);
  const auto x = to_doubles(parameters);
  CHECK(loss == Approx(reference.loss(x, batch.view())).epsilon(1e-5));
  const Judgement judgement = network.judge(parameters, batch.view());
  CHECK(judgement.samples == 80);
  CHECK(judgement.loss() == Approx(judging.loss(x, batch.view())).epsilon(1e-5));
}

}  // namespace
}  // namespace signet::test
