#include "core/model/window.hpp"

#include <algorithm>
#include <string>

namespace signet {
namespace {

Error window_error(std::string message) {
  return {ErrorKind::Mismatch, std::move(message)};
}

std::string padding_text(std::size_t padding) {
  return padding == 0 ? "" : " with padding " + std::to_string(padding);
}

Result<Window> make_window(const LayerSpec& spec, const Shape& input, std::size_t stride_default) {
  if (input.size() != 3) {
    return window_error("needs an input of channels x height x width, but gets " +
                        shape_text(input) + "; give the model's input three sizes" +
                        " and flatten after this layer");
  }
  if (spec.kernel == 0) return window_error("kernel is 0, must be at least 1");
  if (spec.padding > kElementsMax || spec.stride > kElementsMax) {
    return window_error("padding and stride must be at most " + std::to_string(kElementsMax));
  }
  Window window;
  window.channels = input[0];
  window.height = input[1] + 2 * spec.padding;
  window.width = input[2] + 2 * spec.padding;
  window.kernel = spec.kernel;
  window.stride = spec.stride == 0 ? stride_default : spec.stride;
  if (spec.kernel > std::min(window.height, window.width)) {
    const std::size_t most = std::min(window.height, window.width);
    return window_error("kernel " + std::to_string(spec.kernel) + " does not fit its input " +
                        shape_text(input) + padding_text(spec.padding) + "; it may be at most " +
                        std::to_string(most));
  }
  window.out_height = (window.height - spec.kernel) / window.stride + 1;
  window.out_width = (window.width - spec.kernel) / window.stride + 1;
  if (!count_elements({window.channels, window.height, window.width}) ||
      !count_elements({window.channels, window.kernel, window.kernel, window.out_width})) {
    return window_error("kernel " + std::to_string(spec.kernel) + " over its input " +
                        shape_text(input) + padding_text(spec.padding) + " needs more than the " +
                        std::to_string(kElementsMax) + " values allowed");
  }
  return window;
}

}  // namespace

Result<Window> make_conv_window(const LayerSpec& spec, const Shape& input) {
  return make_window(spec, input, 1);
}

Result<Window> make_pool_window(const LayerSpec& spec, const Shape& input) {
  if (spec.padding != 0) {
    return window_error("padding is " + std::to_string(spec.padding) +
                        ", but only a conv2d has padding; remove it");
  }
  return make_window(spec, input, spec.kernel);
}

}  // namespace signet
