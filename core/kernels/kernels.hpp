#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace signet {

/// 64 coordinates: bit i of word w is coordinate 64 w + i.
using Word = std::uint64_t;

/// The arithmetic that is worth an instruction set of its own.
///
/// Raw pointers and counts only: the files behind this table are compiled with instruction-set
/// flags, and an inlined std:: template would carry them elsewhere. Every function gives the same
/// bits in every table; tests/core/kernels compares them with the definition.
struct Kernels {
  std::string_view name;  ///< "avx512", "avx2", "neon", "portable"; the daemons log it at start
  bool (*available)();    ///< may this machine run it?

  /// Adds one voter with weight 2^first_plane to each coordinate's bit-sliced counter.
  /// `vote`: `words` * 8 bytes at any address. `planes`: [planes_count][words], plane p counts 2^p.
  /// A carry out of the last plane is lost: the caller has enough planes.
  void (*add_vote)(const std::byte* vote, std::size_t words, Word* planes, std::size_t planes_count,
                   std::size_t first_plane);

  /// above = counter > threshold, equal = counter == threshold, for each coordinate, [words] each.
  void (*compare)(const Word* planes, std::size_t words, std::size_t planes_count,
                  std::uint64_t threshold, Word* above, Word* equal);

  /// Number of 1 bits in (a xor b) and not mask. `a`: words * 8 bytes at any address.
  std::uint64_t (*count_differences)(const std::byte* a, const Word* b, const Word* mask,
                                     std::size_t words);

  /// Number of 1 bits in a and b.
  std::uint64_t (*count_common)(const Word* a, const Word* b, std::size_t words);

  /// positive = x > 0 and zero = neither x > 0 nor x < 0 (so NaN counts as zero), bit by bit.
  /// `count` floats, rounded up to whole words; bits past `count` are 0.
  void (*pack_signs)(const float* x, std::size_t count, Word* positive, Word* zero);

  /// m = beta m + (1 - beta) g, elementwise in float32 (two products, one sum).
  void (*blend)(float* momentum, const float* gradient, float beta, std::size_t count);

  /// x -= eta where the bit is 1, x += eta where it is 0, unchanged where `ties` (may be null) is
  /// 1: exactly one IEEE-754 subtraction per coordinate, so that every machine agrees.
  void (*apply_signs)(float* x, float eta, const Word* signs, const Word* ties, std::size_t count);
};

/// Every table compiled in, fastest first; "portable" is last and always available.
std::span<const Kernels> all_kernels();

/// The first available table that answers its known questions rightly. SIGNET_KERNELS=name forces
/// one (an unknown or unavailable name ends the program: a silent fallback would hide a mistake).
const Kernels& best_kernels();

}  // namespace signet
