#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/base/ids.hpp"

namespace signet {

/// Measures how curved the loss is along the step that the fleet took: with x and x' the parameters
/// of two rounds in a row, and g and g' the gradients of one and the same micro-batch there,
///     r = <x - x', g - g'> / <x - x', x - x'>,
/// the secant's curvature. A step of equal length in each of d coordinates, x - x' = eta v, has
/// r = v'Hv / d, so that L = d r is the smoothness that equation (1) asks for, along the direction
/// that was voted for (the paper takes r = 1). With the same samples at both ends most of the noise
/// of a gradient falls out of the difference (Schraudolph, Yu and Guenter 2007).
///
/// Memory: 2 d floats from a round that is kept to the next.
class Secant {
 public:
  /// A round in so many is kept, and the next one pays for a second gradient of a micro-batch.
  static constexpr std::uint64_t kEvery = 8;

  static bool begins_at(RoundId round) { return round.value % kEvery == 0; }
  void keep(RoundId round, std::span<const float> parameters, std::span<const float> gradient);
  /// Whether the round before `round` was kept.
  bool ends_at(RoundId round) const { return !gradient_.empty() && round_.next() == round; }
  RoundId kept() const { return round_; }
  /// r, from the gradient of the kept round's micro-batch at these parameters; none when no step
  /// was taken, or when it is not finite. What was kept is gone.
  std::optional<double> measure(std::span<const float> parameters, std::span<const float> gradient);

 private:
  RoundId round_;
  std::vector<float> parameters_, gradient_;
};

}  // namespace signet
