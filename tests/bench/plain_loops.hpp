#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace signet::bench {

/// The least that a core can do with arrays of floats: what kernels are measured against. Loops
/// over whole vectors of one width at any address, without prefetch; up to 127 floats at the end
/// are left out.
struct PlainLoops {
  std::string_view name;
  bool (*available)();
  /// Reads every float; returns something that depends on all of them.
  float (*read)(const float* x, std::size_t count);
  /// x -= c.
  void (*update)(float* x, float c, std::size_t count);
  /// m = 0.9 m + g.
  void (*blend)(float* m, const float* g, std::size_t count);
};

// One for each width of vectors, of plain_loops.cpp compiled with its own flags.
extern const PlainLoops kPlain16;
#if defined(__x86_64__)
extern const PlainLoops kPlain32, kPlain64;
#endif

/// Which is fastest depends on size and address, so a kernel is compared with the fastest of the
/// run.
inline std::span<const PlainLoops* const> plain_loops() {
#if defined(__x86_64__)
  static const PlainLoops* const all[] = {&kPlain64, &kPlain32, &kPlain16};
#else
  static const PlainLoops* const all[] = {&kPlain16};
#endif
  return all;
}

}  // namespace signet::bench
