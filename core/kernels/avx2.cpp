// Compiled with -mavx2 -mbmi2 -mpopcnt: nothing in here may run before available() said yes.
#include "core/kernels/loops.inc"
#include "core/kernels/tables.hpp"

namespace signet::kernels {

constinit const Kernels kAvx2 = make_table("avx2", [] {
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi2") != 0 &&
         __builtin_cpu_supports("popcnt") != 0;
});

}  // namespace signet::kernels
