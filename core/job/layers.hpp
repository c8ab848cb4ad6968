#pragma once

#include <string>
#include <vector>

#include "core/config/document.hpp"
#include "core/config/problems.hpp"
#include "core/model/spec.hpp"

namespace signet {

/// Reads model.layers: a list of tables, each with its `type` and that type's keys. Everything that
/// is wrong goes to the place's problems, named "model.layers[2].kernel" (the first layer is 0).
std::vector<LayerSpec> read_layers(const config::Value& value, const config::Place& place);

/// The layers as TOML on one line, or one layer a line. Keys at their default are left out.
std::string layers_text(const std::vector<LayerSpec>& layers);
std::string layers_text_long(const std::vector<LayerSpec>& layers);

}  // namespace signet
