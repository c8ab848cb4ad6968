#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace signet {

/// Sum over samples of -log softmax(outputs)[label], in nats.
///
/// Shapes: outputs and gradient [samples, classes], labels [samples], each in [0, classes).
/// Overwrites `gradient` with `scale` times the gradient of the sum with respect to the outputs.
double softmax_cross_entropy(std::span<const float> outputs, std::span<const std::int32_t> labels,
                             float scale, std::span<float> gradient);

/// Sum over samples of the mean over outputs of (y - t)^2.
///
/// Shapes: outputs, targets and gradient [samples, outputs_count].
/// Overwrites `gradient` with `scale` times the gradient of the sum with respect to the outputs.
double squared_error(std::span<const float> outputs, std::span<const float> targets,
                     std::size_t outputs_count, float scale, std::span<float> gradient);

/// Samples whose largest output is their label: the first of equals counts, NaN never does.
std::size_t count_hits(std::span<const float> outputs, std::span<const std::int32_t> labels);

}  // namespace signet
