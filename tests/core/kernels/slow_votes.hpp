#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/random.hpp"
#include "core/kernels/kernels.hpp"
#include "tests/support/catch.hpp"

namespace signet::test {

/// What the tables promise, written one coordinate at a time.

inline bool bit_at(const std::byte* bytes, std::size_t i) {
  return ((std::to_integer<unsigned>(bytes[i / 8]) >> (i % 8)) & 1U) != 0;
}
inline void set_bit(std::byte* bytes, std::size_t i, bool on) {
  const auto mask = static_cast<std::byte>(1U << (i % 8));
  bytes[i / 8] = on ? bytes[i / 8] | mask : bytes[i / 8] & ~mask;
}

template <typename Check>
void for_each_table(Check check) {
  for (const Kernels& table : all_kernels())
    if (table.available()) check(table);
}

/// How voters vote: in EveryCount coordinate i has i modulo (voters + 1) votes.
enum class Pattern { Random, Ones, Zeros, Alternating, Half, OneShort, OneOver, EveryCount };
inline constexpr std::size_t kPatternsCount = 8;
inline Pattern pattern_of(std::size_t i) {
  return static_cast<Pattern>(i % kPatternsCount);
}

inline bool vote_of(Pattern pattern, std::size_t voter, std::size_t i, std::size_t voters) {
  const std::size_t turn = (voter + i) % voters, half = voters / 2;
  switch (pattern) {
    case Pattern::Random: break;
    case Pattern::Ones: return true;
    case Pattern::Zeros: return false;
    case Pattern::Alternating: return (voter + i) % 2 == 0;
    case Pattern::Half: return turn < half;
    case Pattern::OneShort: return turn + 1 < half;
    case Pattern::OneOver: return turn < half + 1;
    case Pattern::EveryCount: return turn < i % (voters + 1);
  }
  return false;
}

/// Where rows lie: row r at `offset` + `step` r modulo 64.
struct Addresses {
  std::size_t offset = 0, step = 0;
};

/// Packed votes with garbage in the padding bits and between the rows.
class Ballots {
 public:
  Ballots(std::size_t voters, std::size_t dimension, Pattern pattern, Addresses where = {},
          std::uint64_t seed = 1)
      : dimension_(dimension) {
    const std::size_t bytes = (dimension + 7) / 8, stride = (bytes + 127) / 64 * 64;
    memory_.resize(voters * stride / 8 + 16);
    Rng rng(seed + 1000 * dimension + voters);
    for (Word& word : memory_) word = rng.next();
    auto* base = reinterpret_cast<std::byte*>(memory_.data());
    base += (64 - reinterpret_cast<std::uintptr_t>(base) % 64) % 64;
    for (std::size_t r = 0; r < voters; ++r) {
      std::byte* row = base + r * stride + (where.offset + where.step * r) % 64;
      if (pattern != Pattern::Random)
        for (std::size_t i = 0; i < dimension; ++i) set_bit(row, i, vote_of(pattern, r, i, voters));
      rows_.push_back(row);
    }
  }
  Ballots(const Ballots&) = delete;
  Ballots& operator=(const Ballots&) = delete;

  VoteRows all() const { return {rows_.data(), rows_.size(), dimension_}; }
  VoteRows some(std::size_t first, std::size_t count) const {
    return {rows_.data() + first, count, dimension_};
  }

