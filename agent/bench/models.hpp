#pragma once

#include "core/model/spec.hpp"

namespace signet {

/// The models of jobs/fashion-mlp.toml and jobs/fashion-cnn.toml, which boards do not have.
ModelSpec fashion_mlp();
ModelSpec fashion_cnn();

}  // namespace signet
