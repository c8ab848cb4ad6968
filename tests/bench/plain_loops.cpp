// Compiled once for each width of vectors, with that width's flags; SIGNET_PLAIN names the result.
#include "tests/bench/plain_loops.hpp"

#include <cstdint>

namespace signet::bench {

namespace {

constexpr std::size_t kLanes = SIGNET_PLAIN_BYTES / 4, kAtOnce = 8;
using Wide [[gnu::vector_size(SIGNET_PLAIN_BYTES), gnu::aligned(4), gnu::may_alias]] = float;
using Bits [[gnu::vector_size(SIGNET_PLAIN_BYTES), gnu::aligned(4), gnu::may_alias]] = std::int32_t;

float read(const float* x, std::size_t count) {
  Bits seen[kAtOnce] = {};
  for (; count >= kAtOnce * kLanes; count -= kAtOnce * kLanes, x += kAtOnce * kLanes)
    for (std::size_t k = 0; k < kAtOnce; ++k)
      seen[k] ^= *reinterpret_cast<const Bits*>(x + k * kLanes);
  for (std::size_t k = 1; k < kAtOnce; ++k) seen[0] ^= seen[k];
  std::int32_t all = 0;
  for (std::size_t i = 0; i < kLanes; ++i) all ^= seen[0][i];
  return static_cast<float>(all);
}

void update(float* x, float c, std::size_t count) {
  for (; count >= kAtOnce * kLanes; count -= kAtOnce * kLanes, x += kAtOnce * kLanes)
    for (std::size_t k = 0; k < kAtOnce; ++k) *reinterpret_cast<Wide*>(x + k * kLanes) -= c;
}

void blend(float* m, const float* g, std::size_t count) {
  for (; count >= kAtOnce * kLanes;
       count -= kAtOnce * kLanes, m += kAtOnce * kLanes, g += kAtOnce * kLanes)
    for (std::size_t k = 0; k < kAtOnce; ++k) {
      Wide& kept = *reinterpret_cast<Wide*>(m + k * kLanes);
      kept = 0.9F * kept + *reinterpret_cast<const Wide*>(g + k * kLanes);
    }
}

bool available() {
#if defined(SIGNET_PLAIN_NEEDS)
  return __builtin_cpu_supports(SIGNET_PLAIN_NEEDS) != 0;
#else
  return true;
#endif
}

}  // namespace

const PlainLoops SIGNET_PLAIN{SIGNET_PLAIN_NAME, available, read, update, blend};

}  // namespace signet::bench
