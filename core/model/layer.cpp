#include "core/model/layer.hpp"

#include <string>

namespace signet {
namespace {

MadeLayer make_unplaced_layer(const LayerSpec& spec, const Shape& input, std::size_t index) {
  switch (spec.kind) {
    case LayerKind::Dense: return make_dense(spec, input);
    case LayerKind::Conv2d: return make_conv2d(spec, input);
    case LayerKind::MaxPool: return make_max_pool(spec, input);
    case LayerKind::AveragePool: return make_average_pool(spec, input);
    case LayerKind::Relu:
    case LayerKind::Tanh:
    case LayerKind::Sigmoid: return make_activation(spec, input);
    case LayerKind::Flatten: break;
    case LayerKind::Dropout: return make_dropout(spec, input, index);
  }
  SIGNET_CHECK(false, "this kind of layer only changes the shape");
}

}  // namespace

std::string layer_place(const LayerSpec& spec, std::size_t index) {
  std::string place;
  if (spec.line > 0) place = "job line " + std::to_string(spec.line) + ": ";
  place += "layer " + std::to_string(index) + " (";
  place += layer_kind_name(spec.kind);
  return place + ")";
}

MadeLayer make_layer(const LayerSpec& spec, const Shape& input, std::size_t index) {
  auto layer = make_unplaced_layer(spec, input, index);
  if (!layer) {
    return Error{layer.error().kind, layer_place(spec, index) + ": " + layer.error().message};
  }
  return layer;
}

}  // namespace signet
