#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace signet {

/// 64 coordinates: bit i of word w is coordinate 64 w + i.
using Word = std::uint64_t;

/// Packed votes of a round: `voters` rows of (dimension + 7) / 8 bytes, each at any address. The
/// bits past `dimension` may be anything: a sender wrote them.
struct VoteRows {
  const std::byte* const* rows;
  std::size_t voters;
  std::size_t dimension;
};

/// Where a vote's outcome is written: planes of (dimension + 7) / 8 bytes at any address, padding
/// bits 0.
struct Outcome {
  std::byte* majority;
  std::byte* ties;  ///< may be null (not wanted); written only where a tie is possible
  /// May be null; else increased by the sum over coordinates of |votes for +1 - votes for -1|.
  std::uint64_t* margin;
};

/// Bit-sliced counters, one for each coordinate, modulo 2^planes, in a layout of the kernels' own
/// (blocks of coordinates, the planes of a block together). Memory: counter_words() words.
struct Counters {
  Word* words;
  std::size_t dimension;
  std::size_t planes;  ///< 1 to kPlanesMax
};
inline constexpr std::size_t kPlanesMax = 32;
std::size_t counter_words(std::size_t dimension, std::size_t planes);

/// What all voters but the last, of weight 1, leave to the last one. Two planes of
/// (dimension + 7) / 8 bytes at any address, padding bits 0.
struct Foreseen {
  std::byte* ahead;  ///< +1 wins if the last vote is +1: count >= floor(total / 2)
  /// The last vote decides, between +1 and -1 or between either and a tie: count == floor(total /
  /// 2), and for an even total also count == total / 2 - 1.
  std::byte* open;
  std::uint64_t* margin;  ///< sum over coordinates of |2 count - total|; may be null (not wanted)
};

/// Sums over coordinates of |m| and m^2, where m = votes for +1 - votes for -1.
struct Margin {
  std::uint64_t absolute = 0, squares = 0;
  bool operator==(const Margin&) const = default;
};

/// The arithmetic that is worth an instruction set of its own.
///
/// Raw pointers and counts only: the files behind this table are compiled with instruction-set
/// flags, and an inlined std:: template would carry them elsewhere. Every function gives the same
/// bits in every table; tests/core/kernels compares them with the definition. No function reads or
/// writes a byte outside of what is stated.
///
/// A voter's +1 is a set bit. "Majority" is count > total / 2, "tie" is 2 count == total.
struct Kernels {
  std::string_view name;  ///< "avx512", "avx2", "neon", "portable"; the daemons log it at start
  bool (*available)();    ///< may this machine run it?

  // --- votes at the end, from the rows -------------------------------------------------------

  /// Majority of 1 to 65,535 rows, one vote each.
  void (*majority)(const VoteRows& votes, const Outcome& outcome);
  /// Adds each row's Hamming distance to `majority` to mismatches[row]; coordinates set in `ties`
  /// (may be null) do not count.
  void (*count_mismatches)(const VoteRows& votes, const std::byte* majority, const std::byte* ties,
                           std::uint64_t* mismatches);
  /// Both in one pass over blocks that stay in the first-level caches, and the margins of layers:
  /// layer l is the coordinates from layer_ends[l - 1] (0 for the first) to layer_ends[l];
  /// layer_ends rises and ends with the dimension. `margins` gets one sum of |m| for each layer.
  /// `outcome.ties` is not null where the number of voters is even; `outcome.margin` is not used.
  void (*fused)(const VoteRows& votes, const Outcome& outcome, std::uint64_t* mismatches,
                const std::size_t* layer_ends, std::size_t layers, std::uint64_t* margins);
  /// Hamming distance of two planes where neither mask (each may be null) is set.
  std::uint64_t (*count_differences)(const std::byte* a, const std::byte* b, const std::byte* mask,
                                     const std::byte* other_mask, std::size_t dimension);

  // --- votes as they arrive ------------------------------------------------------------------

