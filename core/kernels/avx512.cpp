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

// At an odd address every vector of 64 bytes lies in two lines, of 32 every other one. Few rows at
// such addresses are read faster by AVX2 where the second-level cache does not hold them: on Zen 5
// up to 1.5 times, on Zen 4 from memory 0.9 to 1.2 times (docs/performance.md).
struct Narrow {
  std::size_t voters_max, bytes_min;
};
constexpr Narrow kFew{16, std::size_t{3} << 20}, kSome{31, kFromMemory}, kFused{8, kFromMemory};

bool any_of(const VoteRows& votes, Narrow narrow) {
  return votes.voters <= narrow.voters_max &&
         votes.voters * (votes.dimension / 8) > narrow.bytes_min;
}

void majority_or_narrow(const VoteRows& votes, const Outcome& outcome) {
  const bool narrow = (any_of(votes, kFew) || any_of(votes, kSome)) && !begin_alike(votes);
  (narrow ? kAvx2.majority : majority)(votes, outcome);
}

void fused_or_narrow(const VoteRows& votes, const Outcome& outcome, std::uint64_t* mismatches,
                     const std::size_t* layer_ends, std::size_t layers, std::uint64_t* margins) {
  const bool narrow = any_of(votes, kFused) && !begin_alike(votes);
  (narrow ? kAvx2.fused : fused)(votes, outcome, mismatches, layer_ends, layers, margins);
}

constexpr Kernels make_table_by_width() {
  Kernels table = make_table("avx512", [] {
    return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
           __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
           __builtin_cpu_supports("avx512vpopcntdq") != 0 && kAvx2.available();
  });
  table.majority = majority_or_narrow;
  table.fused = fused_or_narrow;
  return table;
}

}  // namespace

constinit const Kernels kAvx512 = make_table_by_width();

}  // namespace signet::kernels
