#include "core/model/losses.hpp"

#include <cmath>

#include "core/model/matrices.hpp"

namespace signet {
namespace {

/// Largest of a row, or NaN when the row holds one.
float largest_of(const float* row, std::size_t count) {
  float most = row[0];
  for (std::size_t i = 1; i < count; ++i) {
    const bool better = (row[i] > most) | (row[i] != row[i]);
    most = better ? row[i] : most;
  }
  return most;
}

bool is_hit(const float* row, std::size_t classes, std::size_t label) {
  for (std::size_t i = 0; i < classes; ++i) {
    const bool beaten = i < label ? row[i] < row[label] : row[i] <= row[label];
    if (!beaten) return false;
  }
  return true;
}

}  // namespace

double softmax_cross_entropy(std::span<const float> outputs, std::span<const std::int32_t> labels,
                             float scale, std::span<float> gradient) {
  const std::size_t samples = labels.size(), classes = outputs.size() / samples;
  SIGNET_CHECK(gradient.size() == outputs.size(), "one gradient for each output");
  double loss = 0;
  // Subtracting the row maximum keeps exp() in range.
  for (std::size_t sample = 0; sample < samples; ++sample) {
    const float* row = outputs.data() + sample * classes;
    float* shifted = gradient.data() + sample * classes;
    const float most = largest_of(row, classes);
    for (std::size_t i = 0; i < classes; ++i) shifted[i] = row[i] - most;
    loss -= static_cast<double>(shifted[static_cast<std::size_t>(labels[sample])]);
  }
  apply_in_blocks(gradient, gradient, [](const auto& block) { return block.exp(); });
  for (std::size_t sample = 0; sample < samples; ++sample) {
    float* row = gradient.data() + sample * classes;
    double sum = 0;
    for (std::size_t i = 0; i < classes; ++i) sum += static_cast<double>(row[i]);
    loss += std::log(sum);
    const auto factor = static_cast<float>(static_cast<double>(scale) / sum);
    for (std::size_t i = 0; i < classes; ++i) row[i] *= factor;
    row[static_cast<std::size_t>(labels[sample])] -= scale;
  }
  return loss;
}

double squared_error(std::span<const float> outputs, std::span<const float> targets,
                     std::size_t outputs_count, float scale, std::span<float> gradient) {
  SIGNET_CHECK(targets.size() == outputs.size(), "one target for each output");
  SIGNET_CHECK(gradient.size() == outputs.size(), "one gradient for each output");
  const float factor = 2 * scale / static_cast<float>(outputs_count);
  double sum = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const float difference = outputs[i] - targets[i];
    sum += static_cast<double>(difference) * static_cast<double>(difference);
    gradient[i] = difference * factor;
  }
  return sum / static_cast<double>(outputs_count);
}

std::size_t count_hits(std::span<const float> outputs, std::span<const std::int32_t> labels) {
  const std::size_t classes = outputs.size() / labels.size();
  std::size_t hits = 0;
  for (std::size_t sample = 0; sample < labels.size(); ++sample) {
    const float* row = outputs.data() + sample * classes;
    hits += is_hit(row, classes, static_cast<std::size_t>(labels[sample])) ? 1 : 0;
  }
  return hits;
}

}  // namespace signet
