#include <algorithm>

#include "core/model/layer.hpp"
#include "core/model/window.hpp"

namespace signet {
namespace {

/// Largest value of each window; the first of equals takes the gradient, NaN counts as largest.
/// Shapes: input [channels, height, width], output [channels, out_height, out_width].
class MaxPool final : public Layer {
 public:
  explicit MaxPool(const Window& window)
      : Layer({window.channels, window.out_height, window.out_width}), window_(window) {}

  void forward(const Pass& pass, std::span<const float>, std::span<const float> input,
               std::span<float> output) override {
    if (places_.size() < output.size()) places_.resize(output.size());
    const std::size_t planes = pass.samples * window_.channels;
    for (std::size_t plane = 0; plane < planes; ++plane) {
      const float* from = input.data() + plane * plane_size();
      float* to = output.data() + plane * window_.positions();
      std::uint32_t* places = places_.data() + plane * window_.positions();
      // The usual pool with sizes that the compiler knows: three times as fast.
      if (window_.kernel == 2 && window_.stride == 2) {
        pool_plane<2, 2>(from, to, places);
      } else {
        pool_plane<0, 0>(from, to, places);
      }
    }
  }

  void backward(const Pass& pass, const BackwardPass& flow) override {
    if (flow.input_gradient.empty()) return;
    std::fill(flow.input_gradient.begin(), flow.input_gradient.end(), 0.0F);
    const std::size_t planes = pass.samples * window_.channels;
    for (std::size_t plane = 0; plane < planes; ++plane) {
      float* to = flow.input_gradient.data() + plane * plane_size();
      const float* from = flow.output_gradient.data() + plane * window_.positions();
      const std::uint32_t* places = places_.data() + plane * window_.positions();
      for (std::size_t i = 0; i < window_.positions(); ++i) to[places[i]] += from[i];
    }
  }

 private:
  std::size_t plane_size() const { return window_.height * window_.width; }

  /// One channel of one sample. Kernel and Stride 0: as in window_.
  template <std::size_t Kernel, std::size_t Stride>
  void pool_plane(const float* __restrict from, float* __restrict to,
                  std::uint32_t* __restrict places) const {
    const std::size_t kernel = Kernel == 0 ? window_.kernel : Kernel;
    const std::size_t stride = Stride == 0 ? window_.stride : Stride;
    const std::size_t width = window_.width, out_width = window_.out_width;
    for (std::size_t y = 0; y < window_.out_height; ++y) {
      for (std::size_t x = 0; x < out_width; ++x) {
        const auto corner = static_cast<std::uint32_t>(y * stride * width + x * stride);
        float best = from[corner];
        std::uint32_t best_place = corner;
        for (std::size_t ky = 0; ky < kernel; ++ky) {
          for (std::size_t kx = 0; kx < kernel; ++kx) {
            const auto place = corner + static_cast<std::uint32_t>(ky * width + kx);
            const float value = from[place];
            const bool better = (value > best) | (value != value);
            best = better ? value : best;
            best_place = better ? place : best_place;
          }
        }
        to[y * out_width + x] = best;
        places[y * out_width + x] = best_place;
      }
    }
  }

  Window window_;
  std::vector<std::uint32_t> places_;  ///< of the largest values within their planes
};

}  // namespace

MadeLayer make_max_pool(const LayerSpec& spec, const Shape& input) {
  const auto window = make_pool_window(spec, input);
  if (!window) return window.error();
  return std::unique_ptr<Layer>(std::make_unique<MaxPool>(*window));
}

}  // namespace signet
