#include <array>
#include <cstddef>
#include <cstdlib>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/random.hpp"
#include "core/kernels/tables.hpp"

namespace signet::kernels {

namespace {

bool bit_of(const std::byte* bytes, std::size_t i) {
  return ((std::to_integer<unsigned>(bytes[i / 8]) >> (i % 8)) & 1U) != 0;
}
bool bit_of(const Word* words, std::size_t i) {
  return ((words[i / 64] >> (i % 64)) & 1U) != 0;
}

// Eight seeded voters, each as often as is said, and how many voted for each coordinate, counted
// bit by bit. Rows lie at odd addresses; their padding is as random as the rest.
struct KnownVotes {
  KnownVotes(std::size_t coordinates, const std::array<std::size_t, 8>& copies)
      : dimension(coordinates), memory(8 * stride() + 1), counts(coordinates) {
    Rng rng(20200211);
    for (auto& byte : memory) byte = static_cast<std::byte>(rng.next() >> 56);
    for (std::size_t v = 0; v < 8; ++v) {
      const std::byte* row = memory.data() + v * stride() + 1;
      rows.insert(rows.end(), copies[v], row);
      for (std::size_t i = 0; i < dimension; ++i)
        counts[i] += bit_of(row, i) ? static_cast<std::int64_t>(copies[v]) : 0;
    }
  }
  std::size_t stride() const { return (dimension + 7) / 8; }
  VoteRows first(std::size_t voters) const { return {rows.data(), voters, dimension}; }
  // Votes for +1 less votes for -1, of all rows.
  std::int64_t lead(std::size_t i) const {
    return 2 * counts[i] - static_cast<std::int64_t>(rows.size());
  }

  std::size_t dimension;
  std::vector<std::byte> memory;
  std::vector<const std::byte*> rows;
  std::vector<std::int64_t> counts;
};

// Planes of an outcome, with ones where nothing was written.
struct Answered {
  explicit Answered(const KnownVotes& votes)
      : majority(votes.stride(), std::byte{0xff}), ties(votes.stride(), std::byte{0xff}) {}
  Outcome outcome() { return {majority.data(), ties.data(), &margin}; }
  bool is_of(const KnownVotes& votes) const {
    const bool even = votes.rows.size() % 2 == 0;
    for (std::size_t i = 0; i < 8 * majority.size(); ++i) {
      const bool inside = i < votes.dimension;
      if (bit_of(majority.data(), i) != (inside && votes.lead(i) > 0)) return false;
      if (even && bit_of(ties.data(), i) != (inside && votes.lead(i) == 0)) return false;
    }
    return true;
  }
  std::vector<std::byte> majority, ties;
  std::uint64_t margin = 0;
};

Margin margin_of(const KnownVotes& votes, std::size_t first, std::size_t last) {
  Margin sum;
  for (std::size_t i = first; i < last; ++i) {
    const auto lead = static_cast<std::uint64_t>(std::abs(votes.lead(i)));
    sum.absolute += lead;
    sum.squares += lead * lead;
  }
  return sum;
}

// Coordinates in which a row is against the outcome; ties do not count.
std::uint64_t distance(const KnownVotes& votes, const std::byte* row, const Answered& outcome) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < votes.dimension; ++i)
    sum += votes.lead(i) != 0 && bit_of(row, i) != bit_of(outcome.majority.data(), i) ? 1U : 0U;
  return sum;
}

bool mismatches_rightly(const Kernels& table, const KnownVotes& votes, const Answered& outcome,
                        const std::vector<std::uint64_t>& fused) {
  const std::size_t voters = votes.rows.size();
  const std::byte* ties = voters % 2 == 0 ? outcome.ties.data() : nullptr;
  std::vector<std::uint64_t> counted(voters, 7);
  table.count_mismatches(votes.first(voters), outcome.majority.data(), ties, counted.data());
  const std::byte* row = nullptr;
  std::uint64_t expected = 0;
  for (std::size_t r = 0; r < voters; ++r) {
    if (row != votes.rows[r]) {
      row = votes.rows[r];
      expected = distance(votes, row, outcome);
      if (table.count_differences(row, outcome.majority.data(), nullptr, ties, votes.dimension) !=
          expected)
        return false;
    }
    if (counted[r] != expected + 7 || fused[r] != expected + 7) return false;
  }
  return true;
}

