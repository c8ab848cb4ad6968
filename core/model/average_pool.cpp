#include <algorithm>

#include "core/model/layer.hpp"
#include "core/model/window.hpp"

namespace signet {
namespace {

/// Mean of each window.
/// Shapes: input [channels, height, width], output [channels, out_height, out_width].
class AveragePool final : public Layer {
 public:
  explicit AveragePool(const Window& window)
      : Layer({window.channels, window.out_height, window.out_width}), window_(window) {}

  void forward(const Pass& pass, std::span<const float>, std::span<const float> input,
               std::span<float> output) override {
    std::fill(output.begin(), output.end(), 0.0F);
    for_each_row_pair(pass, [&](std::size_t in_row, std::size_t out_row) {
      const float* from = input.data() + in_row;
      float* to = output.data() + out_row;
      for (std::size_t x = 0; x < window_.out_width; ++x) {
        for (std::size_t kx = 0; kx < window_.kernel; ++kx) to[x] += from[x * window_.stride + kx];
      }
    });
    for (float& value : output) value *= share();
  }

  void backward(const Pass& pass, const BackwardPass& flow) override {
    if (flow.input_gradient.empty()) return;
    std::fill(flow.input_gradient.begin(), flow.input_gradient.end(), 0.0F);
    for_each_row_pair(pass, [&](std::size_t in_row, std::size_t out_row) {
      const float* from = flow.output_gradient.data() + out_row;
      float* to = flow.input_gradient.data() + in_row;
      for (std::size_t x = 0; x < window_.out_width; ++x) {
        const float value = from[x] * share();
        for (std::size_t kx = 0; kx < window_.kernel; ++kx) to[x * window_.stride + kx] += value;
      }
    });
  }

 private:
  float share() const { return 1.0F / static_cast<float>(window_.kernel * window_.kernel); }

  /// Calls work(offset of an input row, offset of an output row whose windows reach it).
  template <typename Work>
  void for_each_row_pair(const Pass& pass, Work work) const {
    const std::size_t planes = pass.samples * window_.channels;
    for (std::size_t plane = 0; plane < planes; ++plane) {
      for (std::size_t y = 0; y < window_.out_height; ++y) {
        const std::size_t out_row = (plane * window_.out_height + y) * window_.out_width;
        for (std::size_t ky = 0; ky < window_.kernel; ++ky) {
          work((plane * window_.height + y * window_.stride + ky) * window_.width, out_row);
        }
      }
    }
  }

  Window window_;
};

}  // namespace

MadeLayer make_average_pool(const LayerSpec& spec, const Shape& input) {
  const auto window = make_pool_window(spec, input);
  if (!window) return window.error();
  return std::unique_ptr<Layer>(std::make_unique<AveragePool>(*window));
}

}  // namespace signet
