#include <algorithm>

#include "core/model/layer.hpp"
#include "core/model/matrices.hpp"

namespace signet {
namespace {

/// max(x, 0); the derivative at 0 is 0. NaN stays NaN: a comparison the other way would hide it.
struct ReluFunction {
  static void apply(std::span<const float> x, std::span<float> y) {
    for (std::size_t i = 0; i < x.size(); ++i) y[i] = x[i] < 0 ? 0.0F : x[i];
  }
  static float through(float y, float gradient) { return y <= 0 ? 0.0F : gradient; }
};

struct TanhFunction {
  static void apply(std::span<const float> x, std::span<float> y) {
    apply_in_blocks(x, y, [](const auto& block) { return block.tanh(); });
  }
  static float through(float y, float gradient) { return gradient * (1 - y * y); }
};

/// 1 / (1 + exp(-x)).
struct SigmoidFunction {
  static void apply(std::span<const float> x, std::span<float> y) {
    apply_in_blocks(x, y, [](const auto& block) { return (1 + (-block).exp()).inverse(); });
  }
  static float through(float y, float gradient) { return gradient * y * (1 - y); }
};

/// A function of each element whose derivative is a function of its value, so that the input need
/// not be kept.
template <typename Function>
class Activation final : public Layer {
 public:
  explicit Activation(const Shape& shape) : Layer(shape) {}

  bool is_elementwise() const override { return true; }
  bool needs_output() const override { return true; }

  void forward(const Pass&, std::span<const float>, std::span<const float> input,
               std::span<float> output) override {
    Function::apply(input, output);
  }

  void backward(const Pass&, const BackwardPass& flow) override {
    const std::size_t count = flow.input_gradient.size();
    for (std::size_t i = 0; i < count; ++i) {
      flow.input_gradient[i] = Function::through(flow.output[i], flow.output_gradient[i]);
    }
  }
};

}  // namespace

MadeLayer make_activation(const LayerSpec& spec, const Shape& input) {
  std::unique_ptr<Layer> layer;
  if (spec.kind == LayerKind::Relu) layer = std::make_unique<Activation<ReluFunction>>(input);
  if (spec.kind == LayerKind::Tanh) layer = std::make_unique<Activation<TanhFunction>>(input);
  if (spec.kind == LayerKind::Sigmoid) layer = std::make_unique<Activation<SigmoidFunction>>(input);
  SIGNET_CHECK(layer != nullptr, "only relu, tanh and sigmoid are activations");
  return layer;
}

}  // namespace signet
