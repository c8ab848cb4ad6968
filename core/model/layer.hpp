#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/model/shape.hpp"
#include "core/model/spec.hpp"

namespace signet {

/// What a layer is told about the samples that pass through it.
struct Pass {
  std::size_t samples = 0;
  std::size_t first_sample = 0;  ///< position of the first one in the batch
  bool training = false;         ///< false: dropout lets everything through
  std::uint64_t noise_seed = 0;
};

/// What a layer's backward pass reads and writes. "Gradient of x" is d loss / d x.
struct BackwardPass {
  std::span<const float> parameters;       ///< the layer's own
  std::span<const float> input;            ///< as forward() got it, unless the layer is elementwise
  std::span<const float> output;           ///< as forward() left it, only if needs_output()
  std::span<const float> output_gradient;  ///< [samples, outputs]
  std::span<float> input_gradient;         ///< [samples, inputs], overwritten; empty: not wanted
  std::span<float> parameters_gradient;    ///< of the layer's own parameters, added to
};

/// A part of a layer's parameters.
struct LayerBlock {
  std::string_view role;  ///< "weight" or "bias"
  Shape shape;
  std::size_t inputs = 0;  ///< values that one output is a weighted sum of; 0: starts at zero
};

/// One step of a feed-forward network over a batch.
///
/// Shapes: samples lie one after the other, each channels first (channel, row, column).
/// Memory: a layer keeps what its backward pass needs besides input and output, and its scratch,
///         between calls; nothing is allocated once the largest batch has been seen.
/// Order:  backward() belongs to the last forward(), with the same Pass.
class Layer {
 public:
  explicit Layer(Shape output) : output_(std::move(output)) {}
  virtual ~Layer() = default;

  const Shape& output_shape() const { return output_; }

  /// The layer's parameters in the order in which they lie in memory.
  virtual std::vector<LayerBlock> blocks() const { return {}; }
  /// True when each output depends on the input at the same place only: then input and output, and
  /// both gradients, may be the same memory, and backward() does not look at the input.
  virtual bool is_elementwise() const { return false; }
  /// True when backward() reads the output: then no later layer may overwrite it.
  virtual bool needs_output() const { return false; }

  virtual void forward(const Pass& pass, std::span<const float> parameters,
                       std::span<const float> input, std::span<float> output) = 0;
  virtual void backward(const Pass& pass, const BackwardPass& flow) = 0;

 private:
  Shape output_;
};

/// One of each family. All fail with Mismatch and what is wrong, without the layer's name.
using MadeLayer = Result<std::unique_ptr<Layer>>;
MadeLayer make_dense(const LayerSpec& spec, const Shape& input);
MadeLayer make_conv2d(const LayerSpec& spec, const Shape& input);
MadeLayer make_max_pool(const LayerSpec& spec, const Shape& input);
MadeLayer make_average_pool(const LayerSpec& spec, const Shape& input);
MadeLayer make_activation(const LayerSpec& spec, const Shape& input);
/// `index` of the layer in the model: layers with the same seed must not drop the same units.
MadeLayer make_dropout(const LayerSpec& spec, const Shape& input, std::size_t index);

/// Makes layer `index` of a model for samples of shape `input`. Not for Flatten: samples lie
/// channels first already, so it only changes the shape and needs no layer.
/// Fails with Mismatch: "job line 14: layer 3 (conv2d): kernel 5 does not fit ...".
MadeLayer make_layer(const LayerSpec& spec, const Shape& input, std::size_t index);

/// "job line 14: layer 3 (conv2d)", or without the line when there is none.
std::string layer_place(const LayerSpec& spec, std::size_t index);

}  // namespace signet
