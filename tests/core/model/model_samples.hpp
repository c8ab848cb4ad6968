#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/base/random.hpp"
#include "core/data/batch.hpp"
#include "core/model/network.hpp"
#include "tests/support/catch.hpp"

namespace signet::test {

inline LayerSpec plain(LayerKind kind) {
  LayerSpec layer;
  layer.kind = kind;
  return layer;
}
inline LayerSpec dense(std::size_t units) {
  LayerSpec layer = plain(LayerKind::Dense);
  layer.units = units;
  return layer;
}
inline LayerSpec conv(std::size_t channels, std::size_t kernel, std::size_t stride = 0,
                      std::size_t padding = 0) {
  LayerSpec layer = plain(LayerKind::Conv2d);
  layer.channels = channels;
  layer.kernel = kernel;
  layer.stride = stride;
  layer.padding = padding;
  return layer;
}
inline LayerSpec pool(LayerKind kind, std::size_t kernel, std::size_t stride = 0) {
  LayerSpec layer = plain(kind);
  layer.kernel = kernel;
  layer.stride = stride;
  return layer;
}
inline LayerSpec max_pool(std::size_t kernel, std::size_t stride = 0) {
  return pool(LayerKind::MaxPool, kernel, stride);
}
inline LayerSpec average_pool(std::size_t kernel, std::size_t stride = 0) {
  return pool(LayerKind::AveragePool, kernel, stride);
}
inline LayerSpec dropout(double rate) {
  LayerSpec layer = plain(LayerKind::Dropout);
  layer.rate = rate;
  return layer;
}
inline LayerSpec relu() {
  return plain(LayerKind::Relu);
}
inline LayerSpec tanh_layer() {
  return plain(LayerKind::Tanh);
}
inline LayerSpec sigmoid() {
  return plain(LayerKind::Sigmoid);
}
inline LayerSpec flatten() {
  return plain(LayerKind::Flatten);
}

inline ModelSpec model(std::vector<std::size_t> input, std::vector<LayerSpec> layers,
                       std::size_t outputs, LossKind loss = LossKind::SoftmaxCrossEntropy) {
  ModelSpec spec;
  spec.input = std::move(input);
  spec.layers = std::move(layers);
  spec.outputs = outputs;
  spec.loss = loss;
  return spec;
}

/// The CNN of the paper's experiments.
inline ModelSpec paper_cnn() {
  return model({1, 28, 28},
               {conv(32, 5), relu(), max_pool(2), conv(64, 5), relu(), max_pool(2), flatten(),
                dense(512), relu(), dense(10)},
               10);
}

inline Network make(const ModelSpec& spec) {
  auto network = Network::create(spec);
  if (!network) FAIL(network.error().message);
  return std::move(*network);
}

inline std::vector<float> random_values(std::size_t count, std::uint64_t seed, float scale = 1) {
  Rng rng(seed);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(rng.normal()) * scale;
  return values;
}

/// Random samples with what the loss of `spec` needs.
inline Batch random_batch(const ModelSpec& spec, std::size_t size, std::uint64_t seed) {
  std::size_t features = 1;
  for (const std::size_t n : spec.input) features *= n;
  Batch batch;
  batch.size = size;
  batch.features = random_values(size * features, seed);
  Rng rng(mix(seed, 1));
  if (spec.loss == LossKind::SoftmaxCrossEntropy) {
    for (std::size_t i = 0; i < size; ++i) {
      batch.labels.push_back(static_cast<std::int32_t>(rng.below(spec.outputs)));
    }
  }
  if (spec.loss == LossKind::MeanSquaredError) {
    batch.targets = random_values(size * spec.outputs, mix(seed, 2));
  }
  return batch;
}

/// Parameters with biases that are not 0, which would hide mistakes.
inline std::vector<float> random_parameters(const Network& network, std::uint64_t seed) {
  auto parameters = network.initial_parameters(seed);
  const auto noise = random_values(parameters.size(), mix(seed, 3), 0.1F);
  for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i] += noise[i];
  return parameters;
}

}  // namespace signet::test
