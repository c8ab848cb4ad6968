#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "core/model/layer.hpp"

namespace signet {

/// Layers one after the other, with the memory for what flows between them.
///
/// Shapes: features [samples, features_count], outputs [samples, outputs_count].
/// Memory: an elementwise layer writes over its input unless that is still needed; gradients go
///         back and forth between two buffers. All of it grows with the largest call, then stays.
class Pipeline {
 public:
  explicit Pipeline(std::size_t features_count) : outputs_count_(features_count) {}

  /// `parameters_count` floats of the parameter vector, after those of the layers before, are its.
  void add(std::unique_ptr<Layer> layer, std::size_t parameters_count);

  std::size_t outputs_count() const { return outputs_count_; }
  /// Floats of memory that one more sample in a call takes.
  std::size_t floats_per_sample() const;

  /// Returns the outputs; they are valid until the next forward().
  std::span<const float> forward(const Pass& pass, std::span<const float> parameters,
                                 std::span<const float> features);

  /// Where the loss leaves its gradient with respect to the outputs, [samples, outputs_count].
  std::span<float> output_gradient(std::size_t samples);

  /// Adds the gradient of the parameters to `gradient`, from output_gradient() and the state that
  /// forward() of the same pass left. Layers before the first one with parameters are not visited,
  /// and that one does not compute the gradient of its input.
  void backward(const Pass& pass, std::span<const float> parameters,
                std::span<const float> features, std::span<float> gradient);

 private:
  struct Stage {
    std::unique_ptr<Layer> layer;
    std::size_t first_parameter = 0, parameters_count = 0;
    std::size_t inputs_count = 0, outputs_count = 0;
    std::size_t buffer = 0;  ///< index in buffers_ of its output
  };

  bool may_overwrite_input(const Layer& layer) const;
  std::span<const float> input_of(std::size_t stage, std::size_t samples,
                                  std::span<const float> features) const;
  void grow(std::size_t samples);

  std::vector<Stage> stages_;
  std::vector<std::vector<float>> buffers_;
  std::vector<std::size_t> buffer_widths_;  ///< floats per sample of each buffer
  std::array<std::vector<float>, 2> gradients_;
  std::size_t outputs_count_, gradient_width_ = 0;  ///< floats per sample of each gradient buffer
  std::size_t first_trained_ = 0;  ///< first stage with parameters, or stages_.size()
  std::size_t parameters_count_ = 0;
};

}  // namespace signet
