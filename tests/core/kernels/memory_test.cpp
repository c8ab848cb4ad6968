#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "tests/core/kernels/guarded.hpp"
#include "tests/core/kernels/slow_votes.hpp"

namespace signet {

namespace {

using test::Answer;
using test::Counts;
using test::Guarded;
using test::Place;

constexpr std::size_t kFenceBytes = 20'000, kDistinct = 5;

// Rows, outcome and counters that each touch a page nobody may touch. Five rows serve any number of
// voters: what is read twice is read within the same bounds.
struct Fenced {
  Fenced() {
    for (auto& row : rows) row = std::make_unique<Guarded>(kFenceBytes);
  }

  VoteRows place(std::size_t voters, std::size_t dimension, Place where) {
    bytes = (dimension + 7) / 8;
    std::array<std::byte*, kDistinct> distinct{};
    Rng rng(voters * 1000 + dimension);
    for (std::size_t r = 0; r < kDistinct; ++r) {
      // Rows at both ends, so that few agree on their address modulo 64.
      const bool other = dimension % 2 == 1 && r % 2 == 1;
      const Place opposite = where == Place::End ? Place::Start : Place::End;
      distinct[r] = rows[r]->place<std::byte>(bytes, other ? opposite : where);
      for (std::size_t i = 0; i < bytes; ++i) distinct[r][i] = static_cast<std::byte>(rng.next());
    }
    all.clear();
    for (std::size_t v = 0; v < voters; ++v) all.push_back(distinct[v * v % kDistinct]);
    outcome = {majority.place<std::byte>(bytes, where), ties.place<std::byte>(bytes, where),
               &margin};
    return {all.data(), voters, dimension};
  }

  // Nothing of another table's outcome may be left.
  void forget() {
    std::memset(outcome.majority, 0xa5, bytes);
    std::memset(outcome.ties, 0xa5, bytes);
    margin = 0;
  }

  bool holds(const Answer& answer) const {
    return bytes == 0 ||
           (std::memcmp(outcome.majority, answer.majority.data(), bytes) == 0 &&
            (all.size() % 2 == 1 || std::memcmp(outcome.ties, answer.ties.data(), bytes) == 0));
  }