  /// Every counter = value.
  void (*fill)(const Counters& counters, std::uint64_t value);
  /// Adds 2^first_plane for each of votes.voters rows where its bit is set. `start` may be null;
  /// else every counter is taken to hold *start, whatever it holds: fill() and add in one pass.
  void (*add_votes)(const Counters& counters, const VoteRows& votes, std::size_t first_plane,
                    const std::uint64_t* start);
  /// into += from, counter by counter: what a relay has gathered. Same dimension and planes.
  void (*add_counters)(const Counters& into, const Counters& from);
  /// Every counter += value.
  void (*add_constant)(const Counters& counters, std::uint64_t value);
  /// The outcome of counters + rows (each with weight 2^first_plane) + addend, where this sum is
  /// count + 2^(planes - 1) - 1 - floor(total / 2): then the highest plane is the majority, and a
  /// tie of an even total is 0 there and 1 in all lower planes. The counters stay as they are.
  void (*finish)(const Counters& counters, const VoteRows& votes, std::size_t first_plane,
                 std::uint64_t addend, std::uint64_t total, const Outcome& outcome);
  /// What the last of `total` votes will find: as finish(), with all votes but that one in counters
  /// + rows (of weight 1) + addend; writes all of `foreseen`. `start` may be null; else every
  /// counter is taken to hold *start, and counters.words is not read and may be null. `total` is at
  /// least 1.
  void (*foresee)(const Counters& counters, const VoteRows& votes, const std::uint64_t* start,
                  std::uint64_t addend, std::uint64_t total, const Foreseen& foreseen);
  /// The outcome of what was foreseen for `total` and of the last vote, a row at any address whose
  /// padding may be anything. A null `last` did not come: the outcome of total - 1 votes. Gives a
  /// margin only where one was foreseen.
  void (*conclude)(const Foreseen& foreseen, const std::byte* last, std::size_t dimension,
                   std::uint64_t total, const Outcome& outcome);
  /// Margins of the coordinates [first, last) of counters that hold what finish() describes.
  Margin (*margin)(const Counters& counters, std::uint64_t total, std::size_t first,
                   std::size_t last);
  /// histogram[c - offset mod 2^planes] += 1 for each counter in [first, last);
  /// 2^planes entries.
  void (*histogram)(const Counters& counters, std::uint64_t offset, std::size_t first,
                    std::size_t last, std::uint64_t* histogram);

  // --- gradients to signs --------------------------------------------------------------------

  /// positive = x > 0 and zero = neither x > 0 nor x < 0 (so NaN counts as zero), bit by bit.
  /// `count` floats; planes of whole words, bits past `count` are 0. True when a bit of zero is
  /// set.
  bool (*pack_signs)(const float* x, std::size_t count, Word* positive, Word* zero);
  /// m = beta m + (1 - beta) g, elementwise in float32 (two products, one sum), then pack_signs(m).
  bool (*pack_momentum)(float* momentum, const float* gradient, float beta, std::size_t count,
                        Word* positive, Word* zero);
  /// p = e + g, pack_signs(p), then e = p - scale where p > 0, p + scale where p < 0, p elsewhere:
  /// what the signs left out stays in the error, [count]. (A positive `scale`.)
  bool (*pack_error_feedback)(float* error, const float* gradient, float scale, std::size_t count,
                              Word* positive, Word* zero);

  // --- signs to parameters -------------------------------------------------------------------

  /// x -= eta where the bit is 1, x += eta where it is 0, unchanged where `ties` (may be null) is
  /// 1: exactly one IEEE-754 subtraction per coordinate, so that every machine agrees.
  void (*apply_signs)(float* x, float eta, const Word* signs, const Word* ties, std::size_t count);
  /// The same; returns the XXH3-64 digest of the result (little-endian floats in order), which is
  /// taken while each block is in the first-level cache.
  std::uint64_t (*apply_and_digest)(float* x, float eta, const Word* signs, const Word* ties,
                                    std::size_t count);
  /// XXH3-64 of bytes.
  std::uint64_t (*digest)(const std::byte* bytes, std::size_t size);
};

/// Every table compiled in, fastest first; "portable" is last and always available.
std::span<const Kernels> all_kernels();

/// The first available table that answers its known questions rightly. SIGNET_KERNELS=name forces
/// one (an unknown or unavailable name ends the program: a silent fallback would hide a mistake).
const Kernels& best_kernels();

}  // namespace signet
