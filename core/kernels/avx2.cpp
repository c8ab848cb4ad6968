// Compiled with -mavx2 -mbmi2 -mpopcnt: nothing in here may run before available() said yes.
#define XXH_INLINE_ALL
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <immintrin.h>
#include <xxhash.h>

#include "core/kernels/kernels.hpp"
#include "core/kernels/tables.hpp"

namespace signet::kernels {

namespace {

#include "core/kernels/floats_avx2.inc"
#include "core/kernels/simd_avx2.inc"
#include "core/kernels/votes.inc"

}  // namespace

constinit const Kernels kAvx2 = make_table("avx2", [] {
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi2") != 0 &&
         __builtin_cpu_supports("popcnt") != 0;
});

}  // namespace signet::kernels
