#include "agent/bench/models.hpp"

namespace signet {

namespace bench_models_detail {

LayerSpec layer(LayerKind kind) {
  LayerSpec made;
  made.kind = kind;
  return made;
}
LayerSpec dense(std::size_t units) {
  LayerSpec made = layer(LayerKind::Dense);
  made.units = units;
  return made;
}
LayerSpec conv(std::size_t channels) {
  LayerSpec made = layer(LayerKind::Conv2d);
  made.channels = channels;
  made.kernel = 5;
  return made;
}
LayerSpec halve() {
  LayerSpec made = layer(LayerKind::MaxPool);
  made.kernel = 2;
  return made;
}

ModelSpec of_images(std::vector<LayerSpec> layers) {
  ModelSpec model;
  model.input = {1, 28, 28};
  model.layers = std::move(layers);
  model.outputs = 10;
  return model;
}

}  // namespace bench_models_detail

ModelSpec fashion_mlp() {
  using namespace bench_models_detail;
  const LayerSpec relu = layer(LayerKind::Relu);
  return of_images({layer(LayerKind::Flatten), dense(256), relu, dense(128), relu, dense(10)});
}

ModelSpec fashion_cnn() {
  using namespace bench_models_detail;
  const LayerSpec relu = layer(LayerKind::Relu);
  return of_images({conv(32), relu, halve(), conv(64), relu, halve(), layer(LayerKind::Flatten),
                    dense(512), relu, dense(10)});
}

}  // namespace signet
