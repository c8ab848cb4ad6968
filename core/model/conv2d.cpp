#include <algorithm>

#include "core/model/layer.hpp"
#include "core/model/matrices.hpp"
#include "core/model/patches.hpp"

namespace signet {
namespace {

/// Largest matrix of patches, in floats, that a strip of positions may need: 256 KiB stay in the
/// second-level cache of small boards, and scratch does not grow with the image.
constexpr std::size_t kPatchesMax = std::size_t{1} << 16;

/// Cross-correlation with zero padding, as every framework calls convolution:
/// Y[o, y, x] = b[o] + sum over c, i, j of W[o, c, i, j] X[c, y * stride + i, x * stride + j].
///
/// Shapes: W [channels out, channels in, kernel, kernel], b [channels out].
/// Way:    for each sample, and strip by strip of output rows, patches are gathered into a matrix P
///         [patch, positions]; then Y = W P, dW += dY P', dP = W' dY, and dX is dP scattered back.
class Conv2d final : public Layer {
 public:
  Conv2d(const Window& window, std::size_t channels, std::size_t padding)
      : Layer({channels, window.out_height, window.out_width}),
        window_(window),
        channels_(channels),
        padding_(padding),
        padded_(padding == 0 ? 0 : window.image_size()) {
    const std::size_t row = window.patch_size() * window.out_width;
    const std::size_t rows_max = std::max<std::size_t>(1, kPatchesMax / row);
    const std::size_t strips = (window.out_height + rows_max - 1) / rows_max;
    strip_rows_ = (window.out_height + strips - 1) / strips;
    patches_.resize(strip_rows_ * row);
  }

  std::vector<LayerBlock> blocks() const override {
    return {{"weight",
             {channels_, window_.channels, window_.kernel, window_.kernel},
             window_.patch_size()},
            {"bias", {channels_}, 0}};
  }

  void forward(const Pass& pass, std::span<const float> parameters, std::span<const float> input,
               std::span<float> output) override {
    const auto weight = weight_view(parameters);
    const float* bias = parameters.data() + weights_count();
    for (std::size_t sample = 0; sample < pass.samples; ++sample) {
      const float* image = padded_image(input.data() + sample * input_size());
      float* y = output.data() + sample * output_size();
      for (std::size_t o = 0; o < channels_; ++o) {
        std::fill_n(y + o * window_.positions(), window_.positions(), bias[o]);
      }
      for_each_strip([&](std::size_t first_row, std::size_t rows) {
        gather_patches(window_, image, first_row, rows, patches_.data());
        ColumnsMap(y + first_row * window_.out_width, to_index(channels_), columns(rows),
                   position_stride())
            .noalias() += weight * patches(rows);
      });
    }
  }

  void backward(const Pass& pass, const BackwardPass& flow) override {
    for (std::size_t sample = 0; sample < pass.samples; ++sample) {
      const float* y_gradient = flow.output_gradient.data() + sample * output_size();
      add_parameters_gradient(flow.input.data() + sample * input_size(), y_gradient,
                              flow.parameters_gradient);
      if (flow.input_gradient.empty()) continue;
      write_input_gradient(flow.parameters, y_gradient,
                           flow.input_gradient.data() + sample * input_size());
    }
  }

 private:
  std::size_t weights_count() const { return channels_ * window_.patch_size(); }
  std::size_t input_height() const { return window_.height - 2 * padding_; }
  std::size_t input_width() const { return window_.width - 2 * padding_; }
  std::size_t input_size() const { return window_.channels * input_height() * input_width(); }
  std::size_t output_size() const { return channels_ * window_.positions(); }
  Eigen::Index columns(std::size_t rows) const { return to_index(rows * window_.out_width); }
  Eigen::OuterStride<> position_stride() const {
    return Eigen::OuterStride<>(to_index(window_.positions()));
  }