 private:
  std::size_t dimension_;
  std::vector<Word> memory_;
  std::vector<const std::byte*> rows_;
};

/// Votes for +1 at each coordinate, each row counting `weight`.
using Counts = std::vector<std::uint64_t>;
inline void count_into(Counts& counts, const VoteRows& votes, std::uint64_t weight = 1) {
  for (std::size_t r = 0; r < votes.voters; ++r)
    for (std::size_t i = 0; i < votes.dimension; ++i)
      counts[i] += bit_at(votes.rows[r], i) ? weight : 0;
}
inline Counts counts_of(const VoteRows& votes) {
  Counts counts(votes.dimension);
  count_into(counts, votes);
  return counts;
}

inline Margin margin_of(const Counts& counts, std::uint64_t total, std::size_t first,
                        std::size_t last) {
  Margin margin;
  for (std::size_t i = first; i < last; ++i) {
    const std::uint64_t yes = 2 * counts[i], m = yes > total ? yes - total : total - yes;
    margin.absolute += m;
    margin.squares += m * m;
  }
  return margin;
}

struct Answer {
  Answer(const Counts& counts, std::uint64_t total)
      : majority((counts.size() + 7) / 8), ties(majority.size()) {
    for (std::size_t i = 0; i < counts.size(); ++i) {
      set_bit(majority.data(), i, 2 * counts[i] > total);
      set_bit(ties.data(), i, 2 * counts[i] == total);
    }
    margin = margin_of(counts, total, 0, counts.size()).absolute;
  }
  Bytes majority, ties;
  std::uint64_t margin;
};

inline std::uint64_t differences_of(const std::byte* a, const std::byte* b, const std::byte* mask,
                                    const std::byte* other, std::size_t dimension) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < dimension; ++i) {
    const bool hidden =
        (mask != nullptr && bit_at(mask, i)) || (other != nullptr && bit_at(other, i));
    sum += !hidden && bit_at(a, i) != bit_at(b, i) ? 1U : 0U;
  }
  return sum;
}

/// Each row's differences_of() to an outcome, added to `start`.
inline std::vector<std::uint64_t> mismatches_of(const VoteRows& votes, const std::byte* majority,
                                                const std::byte* ties, std::uint64_t start = 0) {
  std::vector<std::uint64_t> sums(votes.voters, start);
  for (std::size_t r = 0; r < votes.voters; ++r)
    sums[r] += differences_of(votes.rows[r], majority, ties, nullptr, votes.dimension);
  return sums;
}

/// An output at `offset` modulo 64 with a frame of 64 bytes that nobody may write to.
class Framed {
 public:
  Framed(std::size_t bytes, std::size_t offset) : bytes_(bytes), memory_(bytes + 256, kUnwritten) {
    const auto address = reinterpret_cast<std::uintptr_t>(memory_.data());
    first_ = 64 + (128 - address % 64 + offset) % 64;
  }
  std::byte* data() { return memory_.data() + first_; }
  /// Whether it holds these bytes, and nothing was written around them.
  bool holds(ByteView expected) const {
    const auto at = memory_.begin() + static_cast<std::ptrdiff_t>(first_);
    const auto end = at + static_cast<std::ptrdiff_t>(bytes_);
    const auto unwritten = [](std::byte b) { return b == kUnwritten; };
    return std::equal(at, end, expected.begin(), expected.end()) &&
           std::all_of(memory_.begin(), at, unwritten) &&
           std::all_of(end, memory_.end(), unwritten);
  }
  bool is_untouched() const {
    return std::all_of(memory_.begin(), memory_.end(), [](std::byte b) { return b == kUnwritten; });
  }

 private:
  static constexpr std::byte kUnwritten{0xa5};
  std::size_t bytes_, first_ = 0;
  Bytes memory_;
};

/// Where a vote is written in a test; compared with the definition.
struct Outputs {
  Outputs(std::size_t dimension, std::size_t offset)
      : majority((dimension + 7) / 8, offset), ties((dimension + 7) / 8, offset + 29) {}
  Outcome all() { return {majority.data(), ties.data(), &margin}; }
  void check(const Answer& answer, std::uint64_t total, bool with_margin = true) const {
    CHECK(majority.holds(answer.majority));
    CHECK((total % 2 == 0 ? ties.holds(answer.ties) : ties.is_untouched()));
    CHECK(margin == 100 + (with_margin ? answer.margin : 0));
  }
  Framed majority, ties;
  std::uint64_t margin = 100;
};

}  // namespace signet::test
