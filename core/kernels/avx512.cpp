// Compiled for the AVX-512 subsets named below: nothing in here may run before available().
#include "core/kernels/loops.inc"
#include "core/kernels/tables.hpp"

namespace signet::kernels {

constinit const Kernels kAvx512 = make_table("avx512", [] {
  return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
         __builtin_cpu_supports("avx512vpopcntdq") != 0;
});

}  // namespace signet::kernels
