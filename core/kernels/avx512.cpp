// Compiled for the AVX-512 subsets named below: nothing in here may run before available().
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

#include "core/kernels/floats_avx512.inc"
#include "core/kernels/simd_avx512.inc"
#include "core/kernels/votes.inc"

}  // namespace

constinit const Kernels kAvx512 = make_table("avx512", [] {
  return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
         __builtin_cpu_supports("avx512vpopcntdq") != 0;
});

}  // namespace signet::kernels
