#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace signet {

enum class LayerKind {
  Dense,        ///< units
  Conv2d,       ///< channels, kernel, stride, padding
  MaxPool,      ///< kernel (window), stride (0: as the window)
  AveragePool,  ///< kernel (window), stride (0: as the window)
  Relu,
  Tanh,
  Sigmoid,
  Flatten,
  Dropout,  ///< rate
};

enum class LossKind {
  SoftmaxCrossEntropy,  ///< labels; nats per sample
  MeanSquaredError,     ///< targets; mean over samples and outputs of (y - t)^2
  Reconstruction,       ///< mean squared error against the (normalised) input itself
};

/// Names as the job file writes them, for example "conv2d" and "softmax_cross_entropy".
constexpr std::string_view layer_kind_name(LayerKind kind) {
  switch (kind) {
    case LayerKind::Dense: return "dense";
    case LayerKind::Conv2d: return "conv2d";
    case LayerKind::MaxPool: return "max_pool";
    case LayerKind::AveragePool: return "average_pool";
    case LayerKind::Relu: return "relu";
    case LayerKind::Tanh: return "tanh";
    case LayerKind::Sigmoid: return "sigmoid";
    case LayerKind::Flatten: return "flatten";
    case LayerKind::Dropout: return "dropout";
  }
  return "unknown";
}
constexpr std::string_view loss_kind_name(LossKind kind) {
  switch (kind) {
    case LossKind::SoftmaxCrossEntropy: return "softmax_cross_entropy";
    case LossKind::MeanSquaredError: return "mean_squared_error";
    case LossKind::Reconstruction: return "reconstruction";
  }
  return "unknown";
}

/// One layer as the job file writes it. Shapes of inputs are inferred.
struct LayerSpec {
  LayerKind kind = LayerKind::Dense;
  std::size_t units = 0;
  std::size_t channels = 0;
  std::size_t kernel = 0;
  std::size_t stride = 0;  ///< 0: 1 for a convolution, the window for a pool
  std::size_t padding = 0;
  double rate = 0;       ///< dropout: share of the inputs set to 0, in [0, 1)
  std::size_t line = 0;  ///< line in the job file, for errors; 0: not from a file

  bool operator==(const LayerSpec&) const = default;
};

struct ModelSpec {
  /// {features} or {channels, height, width}.
  std::vector<std::size_t> input;
  std::vector<LayerSpec> layers;
  LossKind loss = LossKind::SoftmaxCrossEntropy;
  /// Outputs that the loss needs: classes, or targets, or 0 for "as many as inputs" (not with
  /// softmax cross-entropy, where 0 is an error).
  std::size_t outputs = 0;

  bool operator==(const ModelSpec&) const = default;
};

}  // namespace signet
