#include "core/model/network.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/base/random.hpp"
#include "core/model/layer.hpp"
#include "core/model/losses.hpp"
#include "core/model/pipeline.hpp"

namespace signet {
namespace {

/// Floats that may flow through the pipeline at once (8 MiB): larger batches pass in parts.
constexpr std::size_t kFlowMax = std::size_t{1} << 21;

Error model_error(std::string message) {
  return {ErrorKind::Mismatch, std::move(message)};
}

Status check_input(const Shape& input) {
  if (input.size() != 1 && input.size() != 3) {
    return model_error("model input has " + std::to_string(input.size()) + " sizes (" +
                       shape_text(input) + "); it must be {features} or {channels, height, width}");
  }
  if (std::find(input.begin(), input.end(), std::size_t{0}) != input.end()) {
    return model_error("model input " + shape_text(input) + ": every size must be at least 1");
  }
  if (!count_elements(input)) {
    return model_error("model input " + shape_text(input) + " has more than the " +
                       std::to_string(kElementsMax) + " values allowed");
  }
  return {};
}

/// Outputs that the loss wants, over `inputs` features.
Result<std::size_t> wanted_outputs(const ModelSpec& spec, std::size_t inputs) {
  const std::string loss(loss_kind_name(spec.loss));
  if (spec.loss == LossKind::SoftmaxCrossEntropy && spec.outputs == 0) {
    return model_error("model loss " + loss +
                       " needs at least 1 class, but outputs is 0; give the number of classes");
  }
  if (spec.loss == LossKind::Reconstruction && spec.outputs != 0 && spec.outputs != inputs) {
    return model_error("model loss " + loss + " needs as many outputs as inputs (" +
                       std::to_string(inputs) + "), but outputs is " +
                       std::to_string(spec.outputs) + "; leave it out");
  }
  return spec.outputs == 0 ? inputs : spec.outputs;
}

Status check_outputs(const ModelSpec& spec, const Shape& shape, std::size_t wanted) {
  if (elements_of(shape) == wanted) return {};
  const std::string text = shape_text(shape), needed = std::to_string(wanted);
  const std::string loss(loss_kind_name(spec.loss));
  if (spec.layers.empty()) {
    return model_error("model without layers: its outputs are its inputs (" + text +
                       "), but the loss " + loss + " needs " + needed +
                       " outputs; add a dense layer with units = " + needed);
  }
  const LayerSpec& last = spec.layers.back();
  const std::string what_to_do = last.kind == LayerKind::Dense
                                     ? "; set its units to " + needed
                                     : "; end with a dense layer with units = " + needed;
  return model_error(layer_place(last, spec.layers.size() - 1) + ": is the last layer and gives " +
                     text + " outputs, but the loss " + loss + " needs " + needed + what_to_do);
}

/// Is a ReLU the next layer that is neither linear without parameters nor a pool?
bool is_before_relu(const std::vector<LayerSpec>& layers, std::size_t index) {
  for (std::size_t i = index + 1; i < layers.size(); ++i) {
    switch (layers[i].kind) {
      case LayerKind::MaxPool:
      case LayerKind::AveragePool:
      case LayerKind::Flatten:
      case LayerKind::Dropout: continue;
      default: return layers[i].kind == LayerKind::Relu;
    }
  }
  return false;
}

/// Half width of the uniform distribution that a block starts from.
float starting_bound(const LayerBlock& block, bool before_relu) {
  if (block.inputs == 0) return 0;
  return std::sqrt((before_relu ? 6.0F : 3.0F) / static_cast<float>(block.inputs));
}

}  // namespace

class Network::Body {
 public:
  Body(LossKind loss_kind, std::size_t features)
      : loss(loss_kind), features_count(features), pipeline(features) {}

  LossKind loss;
  std::size_t features_count;
  Pipeline pipeline;
  std::vector<float> bounds;  ///< of each block's starting values

