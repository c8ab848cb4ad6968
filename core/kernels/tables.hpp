#pragma once

#include "core/kernels/kernels.hpp"

namespace signet::kernels {

// Bytes of coordinates of one block of counters; every table has the same layout.
inline constexpr std::size_t kCounterBlock = 4096;

// What is fetched while rows are counted: the beginnings of the next block; all of it; or the next
// rows of the same block, where counting is as fast as the caches.
enum class Fetches { Beginnings, Block, Rows };

// One table per file compiled with its own flags; which exist depends on the target.
extern const Kernels kPortable;
#if defined(SIGNET_X86_KERNELS)
extern const Kernels kAvx2;
extern const Kernels kAvx512;
#elif defined(SIGNET_NEON_KERNELS)
extern const Kernels kNeon;
#endif

/// Whether `table` gives the right answer to questions whose answer is known.
bool answers_rightly(const Kernels& table);

}  // namespace signet::kernels