  RowsView weight_view(std::span<const float> parameters) const {
    return view_rows(parameters.first(weights_count()), channels_, window_.patch_size());
  }
  RowsMap patches(std::size_t rows) {
    return {patches_.data(), to_index(window_.patch_size()), columns(rows)};
  }

  template <typename Work>
  void for_each_strip(Work work) const {
    for (std::size_t row = 0; row < window_.out_height; row += strip_rows_) {
      work(row, std::min(strip_rows_, window_.out_height - row));
    }
  }

  /// The image itself, or its copy in the middle of padded_, whose border stays zero.
  const float* padded_image(const float* image) {
    if (padding_ == 0) return image;
    for_each_image_row([&](std::size_t inner, std::size_t padded) {
      std::copy_n(image + inner, input_width(), padded_.data() + padded);
    });
    return padded_.data();
  }

  /// Offsets of each row of the image without and with padding.
  template <typename Work>
  void for_each_image_row(Work work) const {
    for (std::size_t channel = 0; channel < window_.channels; ++channel) {
      for (std::size_t y = 0; y < input_height(); ++y) {
        work((channel * input_height() + y) * input_width(),
             (channel * window_.height + y + padding_) * window_.width + padding_);
      }
    }
  }

  void add_parameters_gradient(const float* input, const float* y_gradient,
                               std::span<float> gradient) {
    const float* image = padded_image(input);
    auto weight_gradient =
        map_rows(gradient.first(weights_count()), channels_, window_.patch_size());
    for_each_strip([&](std::size_t first_row, std::size_t rows) {
      gather_patches(window_, image, first_row, rows, patches_.data());
      weight_gradient.noalias() +=
          strip_of(y_gradient, first_row, rows) * patches(rows).transpose();
    });
    float* bias_gradient = gradient.data() + weights_count();
    for (std::size_t o = 0; o < channels_; ++o) {
      bias_gradient[o] += sum_in_order(y_gradient + o * window_.positions(), window_.positions());
    }
  }

  void write_input_gradient(std::span<const float> parameters, const float* y_gradient,
                            float* input_gradient) {
    float* image = padding_ == 0 ? input_gradient : padded_gradient();
    std::fill_n(image, window_.image_size(), 0.0F);
    const auto weight = weight_view(parameters);
    for_each_strip([&](std::size_t first_row, std::size_t rows) {
      patches(rows).noalias() = weight.transpose() * strip_of(y_gradient, first_row, rows);
      scatter_patches(window_, patches_.data(), first_row, rows, image);
    });
    if (padding_ == 0) return;
    for_each_image_row([&](std::size_t inner, std::size_t padded) {
      std::copy_n(image + padded, input_width(), input_gradient + inner);
    });
  }

  ColumnsView strip_of(const float* y, std::size_t first_row, std::size_t rows) const {
    return {y + first_row * window_.out_width, to_index(channels_), columns(rows),
            position_stride()};
  }

  float* padded_gradient() {
    padded_gradient_.resize(window_.image_size());
    return padded_gradient_.data();
  }

  Window window_;
  std::size_t channels_, padding_, strip_rows_ = 0;
  std::vector<float> patches_, padded_, padded_gradient_;
};

}  // namespace

MadeLayer make_conv2d(const LayerSpec& spec, const Shape& input) {
  if (spec.channels == 0) {
    return Error{ErrorKind::Mismatch, "channels is 0, must be at least 1"};
  }
  const auto window = make_conv_window(spec, input);
  if (!window) return window.error();
  if (!count_elements({spec.channels, window->patch_size()}) ||
      !count_elements({spec.channels, window->out_height, window->out_width})) {
    return Error{ErrorKind::Mismatch, std::to_string(spec.channels) +
                                          " channels over an input of " + shape_text(input) +
                                          " need more than the " + std::to_string(kElementsMax) +
                                          " values allowed; use fewer channels"};
  }
  return std::unique_ptr<Layer>(std::make_unique<Conv2d>(*window, spec.channels, spec.padding));
}

}  // namespace signet