  void check(const BatchView& batch) const;
  double loss_of(const BatchView& part, std::span<const float> outputs, float scale,
                 std::span<float> gradient) const;
  /// Calls work(first sample, part) for parts of the batch that keep the scratch in bounds.
  template <typename Work>
  void for_each_part(const BatchView& batch, Work work) const;
};

void Network::Body::check(const BatchView& batch) const {
  const std::size_t outputs = pipeline.outputs_count();
  SIGNET_CHECK(batch.features.size() == batch.size * features_count,
               "a batch has the features that the model was made for");
  if (loss == LossKind::SoftmaxCrossEntropy) {
    SIGNET_CHECK(batch.labels.size() == batch.size, "a classified batch has one label a sample");
    for (const std::int32_t label : batch.labels) {
      SIGNET_CHECK(label >= 0 && static_cast<std::size_t>(label) < outputs,
                   "a label is one of the model's classes");
    }
  }
  if (loss == LossKind::MeanSquaredError) {
    SIGNET_CHECK(batch.targets.size() == batch.size * outputs, "one target for each output");
  }
}

double Network::Body::loss_of(const BatchView& part, std::span<const float> outputs, float scale,
                              std::span<float> gradient) const {
  const std::size_t count = pipeline.outputs_count();
  switch (loss) {
    case LossKind::SoftmaxCrossEntropy:
      return softmax_cross_entropy(outputs, part.labels, scale, gradient);
    case LossKind::MeanSquaredError:
      return squared_error(outputs, part.targets, count, scale, gradient);
    case LossKind::Reconstruction:
      return squared_error(outputs, part.features, count, scale, gradient);
  }
  SIGNET_CHECK(false, "a loss kind without a loss");
}

template <typename Work>
void Network::Body::for_each_part(const BatchView& batch, Work work) const {
  const std::size_t most =
      std::max<std::size_t>(1, kFlowMax / std::max<std::size_t>(1, pipeline.floats_per_sample()));
  const std::size_t parts = (batch.size + most - 1) / most;
  for (std::size_t i = 0, first = 0; i < parts; ++i) {
    // Parts of nearly equal size: small ones cost more per sample.
    const std::size_t count = (batch.size - first) / (parts - i);
    BatchView part;
    part.size = count;
    part.features = batch.features.subspan(first * features_count, count * features_count);
    if (loss == LossKind::SoftmaxCrossEntropy) part.labels = batch.labels.subspan(first, count);
    if (loss == LossKind::MeanSquaredError) {
      const std::size_t outputs = pipeline.outputs_count();
      part.targets = batch.targets.subspan(first * outputs, count * outputs);
    }
    work(first, part);
    first += count;
  }
}

Network::Network() = default;
Network::Network(Network&&) noexcept = default;
Network& Network::operator=(Network&&) noexcept = default;
Network::~Network() = default;

Result<Network> Network::create(const ModelSpec& spec) {
  if (const auto status = check_input(spec.input); !status) return status.error();
  const std::size_t features = elements_of(spec.input);
  const auto wanted = wanted_outputs(spec, features);
  if (!wanted) return wanted.error();

  Network network;
  network.body_ = std::make_unique<Body>(spec.loss, features);
  Shape shape = spec.input;
  for (std::size_t i = 0; i < spec.layers.size(); ++i) {
    if (spec.layers[i].kind == LayerKind::Flatten) {
      shape = {elements_of(shape)};
      continue;
    }
    auto layer = make_layer(spec.layers[i], shape, i);
    if (!layer) return layer.error();
    shape = (*layer)->output_shape();
    const auto status = network.append(std::move(*layer), spec.layers, i);
    if (!status) return status.error();
  }
  if (const auto status = check_outputs(spec, shape, *wanted); !status) return status.error();
  return network;
}

Status Network::append(std::unique_ptr<Layer> layer, const std::vector<LayerSpec>& specs,
                       std::size_t index) {
  const std::size_t before = dimension_;
  const std::string prefix =
      std::to_string(index) + "." + std::string(layer_kind_name(specs[index].kind)) + ".";
  for (const LayerBlock& block : layer->blocks()) {
    const std::size_t size = elements_of(block.shape);
    if (size > kElementsMax - dimension_) {
      return model_error(layer_place(specs[index], index) +
                         ": with it the model has more than the " + std::to_string(kElementsMax) +
                         " parameters allowed");
    }
    blocks_.push_back({prefix + std::string(block.role), block.shape, dimension_, size});
    body_->bounds.push_back(starting_bound(block, is_before_relu(specs, index)));
    dimension_ += size;
  }
  body_->pipeline.add(std::move(layer), dimension_ - before);
  return {};
}

std::size_t Network::outputs_count() const {
  return body_->pipeline.outputs_count();
}

std::vector<float> Network::initial_parameters(std::uint64_t seed) const {
  std::vector<float> parameters(dimension_, 0.0F);
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const float bound = body_->bounds[i];
    if (bound == 0) continue;
    Rng rng(mix(seed, i));
    const auto block = std::span(parameters).subspan(blocks_[i].offset, blocks_[i].size);
    // 2 u - 1 is exact; the product is rounded once.
    for (float& parameter : block) parameter = (2 * rng.uniform() - 1) * bound;
  }
  return parameters;
}

double Network::loss_and_gradient(std::span<const float> parameters, const BatchView& batch,
                                  std::uint64_t noise_seed, std::span<float> gradient) {
  SIGNET_CHECK(batch.size > 0, "the mean loss of no samples is undefined");
  SIGNET_CHECK(parameters.size() == dimension_, "one value for each parameter of the model");
  SIGNET_CHECK(gradient.size() == dimension_, "one gradient for each parameter of the model");
  body_->check(batch);
  std::fill(gradient.begin(), gradient.end(), 0.0F);
  const float scale = 1.0F / static_cast<float>(batch.size);
  double loss = 0;
  body_->for_each_part(batch, [&](std::size_t first, const BatchView& part) {
    const Pass pass{part.size, first, true, noise_seed};
    Pipeline& pipeline = body_->pipeline;
    const auto outputs = pipeline.forward(pass, parameters, part.features);
    loss += body_->loss_of(part, outputs, scale, pipeline.output_gradient(part.size));
    pipeline.backward(pass, parameters, part.features, gradient);
  });
  return loss / static_cast<double>(batch.size);
}

Judgement Network::judge(std::span<const float> parameters, const BatchView& batch) {
  SIGNET_CHECK(parameters.size() == dimension_, "one value for each parameter of the model");
  body_->check(batch);
  Judgement judgement;
  judgement.samples = batch.size;
  body_->for_each_part(batch, [&](std::size_t first, const BatchView& part) {
    const Pass pass{part.size, first, false, 0};
    Pipeline& pipeline = body_->pipeline;
    const auto outputs = pipeline.forward(pass, parameters, part.features);
    if (body_->loss == LossKind::SoftmaxCrossEntropy) {
      judgement.correct += count_hits(outputs, part.labels);
    }
    judgement.loss_sum += body_->loss_of(part, outputs, 1.0F, pipeline.output_gradient(part.size));
  });
  return judgement;
}

}  // namespace signet
