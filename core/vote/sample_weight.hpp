#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace signet {

/// What a vote counts by the samples behind it, where `usual` is the job's number: the noise of a
/// mean of n gradients falls with sqrt(n), and what its sign is worth rises with it. In halves of a
/// usual vote, from one to four: an agent that makes its number up counts for two.
inline constexpr int kSampleWeightUsual = 2, kSampleWeightMax = 4;

inline int sample_weight(std::uint64_t samples, std::uint64_t usual) {
  const double ratio = static_cast<double>(samples) / static_cast<double>(usual);
  const double weight = std::round(kSampleWeightUsual * std::sqrt(ratio));
  return static_cast<int>(std::clamp(weight, 1.0, double{kSampleWeightMax}));
}

}  // namespace signet