// Votes at the end. The copies choose among the ways in which a table votes.
bool votes_rightly(const Kernels& table, std::size_t dimension,
                   const std::array<std::size_t, 8>& copies) {
  const KnownVotes votes(dimension, copies);
  const VoteRows rows = votes.first(votes.rows.size());
  Answered voted(votes), fused(votes);
  table.majority(rows, voted.outcome());
  if (!voted.is_of(votes) || voted.margin != margin_of(votes, 0, dimension).absolute) return false;
  const std::array<std::size_t, 3> ends{dimension / 3, dimension / 3, dimension};
  std::array<std::uint64_t, 3> margins{9, 9, 9};
  std::vector<std::uint64_t> mismatches(rows.voters, 7);
  table.fused(rows, fused.outcome(), mismatches.data(), ends.data(), ends.size(), margins.data());
  return fused.is_of(votes) && margins[0] == margin_of(votes, 0, ends[0]).absolute &&
         margins[1] == 0 && margins[2] == margin_of(votes, ends[1], dimension).absolute &&
         mismatches_rightly(table, votes, voted, mismatches);
}

// Votes as they arrive: four voters of weight 1, one of weight 8 beside them, and two at the end.
bool counts_rightly(const Kernels& table) {
  constexpr std::size_t kPlanes = 6;
  const KnownVotes votes(8 * kCounterBlock + 77, {1, 1, 1, 1, 0, 8, 1, 1});
  const std::uint64_t total = votes.rows.size(), start = (1U << (kPlanes - 1)) - 1 - total / 2;
  std::vector<Word> words(counter_words(votes.dimension, kPlanes)), others = words;
  const Counters counters{words.data(), votes.dimension, kPlanes};
  const Counters other{others.data(), votes.dimension, kPlanes};
  table.fill(counters, start - 5);
  table.add_votes(counters, votes.first(4), 0, nullptr);
  table.fill(other, 1);
  table.add_votes(other, {&votes.rows[4], 1, votes.dimension}, 3, nullptr);
  table.add_counters(counters, other);
  table.add_constant(counters, 2);
  const VoteRows last{&votes.rows[12], 2, votes.dimension};
  Answered finished(votes);
  table.finish(counters, last, 0, 2, total, finished.outcome());
  if (!finished.is_of(votes)) return false;
  if (finished.margin != margin_of(votes, 0, votes.dimension).absolute) return false;

  table.add_votes(counters, last, 0, nullptr);
  table.add_constant(counters, 2);
  const std::size_t from = 5, to = votes.dimension - 3;
  if (table.margin(counters, total, from, to) != margin_of(votes, from, to)) return false;
  std::array<std::uint64_t, 1U << kPlanes> histogram{}, expected{};
  table.histogram(counters, start, from, to, histogram.data());
  for (std::size_t i = from; i < to; ++i) ++expected[static_cast<std::size_t>(votes.counts[i])];
  return histogram == expected;
}

// A last vote that was foreseen, when it comes and when it does not. The copies choose the parity;
// the last two voters vote once.
bool foresees_rightly(const Kernels& table, const std::array<std::size_t, 8>& copies) {
  constexpr std::size_t kPlanes = 6, kEarly = 3;
  const KnownVotes votes(8 * kCounterBlock + 77, copies);
  std::array<std::size_t, 8> without_last = copies;
  without_last[7] = 0;
  const KnownVotes others(votes.dimension, without_last);
  const std::uint64_t total = votes.rows.size(), start = (1U << (kPlanes - 1)) - 1 - total / 2;
  std::vector<Word> words(counter_words(votes.dimension, kPlanes));
  const Counters counters{words.data(), votes.dimension, kPlanes};
  const std::uint64_t before = start - 3;
  table.add_votes(counters, votes.first(kEarly), 0, &before);
  Answered planes(votes), with_last(votes), alone(others);
  const Foreseen foreseen{planes.majority.data(), planes.ties.data(), &planes.margin};
  table.foresee(counters, {&votes.rows[kEarly], votes.rows.size() - 1 - kEarly, votes.dimension},
                nullptr, 3, total, foreseen);
  table.conclude(foreseen, votes.rows.back(), votes.dimension, total, with_last.outcome());
  table.conclude(foreseen, nullptr, votes.dimension, total, alone.outcome());
  return with_last.is_of(votes) && alone.is_of(others) &&
         with_last.margin == margin_of(votes, 0, votes.dimension).absolute &&
         alone.margin == margin_of(others, 0, votes.dimension).absolute;
}

