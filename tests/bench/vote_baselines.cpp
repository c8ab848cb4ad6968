// Compiled once for each width of vectors, with that width's flags; SIGNET_PLAIN names the result.
#include "tests/bench/vote_baselines.hpp"

#include <cstdint>

namespace signet::bench {

namespace {

constexpr std::size_t kBytes = SIGNET_PLAIN_BYTES, kFloats = kBytes / 4;
using Floats [[gnu::vector_size(SIGNET_PLAIN_BYTES)]] = float;
using Ints [[gnu::vector_size(SIGNET_PLAIN_BYTES)]] = std::int32_t;
using Lanes [[gnu::vector_size(SIGNET_PLAIN_BYTES)]] = std::uint8_t;
using Flags [[gnu::vector_size(SIGNET_PLAIN_BYTES)]] = std::int8_t;
using Quads [[gnu::vector_size(SIGNET_PLAIN_BYTES)]] = std::uint64_t;

// The lowest bits of eight bytes as one byte.
std::uint64_t gather(const std::uint8_t* flags) {
  std::uint64_t eight;
  __builtin_memcpy(&eight, flags, sizeof eight);
  return (eight & 0x0101010101010101U) * 0x0102040810204080U >> 56;
}

// Votes for +1 of 64 coordinates against half of the voters.
template <typename Count>
void decide(const Count* counts, Count half, bool even, std::byte* majority, std::byte* ties) {
  std::uint8_t more[64], same[64];
  for (int i = 0; i < 64; ++i) {
    more[i] = counts[i] > half;
    same[i] = counts[i] == half;
  }
  for (int i = 0; i < 8; ++i) {
    majority[i] = static_cast<std::byte>(gather(more + 8 * i));
    if (even) ties[i] = static_cast<std::byte>(gather(same + 8 * i));
  }
}

std::size_t lines_of(const VoteRows& votes) {
  return votes.dimension / 512;
}

// --- floats: 16 KiB of them, to which all rows are added ----------------------------------------

constexpr std::size_t kFloatBlock = 4096;

// Adds +1 or -1 for each of so many bits.
void add_as_floats(const std::byte* row, Floats* sums) {
  Ints bit;
  for (std::size_t i = 0; i < kFloats; ++i) bit[i] = 1 << i;
  constexpr std::size_t bytes = kFloats >= 8 ? kFloats / 8 : 1;
  for (std::size_t done = 0; done < kFloatBlock; done += 8 * bytes, row += bytes) {
    std::uint32_t word = 0;
    __builtin_memcpy(&word, row, bytes);
    for (std::size_t used = 0; used < 8 * bytes; used += kFloats, word >>= kFloats % 32) {
      const Ints set = (static_cast<std::int32_t>(word) & bit) != 0;
      const Ints two = set & 0x40000000;  // the float 2, or 0
      *sums++ += __builtin_bit_cast(Floats, two) - 1.0F;
    }
  }
}

void float_sum(const VoteRows& votes, const Outcome& outcome) {
  const bool even = votes.voters % 2 == 0;
  for (std::size_t line = 0; line < lines_of(votes); line += kFloatBlock / 512) {
    Floats sums[kFloatBlock / kFloats] = {};
    const std::size_t left = lines_of(votes) - line, lines = left < 8 ? left : 8;
    std::byte part[kFloatBlock / 8] = {};
    for (std::size_t r = 0; r < votes.voters; ++r) {
      const std::byte* row = votes.rows[r] + 64 * line;
      if (lines < 8) row = static_cast<std::byte*>(__builtin_memcpy(part, row, 64 * lines));
      add_as_floats(row, sums);
    }
    const auto* sum = reinterpret_cast<const float*>(sums);
    for (std::size_t at = 64 * line; at < 64 * (line + lines); at += 8, sum += 64)
      decide<float>(sum, 0, even, outcome.majority + at, outcome.ties + at);
  }
}

// --- bytes: a line of each row at a time, its counters in registers as far as they fit
// ------------

#define SIGNET_8(n) n, n, n, n, n, n, n, n
#if SIGNET_PLAIN_BYTES == 64
#define SIGNET_ORDER                                                                              \
  SIGNET_8(0), SIGNET_8(1), SIGNET_8(18), SIGNET_8(19), SIGNET_8(36), SIGNET_8(37), SIGNET_8(54), \
      SIGNET_8(55)
#elif SIGNET_PLAIN_BYTES == 32
#define SIGNET_ORDER SIGNET_8(0), SIGNET_8(1), SIGNET_8(18), SIGNET_8(19)
#else
#define SIGNET_ORDER SIGNET_8(0), SIGNET_8(1)
#endif

// Minus one in the lanes whose bit is set, of kBytes bits at `at`. Bytes move within sixteen lanes
// only, but every sixteen hold all bytes of the word; each byte goes to eight lanes.
Flags flags_of(const std::byte* at) {
  std::uint64_t word = 0;
  __builtin_memcpy(&word, at, kBytes / 8);
  const Lanes all = __builtin_bit_cast(Lanes, Quads{} + word);
  const Lanes bit = __builtin_bit_cast(Lanes, Quads{} + 0x8040201008040201U);
  return (__builtin_shufflevector(all, all, SIGNET_ORDER) & bit) != 0;
}

constexpr std::size_t kAtOnce = 8;  // vectors of counters
constexpr std::size_t kSpan = kAtOnce * kBytes;

void widen(const Lanes* counts, std::uint16_t* wide) {
  const auto* narrow = reinterpret_cast<const std::uint8_t*>(counts);
  for (std::size_t i = 0; i < kSpan; ++i) wide[i] = static_cast<std::uint16_t>(wide[i] + narrow[i]);
}

void byte_counters(const VoteRows& votes, const Outcome& outcome) {
  const bool even = votes.voters % 2 == 0;
  const auto half = static_cast<std::uint16_t>(votes.voters / 2);
  for (std::size_t at = 0; at < 64 * lines_of(votes); at += kSpan / 8) {
    std::uint16_t wide[kSpan] = {};
    Lanes counts[kAtOnce];
    for (std::size_t r = 0; r < votes.voters;) {
      const std::size_t end = votes.voters - r < 255 ? votes.voters : r + 255;
      for (Lanes& c : counts) c = Lanes{};
      for (; r < end; ++r)
#pragma GCC unroll 8
        for (std::size_t k = 0; k < kAtOnce; ++k) {
          const Flags flags = flags_of(votes.rows[r] + at + k * kBytes / 8);
          counts[k] -= __builtin_bit_cast(Lanes, flags);
        }
      if (votes.voters > 255) widen(counts, wide);
    }
    const auto* narrow = reinterpret_cast<const std::uint8_t*>(counts);
    for (std::size_t i = 0; votes.voters <= 255 && i < kSpan; i += 64)
      decide<std::uint8_t>(narrow + i, static_cast<std::uint8_t>(half), even,
                           outcome.majority + at + i / 8, outcome.ties + at + i / 8);
    for (std::size_t i = 0; votes.voters > 255 && i < kSpan; i += 64)
      decide<std::uint16_t>(wide + i, half, even, outcome.majority + at + i / 8,
                            outcome.ties + at + i / 8);
  }
}

// --- positional popcount ------------------------------------------------------------------------

// Adds `weight` to the counters of the set bits of a word.
void add_weighted(Lanes* counts, Word word, std::uint8_t weight) {
  std::byte bytes[8];
  __builtin_memcpy(bytes, &word, sizeof word);
#pragma GCC unroll 4
  for (std::size_t k = 0; k < 64 / kBytes; ++k) {
    const Flags flags = flags_of(bytes + k * kBytes / 8);
    counts[k] += __builtin_bit_cast(Lanes, flags) & weight;
  }
}

Word add3(Word& sum, Word a, Word b) {
  const Word half = sum ^ a, carry = (sum & a) | (half & b);
  sum = half ^ b;
  return carry;
}

// Fifteen words become four by adders before bits become bytes.
void add_fifteen(Lanes* counts, const Word* w) {
  Word one = w[0], two = 0, four = 0;
  const Word a = add3(one, w[1], w[2]), b = add3(one, w[3], w[4]), c = add3(one, w[5], w[6]);
  const Word d = add3(one, w[7], w[8]), e = add3(one, w[9], w[10]), f = add3(one, w[11], w[12]);
  const Word g = add3(one, w[13], w[14]);
  two = a;
  const Word h = add3(two, b, c), i = add3(two, d, e), j = add3(two, f, g);
  four = h;
  const Word eight = add3(four, i, j);
  add_weighted(counts, one, 1);
  add_weighted(counts, two, 2);
  add_weighted(counts, four, 4);
  add_weighted(counts, eight, 8);
}

void positional(const Word* interleaved, const VoteRows& votes, const Outcome& outcome) {
  const bool even = votes.voters % 2 == 0;
  const auto half = static_cast<std::uint16_t>(votes.voters / 2);
  for (std::size_t word = 0; word < 8 * lines_of(votes); ++word, interleaved += votes.voters) {
    std::uint16_t wide[64] = {};
    for (std::size_t r = 0; r < votes.voters;) {
      const std::size_t end = votes.voters - r < 255 ? votes.voters : r + 255;
      Lanes counts[64 / kBytes] = {};
      for (; r + 15 <= end; r += 15) add_fifteen(counts, interleaved + r);
      for (; r < end; ++r) add_weighted(counts, interleaved[r], 1);
      const auto* narrow = reinterpret_cast<const std::uint8_t*>(counts);
      for (int i = 0; i < 64; ++i) wide[i] = static_cast<std::uint16_t>(wide[i] + narrow[i]);
    }
    decide<std::uint16_t>(wide, half, even, outcome.majority + 8 * word, outcome.ties + 8 * word);
  }
}

bool available() {
#if defined(SIGNET_PLAIN_NEEDS)
  return __builtin_cpu_supports(SIGNET_PLAIN_NEEDS) != 0;
#else
  return true;
#endif
}

}  // namespace

const VoteBaselines SIGNET_PLAIN{SIGNET_PLAIN_NAME, available, float_sum, byte_counters,
                                 positional};

}  // namespace signet::bench
