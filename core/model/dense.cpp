#include "core/model/layer.hpp"
#include "core/model/matrices.hpp"

namespace signet {
namespace {

/// Y = X W' + b. Shapes: X [samples, inputs], W [units, inputs], b [units], Y [samples, units].
class Dense final : public Layer {
 public:
  Dense(std::size_t inputs, std::size_t units) : Layer({units}), inputs_(inputs), units_(units) {}

  std::vector<LayerBlock> blocks() const override {
    return {{"weight", {units_, inputs_}, inputs_}, {"bias", {units_}, 0}};
  }

  void forward(const Pass& pass, std::span<const float> parameters, std::span<const float> input,
               std::span<float> output) override {
    const std::size_t weights = units_ * inputs_;
    const auto weight = view_rows(parameters.first(weights), units_, inputs_);
    auto y = map_rows(output, pass.samples, units_);
    y.rowwise() = view_rows(parameters.subspan(weights), 1, units_).row(0);
    y.noalias() += view_rows(input, pass.samples, inputs_) * weight.transpose();
  }

  void backward(const Pass& pass, const BackwardPass& flow) override {
    const std::size_t weights = units_ * inputs_;
    const auto y_gradient = view_rows(flow.output_gradient, pass.samples, units_);
    map_rows(flow.parameters_gradient.first(weights), units_, inputs_).noalias() +=
        y_gradient.transpose() * view_rows(flow.input, pass.samples, inputs_);

    auto bias_gradient = map_rows(flow.parameters_gradient.subspan(weights), 1, units_);
    for (Eigen::Index i = 0; i < y_gradient.rows(); ++i) bias_gradient += y_gradient.row(i);

    if (flow.input_gradient.empty()) return;
    map_rows(flow.input_gradient, pass.samples, inputs_).noalias() =
        y_gradient * view_rows(flow.parameters.first(weights), units_, inputs_);
  }

 private:
  std::size_t inputs_, units_;
};

}  // namespace

MadeLayer make_dense(const LayerSpec& spec, const Shape& input) {
  if (spec.units == 0) {
    return Error{ErrorKind::Mismatch, "units is 0, must be at least 1"};
  }
  if (input.size() != 1) {
    return Error{ErrorKind::Mismatch, "needs a flat input, but gets " + shape_text(input) +
                                          "; put a flatten layer before it"};
  }
  if (!count_elements({spec.units, input[0]})) {
    return Error{ErrorKind::Mismatch, std::to_string(spec.units) + " units over an input of " +
                                          shape_text(input) + " need more weights than the " +
                                          std::to_string(kElementsMax) +
                                          " allowed; use fewer units"};
  }
  return std::unique_ptr<Layer>(std::make_unique<Dense>(input[0], spec.units));
}

}  // namespace signet
