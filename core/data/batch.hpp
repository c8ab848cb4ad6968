#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace signet {

/// Samples side by side, already normalised: what a model is trained or judged on.
///
/// Shapes: features is [size, features_count] row by row. Classification fills labels [size];
///         regression fills targets [size, targets_count]; reconstruction needs neither.
struct BatchView {
  std::size_t size = 0;
  std::span<const float> features;
  std::span<const std::int32_t> labels;
  std::span<const float> targets;

  /// Samples [first, first + count) of this batch.
  BatchView slice(std::size_t first, std::size_t count) const;
};

/// Owner of a batch's memory; kept between rounds so that nothing is allocated in a round.
struct Batch {
  std::size_t size = 0;
  std::vector<float> features;
  std::vector<std::int32_t> labels;
  std::vector<float> targets;

  BatchView view() const { return {size, features, labels, targets}; }
};

}  // namespace signet