constexpr std::size_t kFloats = 1100, kSignWords = (kFloats + 63) / 64;
using Floats = std::array<float, kFloats>;
using Signs = std::array<Word, kSignWords>;

Floats known_floats(std::uint64_t seed) {
  Rng rng(seed);
  Floats x{};
  for (float& value : x) value = rng.below(5) == 0 ? 0.0F : rng.uniform() - 0.5F;
  return x;
}

bool are_signs_of(const Floats& x, const Signs& positive, const Signs& zero) {
  for (std::size_t i = 0; i < 64 * kSignWords; ++i) {
    const bool inside = i < kFloats;
    if (bit_of(positive.data(), i) != (inside && x[i] > 0)) return false;
    if (bit_of(zero.data(), i) != (inside && !(x[i] > 0) && !(x[i] < 0))) return false;
  }
  return true;
}

bool packs_rightly(const Kernels& table) {
  const Floats x = known_floats(1), gradient = known_floats(2);
  Floats momentum = x, error = x, blended{}, sum{}, left{};
  for (std::size_t i = 0; i < kFloats; ++i) {
    const float kept = 0.75F * x[i], added = (1.0F - 0.75F) * gradient[i];
    blended[i] = kept + added;
    left[i] = sum[i] = x[i] + gradient[i];
    if (sum[i] > 0) left[i] = sum[i] - 0.125F;
    if (sum[i] < 0) left[i] = sum[i] + 0.125F;
  }
  Signs positive{}, zero{};
  if (!table.pack_signs(x.data(), kFloats, positive.data(), zero.data())) return false;
  if (!are_signs_of(x, positive, zero)) return false;
  table.pack_momentum(momentum.data(), gradient.data(), 0.75F, kFloats, positive.data(),
                      zero.data());
  if (momentum != blended || !are_signs_of(blended, positive, zero)) return false;
  table.pack_error_feedback(error.data(), gradient.data(), 0.125F, kFloats, positive.data(),
                            zero.data());
  return error == left && are_signs_of(sum, positive, zero);
}

bool steps_rightly(const Kernels& table) {
  const Floats x = known_floats(3);
  Rng rng(4);
  Signs signs{}, ties{};
  for (std::size_t w = 0; w < kSignWords; ++w) signs[w] = rng.next(), ties[w] = rng.next();
  Floats moved = x, digested = x, expected = x;
  for (std::size_t i = 0; i < kFloats; ++i)
    if (!bit_of(ties.data(), i)) expected[i] = x[i] - (bit_of(signs.data(), i) ? 3e-4F : -3e-4F);
  table.apply_signs(moved.data(), 3e-4F, signs.data(), ties.data(), kFloats);
  const std::uint64_t taken =
      table.apply_and_digest(digested.data(), 3e-4F, signs.data(), ties.data(), kFloats);
  const std::uint64_t known = digest(expected);
  return moved == expected && digested == expected && taken == known &&
         table.digest(reinterpret_cast<const std::byte*>(expected.data()), sizeof expected) ==
             known;
}

}  // namespace

bool answers_rightly(const Kernels& table) {
  return votes_rightly(table, 1101, {1, 1, 1, 1, 1, 0, 0, 0}) &&
         votes_rightly(table, 1101, {1, 1, 1, 1, 1, 1, 0, 0}) &&
         votes_rightly(table, 1101, {4, 9, 2, 7, 5, 3, 6, 4}) &&
         votes_rightly(table, 1101, {90, 160, 110, 170, 130, 140, 120, 120}) &&
         counts_rightly(table) && foresees_rightly(table, {3, 2, 5, 1, 4, 2, 3, 1}) &&
         foresees_rightly(table, {3, 2, 5, 1, 4, 3, 3, 1}) && packs_rightly(table) &&
         steps_rightly(table);
}

}  // namespace signet::kernels
