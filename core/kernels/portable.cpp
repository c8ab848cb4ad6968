// The kernels for a machine of which nothing is known.
#define XXH_INLINE_ALL
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <xxhash.h>

#include "core/kernels/kernels.hpp"
#include "core/kernels/tables.hpp"

namespace signet::kernels {

namespace {

#include "core/kernels/floats_portable.inc"
#include "core/kernels/simd_portable.inc"
#include "core/kernels/votes.inc"

}  // namespace

constinit const Kernels kPortable = make_table("portable", [] { return true; });

}  // namespace signet::kernels