  std::array<std::unique_ptr<Guarded>, kDistinct> rows;
  Guarded majority{kFenceBytes}, ties{kFenceBytes}, counters{16 * (kFenceBytes + 1024)},
      more_counters{16 * (kFenceBytes + 1024)};
  std::vector<const std::byte*> all;
  Outcome outcome{};
  std::size_t bytes = 0;
  std::uint64_t margin = 0;
};

template <typename Check>
void for_each_fence(Check check) {
  Fenced fenced;
  for (const std::size_t voters : {1U, 2U, 9U, 14U, 16U, 23U, 50U, 1100U})
    for (const std::size_t dimension :
         {0U,   1U,   8U,   9U,    63U,   64U,   65U,     130U,    255U,    257U,
          500U, 512U, 513U, 1000U, 1535U, 2111U, 32'767U, 32'768U, 33'405U, 66'001U}) {
      if (voters * dimension > 4'000'000) continue;
      for (const Place where : {Place::Start, Place::End}) {
        const VoteRows votes = fenced.place(voters, dimension, where);
        const Answer answer(test::counts_of(votes), voters);
        test::for_each_table([&](const Kernels& table) {
          INFO("kernels " << table.name << ", " << voters << " voters, " << dimension
                          << " coordinates");
          fenced.forget();
          check(table, fenced, votes, answer, where);
        });
      }
    }
}

// One set of rows that no second-level cache holds; the definition is taken once for all tables.
void check_far(std::size_t voters, std::size_t bytes, std::size_t step) {
  const std::size_t dimension = 8 * bytes - 3;
  const test::Ballots ballots(voters, dimension, test::Pattern::Random, {1, step});
  const Counts counts = test::counts_of(ballots.all());
  const Answer answer(counts, voters);
  const std::byte* tie_plane = voters % 2 == 0 ? answer.ties.data() : nullptr;
  const auto expected = test::mismatches_of(ballots.all(), answer.majority.data(), tie_plane);
  test::for_each_table([&](const Kernels& table) {
    INFO("kernels " << table.name << ", " << voters << " voters of " << bytes << " bytes");
    test::Outputs voted(dimension, 5), fused(dimension, 6);
    table.majority(ballots.all(), voted.all());
    voted.check(answer, voters);
    const std::array<std::size_t, 2> ends{dimension / 2 + 3, dimension};
    std::array<std::uint64_t, 2> margins{};
    std::vector<std::uint64_t> mismatches(voters);
    table.fused(ballots.all(), fused.all(), mismatches.data(), ends.data(), 2, margins.data());
    fused.check(answer, voters, false);
    CHECK(mismatches == expected);
    CHECK(margins[0] == test::margin_of(counts, voters, 0, ends[0]).absolute);
    CHECK(margins[0] + margins[1] == answer.margin);
  });
}

// The same for counters: `early` votes, as many again, and the rest at the end. Few rows serve all
// voters.
void check_far_counters(std::size_t voters, std::size_t early, std::size_t bytes) {
  const std::size_t dimension = 8 * bytes - 3;
  const test::Ballots ballots(kDistinct, dimension, test::Pattern::Random, {1, 3});
  std::vector<const std::byte*> rows;
  Counts counts(dimension);
  for (std::size_t v = 0; v < voters; ++v) rows.push_back(ballots.all().rows[v * v % kDistinct]);
  for (std::size_t r = 0; r < kDistinct; ++r)
    test::count_into(
        counts, ballots.some(r, 1),
        static_cast<std::uint64_t>(std::count(rows.begin(), rows.end(), ballots.all().rows[r])));
  const Answer answer(counts, voters);
  std::size_t planes = 1;
  while ((std::size_t{1} << (planes - 1)) < voters / 2 + 1) ++planes;
  const std::uint64_t start = (std::uint64_t{1} << (planes - 1)) - 1 - voters / 2;
  test::for_each_table([&](const Kernels& table) {
    INFO("kernels " << table.name << ", " << voters << " voters of " << bytes << " bytes");
    std::vector<Word> words(counter_words(dimension, planes), 0x5a5a5a5a5a5a5a5aULL);
    const Counters counters{words.data(), dimension, planes};
    test::Outputs finished(dimension, 5);
    table.add_votes(counters, {rows.data(), early, dimension}, 0, &start);
    table.add_votes(counters, {rows.data() + early, early, dimension}, 0, nullptr);
    table.finish(counters, {rows.data() + 2 * early, voters - 2 * early, dimension}, 0, 0, voters,
                 finished.all());
    finished.check(answer, voters);
  });
}

}  // namespace

TEST_CASE("majority, fused and count_mismatches stay within rows and outcome", "[core][kernels]") {
  for_each_fence([](const Kernels& table, Fenced& fenced, const VoteRows& votes,
                    const Answer& answer, Place) {
    table.majority(votes, fenced.outcome);
    CHECK(fenced.holds(answer));
    CHECK(fenced.margin == answer.margin);
    const std::array<std::size_t, 2> ends{votes.dimension / 2, votes.dimension};
    std::array<std::uint64_t, 2> margins{};
    std::vector<std::uint64_t> mismatches(votes.voters), counted(votes.voters);
    table.fused(votes, fenced.outcome, mismatches.data(), ends.data(), 2, margins.data());
    CHECK(fenced.holds(answer));
    CHECK(margins[0] + margins[1] == answer.margin);
    const std::byte* ties = votes.voters % 2 == 0 ? fenced.outcome.ties : nullptr;
    table.count_mismatches(votes, fenced.outcome.majority, ties, counted.data());
    CHECK(counted == mismatches);
    CHECK(table.count_differences(votes.rows[0], fenced.outcome.majority, ties, nullptr,
                                  votes.dimension) == counted[0]);
    CHECK(table.count_differences(votes.rows[0], fenced.outcome.majority, fenced.outcome.majority,
                                  votes.rows[0], votes.dimension) == 0);
  });
}

TEST_CASE("counting as votes arrive stays within rows, counters and outcome", "[core][kernels]") {
  for_each_fence([](const Kernels& table, Fenced& fenced, const VoteRows& votes,
                    const Answer& answer, Place where) {
    constexpr std::size_t kPlanes = 11;
    const std::size_t words = counter_words(votes.dimension, kPlanes), early = votes.voters * 2 / 3;
    const Counters counters{fenced.counters.place<Word>(words, where), votes.dimension, kPlanes};
    const Counters more{fenced.more_counters.place<Word>(words, where), votes.dimension, kPlanes};
    const std::uint64_t start = (1U << (kPlanes - 1)) - 1 - votes.voters / 2;
    table.fill(counters, start - 4);
    table.fill(more, 1);
    table.add_votes(more, {votes.rows, early, votes.dimension}, 0, nullptr);
    table.add_counters(counters, more);
    table.add_constant(counters, 2);
    const VoteRows late{votes.rows + early, votes.voters - early, votes.dimension};
    table.finish(counters, late, 0, 1, votes.voters, fenced.outcome);
    CHECK(fenced.holds(answer));
    CHECK(fenced.margin == answer.margin);
    table.add_votes(counters, late, 0, nullptr);
    table.add_constant(counters, 1);
    CHECK(table.margin(counters, votes.voters, 0, votes.dimension).absolute == answer.margin);
    Counts histogram(1U << kPlanes);
    table.histogram(counters, start, 0, votes.dimension, histogram.data());
    std::uint64_t all = 0;
    for (const auto entry : histogram) all += entry;
    CHECK(all == votes.dimension);
  });
}

// Above 24 MiB of votes the tables fetch ahead, and take many voters by blocks.
TEST_CASE("votes from memory give the same outcome as votes from a cache", "[core][kernels]") {
  check_far(2, (std::size_t{26} << 20) / 2 + 77, 0);
  check_far(7, (std::size_t{26} << 20) / 7 + 77, 0);
  check_far(16, (std::size_t{26} << 20) / 16 + 77, 5);
  check_far(33, (std::size_t{26} << 20) / 33 + 77, 3);
  check_far(51, (std::size_t{26} << 20) / 51 + 77, 0);
  check_far(64, (std::size_t{26} << 20) / 64 + 77, 1);
  check_far(600, (std::size_t{26} << 20) / 600 + 77, 0);
}

TEST_CASE("votes from memory are counted like votes from a cache", "[core][kernels]") {
  check_far_counters(97, 48, (std::size_t{24} << 20) / 48 + 77);
  check_far_counters(131, 64, (std::size_t{24} << 20) / 64 + 77);
  check_far_counters(514, 255, (std::size_t{24} << 20) / 255 + 77);
  check_far_counters(1022, 509, (std::size_t{24} << 20) / 509 + 4096);
  check_far_counters(2047, 1020, (std::size_t{24} << 20) / 1020 + 77);
}

}  // namespace signet
