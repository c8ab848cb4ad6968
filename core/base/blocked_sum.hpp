#pragma once

#include <algorithm>
#include <cstddef>

namespace signet {

/// Sum of term(0) ... term(count - 1), floats: added in `kLanes` float sums over blocks of `kBlock`
/// terms, and these in double, so that a million small terms lose no digits. The order is fixed,
/// so every build gives the same bits; other block sizes and lanes give others.
template <std::size_t kBlock, std::size_t kLanes, typename Term>
double blocked_sum(std::size_t count, Term term) {
  static_assert(kBlock % kLanes == 0);
  double sum = 0;
  for (std::size_t at = 0; at < count; at += kBlock) {
    float lanes[kLanes] = {};
    const std::size_t end = std::min(count, at + kBlock);
    for (std::size_t i = at; i + kLanes <= end; i += kLanes)
      for (std::size_t l = 0; l < kLanes; ++l) lanes[l] += term(i + l);
    for (std::size_t i = end - (end - at) % kLanes; i < end; ++i) lanes[0] += term(i);
    for (const float lane : lanes) sum += static_cast<double>(lane);
  }
  return sum;
}

}  // namespace signet
