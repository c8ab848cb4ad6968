// 64-bit ARM always has NEON; a 32-bit board says so in its hardware capabilities.
#include "core/kernels/tables.hpp"

#if defined(__arm__)
#include <sys/auxv.h>
#endif

#include "core/kernels/loops.inc"

namespace signet::kernels {

constinit const Kernels kNeon = make_table("neon", [] {
#if defined(__arm__)
  constexpr unsigned long kHwcapNeon = 1UL << 12;
  return (getauxval(AT_HWCAP) & kHwcapNeon) != 0;
#else
  return true;
#endif
});

}  // namespace signet::kernels
