// 64-bit ARM always has NEON; a 32-bit board says so in its hardware capabilities.
#define XXH_INLINE_ALL
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <arm_neon.h>
#include <xxhash.h>

#include "core/kernels/kernels.hpp"
#include "core/kernels/tables.hpp"

#if defined(__arm__)
#include <sys/auxv.h>
#endif

namespace signet::kernels {

namespace {

#include "core/kernels/floats_neon.inc"
#include "core/kernels/simd_neon.inc"
#include "core/kernels/votes.inc"

}  // namespace

constinit const Kernels kNeon = make_table("neon", [] {
#if defined(__arm__)
  constexpr unsigned long kHwcapNeon = 1UL << 12;
  return (getauxval(AT_HWCAP) & kHwcapNeon) != 0;
#else
  return true;
#endif
});

}  // namespace signet::kernels
