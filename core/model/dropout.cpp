#include <algorithm>
#include <cmath>

#include "core/base/random.hpp"
#include "core/model/layer.hpp"

namespace signet {
namespace {

/// Inverted dropout (Srivastava et al., "Dropout", JMLR 2014): in training each value is set to 0
/// with probability `rate` and divided by 1 - rate otherwise, so that its expectation stays; in
/// judging nothing happens. Whether a value stays is a pure function of noise seed, layer index and
/// position in the batch.
class Dropout final : public Layer {
 public:
  Dropout(const Shape& shape, double rate, std::size_t index)
      : Layer(shape),
        width_(elements_of(shape)),
        index_(index),
        threshold_(static_cast<std::uint64_t>(std::ceil(rate * 0x1p24))),
        scale_(static_cast<float>(1 / (1 - rate))) {}

  bool is_elementwise() const override { return true; }

  void forward(const Pass& pass, std::span<const float>, std::span<const float> input,
               std::span<float> output) override {
    if (!pass.training) {
      if (input.data() != output.data()) std::copy(input.begin(), input.end(), output.begin());
      return;
    }
    if (kept_.size() < input.size()) kept_.resize(input.size());
    const std::uint64_t stream = mix(pass.noise_seed, index_);
    const std::uint64_t first = static_cast<std::uint64_t>(pass.first_sample) * width_;
    for (std::size_t i = 0; i < input.size(); ++i) {
      kept_[i] = (mix(stream, first + i) >> 40) >= threshold_;
    }
    apply(input, output);
  }

  void backward(const Pass&, const BackwardPass& flow) override {
    if (!flow.input_gradient.empty()) apply(flow.output_gradient, flow.input_gradient);
  }

 private:
  /// Multiplies even where the factor is 0, so that a NaN is not dropped out of sight.
  void apply(std::span<const float> from, std::span<float> to) const {
    for (std::size_t i = 0; i < from.size(); ++i) {
      to[i] = from[i] * (static_cast<float>(kept_[i]) * scale_);
    }
  }

  std::size_t width_, index_;
  std::uint64_t threshold_;  ///< of 2^24: smaller random numbers drop the value
  float scale_;
  std::vector<std::uint8_t> kept_;
};

}  // namespace

MadeLayer make_dropout(const LayerSpec& spec, const Shape& input, std::size_t index) {
  if (!(spec.rate >= 0 && spec.rate < 1)) {
    return Error{ErrorKind::Mismatch,
                 "rate is " + std::to_string(spec.rate) + ", must be at least 0 and less than 1"};
  }
  return std::unique_ptr<Layer>(std::make_unique<Dropout>(input, spec.rate, index));
}

}  // namespace signet
