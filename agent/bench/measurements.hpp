#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "agent/bench/figures.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/model/spec.hpp"

namespace signet {

/// Packing, applying and voting of `dimension` parameters, each for about `each`.
/// Memory: 14 bytes for each parameter.
std::vector<Figure> measure_kernels(std::size_t dimension, Duration each);
inline constexpr std::size_t kKernelMeasurements = 6;

/// The gradient of 64 samples of noise, computed as an agent with the default micro-batches does,
/// for about `time`. Fails as Network::create does.
Result<Figure> measure_gradient(const std::string& name, const ModelSpec& model, Duration time);

}  // namespace signet
