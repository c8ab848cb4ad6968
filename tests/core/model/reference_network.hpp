#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/base/random.hpp"
#include "core/data/batch.hpp"
#include "core/model/spec.hpp"

namespace signet::test {

/// The definition of every layer and loss, written the slow way: one sample, double precision,
/// indices as in the formulas.
class ReferenceNetwork {
 public:
  /// `noise_seed` drives dropout; `training` false switches it off.
  ReferenceNetwork(const ModelSpec& spec, std::uint64_t noise_seed, bool training = true)
      : spec_(spec), noise_seed_(noise_seed), training_(training) {}

  /// Mean loss of a batch.
  double loss(const std::vector<double>& parameters, const BatchView& batch) {
    double sum = 0;
    for (std::size_t sample = 0; sample < batch.size; ++sample) {
      sum += sample_loss(outputs(parameters, batch, sample), batch, sample);
    }
    return sum / static_cast<double>(batch.size);
  }

  std::vector<double> outputs(const std::vector<double>& parameters, const BatchView& batch,
                              std::size_t sample) {
    const std::size_t features = batch.features.size() / batch.size;
    values_.assign(batch.features.begin() + static_cast<std::ptrdiff_t>(sample * features),
                   batch.features.begin() + static_cast<std::ptrdiff_t>((sample + 1) * features));
    shape_ = spec_.input;
    parameter_ = parameters.data();
    for (std::size_t i = 0; i < spec_.layers.size(); ++i) apply(spec_.layers[i], i, sample);
    return values_;
  }

 private:
  void apply(const LayerSpec& layer, std::size_t index, std::size_t sample) {
    switch (layer.kind) {
      case LayerKind::Dense: return apply_dense(layer);
      case LayerKind::Conv2d: return apply_conv2d(layer);
      case LayerKind::MaxPool: return apply_pool(layer, true);
      case LayerKind::AveragePool: return apply_pool(layer, false);
      case LayerKind::Relu: return apply_each([](double x) { return x > 0 ? x : 0; });
      case LayerKind::Tanh: return apply_each([](double x) { return std::tanh(x); });
      case LayerKind::Sigmoid: return apply_each([](double x) { return 1 / (1 + std::exp(-x)); });
      case LayerKind::Flatten: shape_ = {values_.size()}; return;
      case LayerKind::Dropout: return apply_dropout(layer, index, sample);
    }
  }

  template <typename Function>
  void apply_each(Function function) {
    for (double& value : values_) value = function(value);
  }

  void apply_dense(const LayerSpec& layer) {
    std::vector<double> y(layer.units);
    const double* bias = parameter_ + layer.units * values_.size();
    for (std::size_t unit = 0; unit < layer.units; ++unit) {
      y[unit] = bias[unit];
      for (std::size_t i = 0; i < values_.size(); ++i) {
        y[unit] += parameter_[unit * values_.size() + i] * values_[i];
      }
    }
    parameter_ = bias + layer.units;
    values_ = y;
    shape_ = {layer.units};
  }

  /// Value of the input, 0 in the padding.
  double at(std::size_t channel, std::size_t y, std::size_t x, std::size_t padding) const {
    if (y < padding || x < padding || y >= shape_[1] + padding || x >= shape_[2] + padding)
      return 0;
    return values_[(channel * shape_[1] + y - padding) * shape_[2] + x - padding];
  }

  void apply_conv2d(const LayerSpec& layer) {
    const std::size_t k = layer.kernel, stride = std::max<std::size_t>(1, layer.stride);
    const std::size_t height = (shape_[1] + 2 * layer.padding - k) / stride + 1;
    const std::size_t width = (shape_[2] + 2 * layer.padding - k) / stride + 1;
    const double* bias = parameter_ + layer.channels * shape_[0] * k * k;
    std::vector<double> out;
    for (std::size_t o = 0; o < layer.channels; ++o)
      for (std::size_t y = 0; y < height; ++y)
        for (std::size_t x = 0; x < width; ++x) {
          double sum = bias[o];
          for (std::size_t c = 0; c < shape_[0]; ++c)
            for (std::size_t i = 0; i < k; ++i)
              for (std::size_t j = 0; j < k; ++j)
                sum += parameter_[((o * shape_[0] + c) * k + i) * k + j] *
                       at(c, y * stride + i, x * stride + j, layer.padding);
          out.push_back(sum);
        }
    parameter_ = bias + layer.channels;
    values_ = out;
    shape_ = {layer.channels, height, width};
  }

  void apply_pool(const LayerSpec& layer, bool is_max) {
    const std::size_t k = layer.kernel, stride = layer.stride == 0 ? k : layer.stride;
    const std::size_t height = (shape_[1] - k) / stride + 1, width = (shape_[2] - k) / stride + 1;
    std::vector<double> out;
    for (std::size_t c = 0; c < shape_[0]; ++c)
      for (std::size_t y = 0; y < height; ++y)
        for (std::size_t x = 0; x < width; ++x) {
          double most = at(c, y * stride, x * stride, 0), sum = 0;
          for (std::size_t i = 0; i < k; ++i)
            for (std::size_t j = 0; j < k; ++j) {
              most = std::max(most, at(c, y * stride + i, x * stride + j, 0));
              sum += at(c, y * stride + i, x * stride + j, 0);
            }
          out.push_back(is_max ? most : sum / static_cast<double>(k * k));
        }
    values_ = out;
    shape_ = {shape_[0], height, width};
  }

  void apply_dropout(const LayerSpec& layer, std::size_t index, std::size_t sample) {
    if (!training_) return;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const std::uint64_t position = sample * values_.size() + i;
      const auto bits = mix(mix(noise_seed_, index), position) >> 40;
      const bool is_dropped = static_cast<double>(bits) * 0x1p-24 < layer.rate;
      values_[i] = is_dropped ? 0 : values_[i] / (1 - layer.rate);
    }
  }

  double sample_loss(const std::vector<double>& y, const BatchView& batch,
                     std::size_t sample) const {
    double sum = 0;
    if (spec_.loss == LossKind::SoftmaxCrossEntropy) {
      for (const double value : y) sum += std::exp(value);
      return std::log(sum) - y[static_cast<std::size_t>(batch.labels[sample])];
    }
    const auto wanted = spec_.loss == LossKind::Reconstruction ? batch.features : batch.targets;
    for (std::size_t i = 0; i < y.size(); ++i) {
      const double difference = y[i] - static_cast<double>(wanted[sample * y.size() + i]);
      sum += difference * difference;
    }
    return sum / static_cast<double>(y.size());
  }

  ModelSpec spec_;
  std::uint64_t noise_seed_;
  bool training_;
  std::vector<double> values_;
  std::vector<std::size_t> shape_;
  const double* parameter_ = nullptr;
};

}  // namespace signet::test
