#include "core/model/network.hpp"

#include <cmath>
#include <limits>

#include "core/base/digest.hpp"
#include "tests/core/model/model_samples.hpp"

namespace signet::test {
namespace {

TEST_CASE("the paper's CNN has 582,026 parameters", "[core][model][paper]") {
  const Network network = make(paper_cnn());
  CHECK(network.dimension() == 582'026);
  CHECK(network.outputs_count() == 10);
  REQUIRE(network.blocks().size() == 8);
  const ParameterBlock& first = network.blocks()[0];
  CHECK(first.name == "0.conv2d.weight");
  CHECK(first.shape == std::vector<std::size_t>{32, 1, 5, 5});
  CHECK(first.offset == 0);
  CHECK(first.size == 800);
  CHECK(network.blocks()[1].name == "0.conv2d.bias");
  CHECK(network.blocks()[4].name == "7.dense.weight");
  CHECK(network.blocks()[4].shape == std::vector<std::size_t>{512, 1024});
}

TEST_CASE("blocks follow each other and cover the parameter vector", "[core][model]") {
  const Network network = make(paper_cnn());
  std::size_t end = 0;
  for (const ParameterBlock& block : network.blocks()) {
    CHECK(block.offset == end);
    std::size_t size = 1;
    for (const std::size_t n : block.shape) size *= n;
    CHECK(block.size == size);
    end += block.size;
  }
  CHECK(end == network.dimension());
}

TEST_CASE("a starting point is the documented function of the seed", "[core][model]") {
  // A pool, flatten or dropout between a layer and its ReLU does not count, a tanh does.
  const ModelSpec spec = model({1, 9, 9},
                               {conv(3, 3), max_pool(2), relu(), conv(2, 2), tanh_layer(), relu(),
                                flatten(), dense(6), dropout(0.5), relu(), dense(4)},
                               4);
  const Network network = make(spec);
  const auto parameters = network.initial_parameters(42);
  const std::vector<float> numerators = {6, 0, 3, 0, 6, 0, 3, 0};
  const std::vector<std::size_t> inputs = {9, 0, 12, 0, 2 * 2 * 2, 0, 6, 0};
  REQUIRE(network.blocks().size() == numerators.size());
  for (std::size_t b = 0; b < numerators.size(); ++b) {
    const ParameterBlock& block = network.blocks()[b];
    INFO(block.name);
    Rng rng(mix(42, b));
    for (std::size_t i = 0; i < block.size; ++i) {
      const float u = rng.uniform();
      const float bound =
          inputs[b] == 0 ? 0 : std::sqrt(numerators[b] / static_cast<float>(inputs[b]));
      REQUIRE(parameters[block.offset + i] == (2 * u - 1) * bound);
    }
  }
}

TEST_CASE("a starting point has the same bits on every machine", "[core][model][golden]") {
  const Network network = make(paper_cnn());
  CHECK(to_hex(digest(network.initial_parameters(1))) == "5e9a057ccdc81427");
  CHECK(to_hex(digest(network.initial_parameters(2))) == "56f8979c66e5ba78");
}

struct ErrorCase {
  ModelSpec spec;
  std::vector<std::string> parts;
};

LayerSpec at_line(LayerSpec layer, std::size_t line) {
  layer.line = line;
  return layer;
}
LayerSpec padded_pool() {
  LayerSpec layer = max_pool(2);
  layer.padding = 1;
  return layer;
}

std::vector<ErrorCase> shape_errors() {
  constexpr auto kMany = std::numeric_limits<std::size_t>::max() / 2 + 2;
  return {
      {model({1, 28, 28}, {conv(32, 5), relu(), max_pool(6), at_line(conv(8, 5), 14)}, 10),
       {"job line 14: layer 3 (conv2d): kernel 5 does not fit its input 32x4x4", "at most 4"}},
      {model({1, 4, 4}, {conv(2, 7, 1, 1)}, 10),
       {"layer 0 (conv2d): kernel 7 does not fit its input 1x4x4 with padding 1", "at most 6"}},
      {model({1, 4, 6}, {at_line(max_pool(5), 3)}, 10),
       {"job line 3: layer 0 (max_pool): kernel 5 does not fit its input 1x4x6", "at most 4"}},
      {model({1, 4, 4}, {average_pool(0)}, 10), {"layer 0 (average_pool): kernel is 0"}},
      {model({1, 4, 4}, {padded_pool()}, 10), {"layer 0 (max_pool): padding is 1", "remove it"}},
      {model({1, 4, 4}, {conv(0, 2)}, 10), {"layer 0 (conv2d): channels is 0"}},
      {model({16}, {conv(2, 2)}, 10),
       {"layer 0 (conv2d): needs an input of channels x height x width, but gets 16"}},
      {model({16}, {dense(8), relu(), max_pool(2)}, 10), {"layer 2 (max_pool)", "but gets 8"}},
      {model({16}, {dense(0)}, 10), {"layer 0 (dense): units is 0"}},
      {model({1, 4, 4}, {dense(10)}, 10),
       {"layer 0 (dense): needs a flat input, but gets 1x4x4", "flatten"}},
      {model({16}, {dropout(1.0), dense(10)}, 10),
       {"layer 0 (dropout): rate is 1.0", "less than 1"}},
      {model({16}, {dropout(-0.1), dense(10)}, 10), {"layer 0 (dropout): rate is -0.1"}},
      {model({16}, {dropout(std::nan("")), dense(10)}, 10), {"layer 0 (dropout): rate is", "nan"}},
      {model({16}, {relu(), at_line(dense(12), 20)}, 10),
       {"job line 20: layer 1 (dense)", "gives 12 outputs", "softmax_cross_entropy needs 10",
        "set its units to 10"}},
      {model({1, 4, 4}, {conv(2, 2), relu()}, 10),
       {"layer 1 (relu)", "gives 2x3x3 outputs", "needs 10", "dense layer with units = 10"}},
      {model({16}, {dense(12)}, 0, LossKind::Reconstruction),
       {"layer 0 (dense)", "gives 12 outputs", "reconstruction needs 16"}},
      {model({16}, {dense(12)}, 12, LossKind::Reconstruction),
       {"reconstruction needs as many outputs as inputs (16), but outputs is 12"}},
      {model({16}, {dense(10)}, 0), {"softmax_cross_entropy", "outputs is 0", "classes"}},
      {model({16}, {}, 10),
       {"model without layers", "(16)", "softmax_cross_entropy needs 10 outputs"}},
      {model({}, {dense(10)}, 10), {"model input has 0 sizes"}},
      {model({28, 28}, {dense(10)}, 10), {"model input has 2 sizes (28x28)", "{features}"}},
      {model({1, 0, 28}, {dense(10)}, 10), {"model input 1x0x28", "at least 1"}},
      {model({kMany, 2, 2}, {flatten()}, 10), {"model input", "268435456"}},
      {model({1 << 16}, {dense(1 << 16)}, 10),
       {"layer 0 (dense): 65536 units over an input of 65536", "268435456"}},
      {model({2}, {dense(kMany)}, 10), {"layer 0 (dense)", "268435456"}},
      {model({1, 4, 4}, {conv(kMany, 2)}, 10), {"layer 0 (conv2d)", "channels", "268435456"}},
      {model({1, 4, 4}, {conv(1, 2, 1, kMany)}, 10), {"layer 0 (conv2d): padding", "268435456"}},
      {model({1, 4, 4}, {conv(1, 2, 1, 1 << 20)}, 10),
       {"layer 0 (conv2d): kernel 2", "with padding 1048576", "268435456"}},
      {model({1, 4, 4}, {conv(1, 2, kMany)}, 10), {"layer 0 (conv2d): padding and stride"}},
      {model({1 << 14}, {dense(1 << 13), dense(1 << 14), at_line(dense(10), 9)}, 10),
       {"layer 1 (dense): with it the model has more than the 268435456 parameters"}},
  };
}

TEST_CASE("a model that does not fit says which layer, what it gets and what it needs",
          "[core][model]") {
  for (const ErrorCase& one : shape_errors()) {
    INFO(one.parts[0]);
    const auto network = Network::create(one.spec);
    REQUIRE_FALSE(network);
    CHECK(network.error().kind == ErrorKind::Mismatch);
    for (const std::string& part : one.parts) {
      INFO(network.error().message);
      CHECK(network.error().message.find(part) != std::string::npos);
    }
  }
}

TEST_CASE("an error without a job line does not invent one", "[core][model]") {
  const auto network = Network::create(model({16}, {dense(0)}, 10));
  REQUIRE_FALSE(network);
  CHECK(network.error().message.rfind("layer 0", 0) == 0);
}

TEST_CASE("a model without layers judges its inputs", "[core][model]") {
  Network network = make(model({2}, {}, 2));
  CHECK(network.dimension() == 0);
  CHECK(network.initial_parameters(1).empty());
  const std::vector<float> features = {0, 0};
  const std::vector<std::int32_t> labels = {1};
  std::vector<float> gradient;
  const BatchView batch{1, features, labels, {}};
  CHECK(network.loss_and_gradient({}, batch, 0, gradient) == Approx(std::log(2.0)));
}

TEST_CASE("outputs left out are as many as inputs", "[core][model]") {
  CHECK(make(model({5}, {dense(5)}, 0, LossKind::MeanSquaredError)).outputs_count() == 5);
  CHECK(make(model({1, 2, 3}, {conv(1, 3, 1, 1)}, 0, LossKind::Reconstruction)).outputs_count() ==
        6);
}

TEST_CASE("a gradient does not depend on where its data lie, nor on earlier calls",
          "[core][model]") {
  const std::vector<ModelSpec> specs = {
      model({1, 6, 6}, {conv(2, 3), tanh_layer(), max_pool(2), flatten(), dense(3)}, 3),
      model({3}, {dense(2), relu(), dense(3)}, 3), paper_cnn(), model({20}, {dense(7)}, 7)};
  for (const ModelSpec& spec : specs) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{5}}) {
      Network network = make(spec);
      const auto parameters = random_parameters(network, 1);
      const Batch batch = random_batch(spec, size, 2);
      std::vector<float> first(network.dimension());
      const double loss = network.loss_and_gradient(parameters, batch.view(), 0, first);
      for (std::size_t offset = 1; offset < 9; ++offset) {
        std::vector<float> moved_parameters(offset), moved_features(9 - offset),
            moved_gradient(offset + network.dimension());
        moved_parameters.insert(moved_parameters.end(), parameters.begin(), parameters.end());
        moved_features.insert(moved_features.end(), batch.features.begin(), batch.features.end());
        BatchView moved = batch.view();
        moved.features = std::span<const float>(moved_features).subspan(9 - offset);
        const auto gradient = std::span(moved_gradient).subspan(offset);
        CHECK(network.loss_and_gradient(std::span(moved_parameters).subspan(offset), moved, 0,
                                        gradient) == loss);
        CHECK(std::equal(first.begin(), first.end(), gradient.begin()));
      }
    }
  }
}

TEST_CASE("a network that moves keeps its model", "[core][model]") {
  Network first = make(model({4}, {dense(3)}, 3));
  const auto parameters = first.initial_parameters(1);
  Network second = std::move(first);
  CHECK(second.dimension() == 15);
  CHECK(second.initial_parameters(1) == parameters);
}

}  // namespace
}  // namespace signet::test
