#include "core/model/pipeline.hpp"

#include <algorithm>

namespace signet {

void Pipeline::add(std::unique_ptr<Layer> layer, std::size_t parameters_count) {
  Stage stage;
  stage.first_parameter = parameters_count_;
  stage.parameters_count = parameters_count;
  stage.inputs_count = outputs_count_;
  stage.outputs_count = elements_of(layer->output_shape());
  if (may_overwrite_input(*layer)) {
    stage.buffer = stages_.back().buffer;
  } else {
    stage.buffer = buffers_.size();
    buffers_.emplace_back();
    buffer_widths_.push_back(stage.outputs_count);
  }
  stage.layer = std::move(layer);
  if (parameters_count_ == 0 && parameters_count == 0) first_trained_ = stages_.size() + 1;
  parameters_count_ += parameters_count;
  outputs_count_ = stage.outputs_count;
  gradient_width_ = std::max(gradient_width_, outputs_count_);
  stages_.push_back(std::move(stage));
}

bool Pipeline::may_overwrite_input(const Layer& layer) const {
  return layer.is_elementwise() && !stages_.empty() && !stages_.back().layer->needs_output();
}

std::size_t Pipeline::floats_per_sample() const {
  std::size_t floats = 2 * std::max(gradient_width_, outputs_count_);
  for (const std::size_t width : buffer_widths_) floats += width;
  return floats;
}

void Pipeline::grow(std::size_t samples) {
  for (std::size_t i = 0; i < buffers_.size(); ++i) {
    const std::size_t size = samples * buffer_widths_[i];
    if (buffers_[i].size() < size) buffers_[i].resize(size);
  }
}

std::span<const float> Pipeline::input_of(std::size_t stage, std::size_t samples,
                                          std::span<const float> features) const {
  if (stage == 0) return features;
  const Stage& before = stages_[stage - 1];
  return std::span(buffers_[before.buffer]).first(samples * before.outputs_count);
}

std::span<const float> Pipeline::forward(const Pass& pass, std::span<const float> parameters,
                                         std::span<const float> features) {
  grow(pass.samples);
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    Stage& stage = stages_[i];
    stage.layer->forward(
        pass, parameters.subspan(stage.first_parameter, stage.parameters_count),
        input_of(i, pass.samples, features),
        std::span(buffers_[stage.buffer]).first(pass.samples * stage.outputs_count));
  }
  return input_of(stages_.size(), pass.samples, features);
}

std::span<float> Pipeline::output_gradient(std::size_t samples) {
  const std::size_t size = samples * std::max(gradient_width_, outputs_count_);
  for (auto& gradient : gradients_) {
    if (gradient.size() < size) gradient.resize(size);
  }
  return std::span(gradients_[0]).first(samples * outputs_count_);
}

void Pipeline::backward(const Pass& pass, std::span<const float> parameters,
                        std::span<const float> features, std::span<float> gradient) {
  std::span<float> current(gradients_[0]), other(gradients_[1]);
  for (std::size_t i = stages_.size(); i > first_trained_; --i) {
    Stage& stage = stages_[i - 1];
    const bool is_last_visited = i - 1 == first_trained_;
    const auto target = stage.layer->is_elementwise() ? current : other;
    BackwardPass flow;
    flow.parameters = parameters.subspan(stage.first_parameter, stage.parameters_count);
    flow.input = input_of(i - 1, pass.samples, features);
    flow.output = std::span(buffers_[stage.buffer]).first(pass.samples * stage.outputs_count);
    flow.output_gradient = current.first(pass.samples * stage.outputs_count);
    if (!is_last_visited) flow.input_gradient = target.first(pass.samples * stage.inputs_count);
    flow.parameters_gradient = gradient.subspan(stage.first_parameter, stage.parameters_count);
    stage.layer->backward(pass, flow);
    if (!stage.layer->is_elementwise()) std::swap(current, other);
  }
}

}  // namespace signet
