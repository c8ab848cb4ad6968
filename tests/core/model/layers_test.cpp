#include <cmath>
#include <limits>

#include "core/model/layer.hpp"
#include "core/model/window.hpp"
#include "tests/core/model/model_samples.hpp"
#include "tests/core/model/reference_network.hpp"

namespace signet::test {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// Forward and backward of one layer, with a random gradient arriving at its output.
struct LayerRun {
  std::vector<float> parameters, input, output, output_gradient, input_gradient, gradient;
};

LayerRun run_layer(const LayerSpec& spec, const Shape& shape, std::size_t samples) {
  auto layer = make_layer(spec, shape, 0);
  if (!layer) FAIL(layer.error().message);
  std::size_t parameters = 0;
  for (const LayerBlock& block : (*layer)->blocks()) parameters += elements_of(block.shape);
  LayerRun run;
  run.parameters = random_values(parameters, 1);
  run.input = random_values(samples * elements_of(shape), 2);
  const std::size_t outputs = samples * elements_of((*layer)->output_shape());
  run.output.assign(outputs, kNan);
  run.output_gradient = random_values(outputs, 3);
  run.input_gradient.assign(run.input.size(), kNan);
  run.gradient.assign(parameters, 0);
  Pass pass;
  pass.samples = samples;
  (*layer)->forward(pass, run.parameters, run.input, run.output);
  BackwardPass flow{run.parameters,      run.input,          run.output,
                    run.output_gradient, run.input_gradient, run.gradient};
  (*layer)->backward(pass, flow);
  return run;
}

/// The reference's output of a model that is this layer alone, for every sample.
std::vector<double> reference_output(const LayerSpec& spec, const Shape& shape, const LayerRun& run,
                                     std::size_t samples) {
  ReferenceNetwork reference(model(shape, {spec}, 0), 0);
  const std::vector<double> parameters(run.parameters.begin(), run.parameters.end());
  BatchView batch;
  batch.size = samples;
  batch.features = run.input;
  std::vector<double> output;
  for (std::size_t sample = 0; sample < samples; ++sample) {
    const auto one = reference.outputs(parameters, batch, sample);
    output.insert(output.end(), one.begin(), one.end());
  }
  return output;
}

void check_equal(const std::vector<float>& values, const std::vector<double>& wanted,
                 double margin) {
  REQUIRE(values.size() == wanted.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    REQUIRE(static_cast<double>(values[i]) == Approx(wanted[i]).epsilon(1e-5).margin(margin));
  }
}

/// The convolution's gradients from the sum in its definition, term by term.
void check_conv_gradients(const LayerSpec& spec, const Shape& shape, const LayerRun& run,
                          std::size_t samples) {
  const std::size_t k = spec.kernel, p = spec.padding;
  const std::size_t stride = std::max<std::size_t>(1, spec.stride);
  const std::size_t height = (shape[1] + 2 * p - k) / stride + 1;
  const std::size_t width = (shape[2] + 2 * p - k) / stride + 1;
  std::vector<double> input_gradient(run.input.size()), gradient(run.parameters.size());
  const std::size_t weights = spec.channels * shape[0] * k * k;
  std::size_t out = 0;
  for (std::size_t n = 0; n < samples; ++n)
    for (std::size_t o = 0; o < spec.channels; ++o)
      for (std::size_t y = 0; y < height; ++y)
        for (std::size_t x = 0; x < width; ++x, ++out) {
          const auto g = static_cast<double>(run.output_gradient[out]);
          gradient[weights + o] += g;
          for (std::size_t c = 0; c < shape[0]; ++c)
            for (std::size_t i = 0; i < k; ++i)
              for (std::size_t j = 0; j < k; ++j) {
                const std::size_t row = y * stride + i, column = x * stride + j;
                if (row < p || column < p || row >= shape[1] + p || column >= shape[2] + p)
                  continue;
                const std::size_t in =
                    ((n * shape[0] + c) * shape[1] + row - p) * shape[2] + column - p;
                const std::size_t w = ((o * shape[0] + c) * k + i) * k + j;
                gradient[w] += g * static_cast<double>(run.input[in]);
                input_gradient[in] += g * static_cast<double>(run.parameters[w]);
              }
        }
  check_equal(run.gradient, gradient, 1e-3);
  check_equal(run.input_gradient, input_gradient, 1e-4);
}

TEST_CASE("a convolution is its definition in loops, for strides, paddings and odd sizes",
          "[core][model]") {
  struct Case {
    Shape input;
    LayerSpec spec;
    std::size_t samples;
  };
  const std::vector<Case> cases = {
      {{1, 28, 28}, conv(32, 5), 2},    {{32, 12, 12}, conv(64, 5), 1},
      {{1, 1, 1}, conv(1, 1), 1},       {{3, 7, 5}, conv(2, 3), 3},
      {{2, 9, 9}, conv(3, 2, 2), 2},    {{2, 8, 11}, conv(4, 3, 3, 2), 2},
      {{3, 6, 6}, conv(2, 3, 1, 1), 2}, {{2, 3, 3}, conv(2, 3, 1, 4), 1},
      {{16, 24, 26}, conv(5, 5), 1},    {{16, 30, 30}, conv(5, 5, 2, 2), 2},
      {{1, 5, 40}, conv(2, 5), 1},      {{64, 6, 200}, conv(3, 3, 1, 1), 1},
  };  // Those with 16 and 64 channels need several strips of patches.
  for (const Case& one : cases) {
    INFO(shape_text(one.input) << " kernel " << one.spec.kernel << " stride " << one.spec.stride
                               << " padding " << one.spec.padding);
    const LayerRun run = run_layer(one.spec, one.input, one.samples);
    check_equal(run.output, reference_output(one.spec, one.input, run, one.samples), 1e-4);
    check_conv_gradients(one.spec, one.input, run, one.samples);
  }
}

TEST_CASE("a pool is its definition in loops, and spreads its gradient over its windows",
          "[core][model]") {
  const std::vector<std::pair<Shape, LayerSpec>> cases = {
      {{3, 24, 24}, max_pool(2)},      {{2, 8, 8}, max_pool(2)},
      {{1, 5, 7}, max_pool(2)},        {{2, 9, 9}, max_pool(3, 2)},
      {{1, 4, 4}, max_pool(4)},        {{2, 6, 5}, max_pool(3, 1)},
      {{1, 9, 9}, max_pool(2, 5)},     {{3, 8, 8}, average_pool(2)},
      {{2, 7, 9}, average_pool(3, 2)}, {{1, 6, 6}, average_pool(3, 1)},
      {{1, 5, 5}, average_pool(1)},    {{1, 9, 9}, average_pool(2, 5)}};
  for (const auto& [shape, spec] : cases) {
    INFO(layer_kind_name(spec.kind)
         << " " << shape_text(shape) << " kernel " << spec.kernel << " stride " << spec.stride);
    const LayerRun run = run_layer(spec, shape, 3);
    check_equal(run.output, reference_output(spec, shape, run, 3), 1e-6);
    // Pools are linear or piecewise linear: <dY, Y> = <dX, X>, whatever the windows.
    double outside = 0, inside = 0;
    for (std::size_t i = 0; i < run.output.size(); ++i) {
      outside += static_cast<double>(run.output[i]) * static_cast<double>(run.output_gradient[i]);
    }
    for (std::size_t i = 0; i < run.input.size(); ++i) {
      inside += static_cast<double>(run.input[i]) * static_cast<double>(run.input_gradient[i]);
    }
    CHECK(inside == Approx(outside).epsilon(1e-4).margin(1e-4));
  }
}

TEST_CASE("max pool gives the gradient to the first of equal values", "[core][model]") {
  auto layer = make_layer(max_pool(2), {1, 2, 4}, 0);
  REQUIRE(layer);
  const std::vector<float> input = {5, 5, 0, 1, 5, 5, 2, 2}, output_gradient = {3, 4};
  std::vector<float> output(2), input_gradient(8, kNan);
  Pass pass;
  pass.samples = 1;
  (*layer)->forward(pass, {}, input, output);
  (*layer)->backward(pass, {{}, input, output, output_gradient, input_gradient, {}});
  CHECK(output == std::vector<float>{5, 2});
  CHECK(input_gradient == std::vector<float>{3, 0, 0, 0, 0, 0, 4, 0});
}

TEST_CASE("max pool passes a NaN on, wherever in the window it lies", "[core][model]") {
  for (const LayerSpec& spec : {max_pool(2), max_pool(3)}) {
    for (std::size_t place = 0; place < spec.kernel * spec.kernel; ++place) {
      auto layer = make_layer(spec, {1, spec.kernel, spec.kernel}, 0);
      REQUIRE(layer);
      auto input = random_values(spec.kernel * spec.kernel, 4);
      input[place] = kNan;
      std::vector<float> output(1);
      Pass pass;
      pass.samples = 1;
      (*layer)->forward(pass, {}, input, output);
      CHECK(std::isnan(output[0]));
    }
  }
}

TEST_CASE("activations follow their definition to their ends and keep NaN wherever it lies",
          "[core][model]") {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  // 131 values: whole blocks and a rest.
  std::vector<float> x(131);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = (static_cast<float>(i) - 65) / 4;
  x[0] = -kInf, x[1] = kInf, x[2] = kNan, x[64] = kNan, x[130] = kNan, x[65] = -0.0F;
  struct Case {
    LayerSpec spec;
    double (*function)(double);
  };
  const std::vector<Case> cases = {{relu(), [](double v) { return v > 0 ? v : 0; }},
                                   {tanh_layer(), [](double v) { return std::tanh(v); }},
                                   {sigmoid(), [](double v) { return 1 / (1 + std::exp(-v)); }}};
  for (const Case& one : cases) {
    INFO(layer_kind_name(one.spec.kind));
    auto layer = make_layer(one.spec, {131}, 0);
    REQUIRE(layer);
    std::vector<float> y(131);
    Pass pass;
    pass.samples = 1;
    (*layer)->forward(pass, {}, x, y);
    for (std::size_t i = 0; i < x.size(); ++i) {
      INFO("x = " << x[i] << " at " << i);
      if (std::isnan(x[i])) {
        CHECK(std::isnan(y[i]));
      } else if (std::isinf(x[i]) && one.spec.kind == LayerKind::Relu) {
        CHECK(y[i] == (x[i] > 0 ? kInf : 0));
      } else {
        // Eigen divides by an approximate reciprocal on 32-bit ARM: 4e-6 there, 2e-7 elsewhere.
        CHECK(static_cast<double>(y[i]) ==
              Approx(one.function(static_cast<double>(x[i]))).epsilon(1e-5).margin(1e-30));
      }
    }
  }
}

TEST_CASE("an element's tanh does not depend on its place in memory or in the batch",
          "[core][model]") {
  for (const LayerSpec& spec : {tanh_layer(), sigmoid()}) {
    auto layer = make_layer(spec, {100}, 0);
    REQUIRE(layer);
    const auto values = random_values(100, 5);
    std::vector<float> from(108), to(108), first;
    Pass pass;
    pass.samples = 1;
    for (std::size_t offset = 0; offset < 8; ++offset) {
      const auto x = std::span(from).subspan(offset, 100);
      const auto y = std::span(to).subspan(7 - offset, 100);
      std::copy(values.begin(), values.end(), x.begin());
      (*layer)->forward(pass, {}, x, y);
      if (offset == 0) first.assign(y.begin(), y.end());
      CHECK(std::equal(first.begin(), first.end(), y.begin()));
    }
    CHECK(first.size() == 100);
  }
}

}  // namespace
}  // namespace signet::test
