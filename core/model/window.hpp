#pragma once

#include <cstddef>

#include "core/base/result.hpp"
#include "core/model/shape.hpp"
#include "core/model/spec.hpp"

namespace signet {

/// A square window that slides over every channel of an image, as a convolution and a pool do.
/// Sizes of the image include the padding.
struct Window {
  std::size_t channels = 0, height = 0, width = 0;
  std::size_t kernel = 0, stride = 0;
  std::size_t out_height = 0, out_width = 0;

  std::size_t image_size() const { return channels * height * width; }
  std::size_t positions() const { return out_height * out_width; }  ///< of the window
  std::size_t patch_size() const { return channels * kernel * kernel; }
};

/// Window of a convolution over an input {channels, height, width}; spec.stride 0 means 1.
/// Fails with Mismatch: the input is no image, the kernel is 0 or does not fit, or the sizes are
/// too large, naming the input and the sizes.
Result<Window> make_conv_window(const LayerSpec& spec, const Shape& input);

/// The same for a pool: spec.stride 0 means the window, and padding is an error as well.
Result<Window> make_pool_window(const LayerSpec& spec, const Shape& input);

}  // namespace signet
