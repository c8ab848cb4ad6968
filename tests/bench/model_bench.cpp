// Time of one gradient. Run as: taskset -c 1 bench_model --benchmark_min_time=2

#include <cstdio>
#include <cstdlib>
#include <vector>

#include <benchmark/benchmark.h>

#include "agent/bench/models.hpp"
#include "core/base/random.hpp"
#include "core/model/network.hpp"

namespace signet {
namespace {

LayerSpec kind_spec(LayerKind kind) {
  LayerSpec layer;
  layer.kind = kind;
  return layer;
}
LayerSpec dense_spec(std::size_t units) {
  LayerSpec layer = kind_spec(LayerKind::Dense);
  layer.units = units;
  return layer;
}
ModelSpec dense_model(const std::vector<std::size_t>& hidden) {
  ModelSpec model;
  model.input = {784};
  for (const std::size_t units : hidden) {
    model.layers.push_back(dense_spec(units));
    model.layers.push_back(kind_spec(LayerKind::Relu));
  }
  model.layers.push_back(dense_spec(10));
  model.outputs = 10;
  return model;
}

/// Gradients of `samples` samples, as micro-batches of `part` samples.
void time_gradient(benchmark::State& state, const ModelSpec& spec, double multiply_adds) {
  const auto samples = static_cast<std::size_t>(state.range(0));
  const auto part = static_cast<std::size_t>(state.range(1));
  auto network = Network::create(spec);
  if (!network) {
    std::fprintf(stderr, "%s\n", network.error().message.c_str());
    std::exit(1);
  }
  const auto parameters = network->initial_parameters(1);
  Rng rng(2);
  std::vector<float> features(part * 784), gradient(network->dimension());
  for (float& feature : features) feature = rng.uniform();
  std::vector<std::int32_t> labels(part);
  for (auto& label : labels) label = static_cast<std::int32_t>(rng.below(10));
  const BatchView batch{part, features, labels, {}};
  for (auto _ : state) {
    for (std::size_t done = 0; done < samples; done += part) {
      benchmark::DoNotOptimize(network->loss_and_gradient(parameters, batch, done, gradient));
    }
  }
  const double work = 2 * multiply_adds * static_cast<double>(samples);
  state.counters["GFLOP/s"] =
      benchmark::Counter(work * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

// Multiply-adds per sample: forward, weights and inputs once each; the first layer has no inputs'.
constexpr double kCnnWork = 2 * 460'800.0 + 3 * (3'276'800.0 + 524'288.0 + 5'120.0);
constexpr double kMlpWork = 2 * 200'704.0 + 3 * (32'768.0 + 1'280.0);
constexpr double kSoftmaxWork = 2 * 7'840.0;

void cnn_gradient(benchmark::State& state) {
  time_gradient(state, fashion_cnn(), kCnnWork);
}
void mlp_gradient(benchmark::State& state) {
  time_gradient(state, dense_model({256, 128}), kMlpWork);
}
void softmax_gradient(benchmark::State& state) {
  time_gradient(state, dense_model({}), kSoftmaxWork);
}

BENCHMARK(cnn_gradient)->Args({64, 16})->Args({64, 64})->Unit(benchmark::kMillisecond);
BENCHMARK(mlp_gradient)->Args({64, 16})->Args({64, 64})->Unit(benchmark::kMillisecond);
BENCHMARK(softmax_gradient)->Args({64, 16})->Args({64, 64})->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace signet

BENCHMARK_MAIN();
