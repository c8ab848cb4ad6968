#include "tests/core/kernels/guarded.hpp"
#include "tests/core/kernels/slow_votes.hpp"

namespace signet {

namespace {

using test::Answer;
using test::Ballots;
using test::Counts;
using test::Framed;
using test::Outputs;
using test::Pattern;
using test::Place;

// What is foreseen, by the definition: `counts` are of all votes but the last of `total`.
struct SlowProspect {
  SlowProspect(const Counts& counts, std::uint64_t total)
      : ahead((counts.size() + 7) / 8),
        open(ahead.size()),
        margin(test::margin_of(counts, total, 0, counts.size()).absolute) {
    const auto winner = [&](std::uint64_t count) {
      return 2 * count > total ? 1 : 2 * count == total ? 0 : -1;
    };
    for (std::size_t i = 0; i < counts.size(); ++i) {
      test::set_bit(ahead.data(), i, winner(counts[i] + 1) > 0);
      test::set_bit(open.data(), i, winner(counts[i] + 1) != winner(counts[i]));
    }
  }
  Bytes ahead, open;
  std::uint64_t margin;
};

// A round of `ballots`, the last of which is foreseen, and its outcomes by the definition.
struct LastRound {
  explicit LastRound(const Ballots& given)
      : ballots(given),
        total(given.all().voters),
        dimension(given.all().dimension),
        counts(test::counts_of(given.some(0, total - 1))),
        prospect(counts, total),
        with_last(test::counts_of(given.all()), total),
        without_last(counts, total - 1) {
    while ((std::uint64_t{1} << (planes - 1)) < total / 2 + 1) ++planes;
  }
  std::uint64_t start() const { return (std::uint64_t{1} << (planes - 1)) - 1 - total / 2; }

  const Ballots& ballots;
  std::size_t total, dimension, planes = 1;
  Counts counts;
  SlowProspect prospect;
  Answer with_last, without_last;
};

void check_conclude(const Kernels& table, const LastRound& round, const Foreseen& foreseen) {
  const std::byte* last = round.ballots.all().rows[round.total - 1];
  for (const bool came : {true, false})
    for (const bool with_margin : {true, false}) {
      if (with_margin && foreseen.margin == nullptr) continue;
      INFO((came ? "came" : "stayed away") << ", " << (with_margin ? "with" : "no") << " margin");
      Outputs outputs(round.dimension, round.dimension + round.total);
      Outcome outcome = outputs.all();
      if (!with_margin) outcome.margin = nullptr;
      table.conclude(foreseen, came ? last : nullptr, round.dimension, round.total, outcome);
      outputs.check(came ? round.with_last : round.without_last, round.total - (came ? 0 : 1),
                    with_margin);
    }
}

// `early` votes are in the counters, the others but the last are rows.
void check_foresee(const Kernels& table, const LastRound& round, std::size_t early,
                   std::size_t spare, bool with_margin) {
  LastRound wider = round;
  wider.planes += spare;
  const std::uint64_t start = wider.start(), addend = early > 0 ? round.total % (start + 1) : 0;
  std::vector<Word> words(early > 0 ? counter_words(round.dimension, wider.planes) : 0);
  const Counters counters{early > 0 ? words.data() : nullptr, round.dimension, wider.planes};
  const std::uint64_t before_votes = start - addend;
  if (early > 0) table.add_votes(counters, round.ballots.some(0, early), 0, &before_votes);
  const std::vector<Word> before = words;
  const std::size_t bytes = round.prospect.ahead.size();
  Framed ahead(bytes, round.dimension % 64), open(bytes, 3 * round.dimension % 64);
  std::uint64_t margin = 77;
  const Foreseen foreseen{ahead.data(), open.data(), with_margin ? &margin : nullptr};
  table.foresee(counters, round.ballots.some(early, round.total - 1 - early),
                early > 0 ? nullptr : &start, addend, round.total, foreseen);
  CHECK(words == before);
  CHECK(ahead.holds(round.prospect.ahead));
  CHECK(open.holds(round.prospect.open));
  CHECK(margin == (with_margin ? round.prospect.margin : 77));
  check_conclude(table, round, foreseen);
}

void check_last(const Ballots& ballots, std::size_t early, std::size_t spare = 0,
                bool with_margin = true) {
  const LastRound round(ballots);
  test::for_each_table([&](const Kernels& table) {
    INFO("kernels " << table.name << ", " << round.total << " voters (" << early << " early), "
                    << round.dimension << " coordinates, " << spare << " spare planes");
    check_foresee(table, round, early, spare, with_margin);
  });
}

}  // namespace

TEST_CASE("a last vote that was foreseen gives the count of bits at every length up to 300",
          "[core][kernels]") {
  for (std::size_t dimension = 0; dimension <= 300; ++dimension)
    for (const std::size_t voters : {2U, 17U, 24U}) {
      const Ballots ballots(voters, dimension, test::pattern_of(dimension + voters),
                            {dimension % 64, 3});
      for (const std::size_t early : {std::size_t{0}, voters / 2, voters - 1})
        check_last(ballots, early, dimension % 3, dimension % 7 != 0);
    }
}

TEST_CASE("a last vote that was foreseen gives the count of bits for 1 to 257 and more voters",
          "[core][kernels]") {
  std::vector<std::size_t> numbers{1000, 1024, 2047};
  for (std::size_t voters = 1; voters <= 257; ++voters) numbers.push_back(voters);
  for (const std::size_t voters : numbers) {
    const Ballots ballots(voters, 512 + voters % 99, Pattern::EveryCount, {voters % 64, 1});
    check_last(ballots, voters % 5 == 0 ? 0 : voters * 5 / 8, voters % 4 == 0 ? 8 : 0);
  }
}

TEST_CASE("a last vote is foreseen around the size of the counters' blocks", "[core][kernels]") {
  for (const std::size_t blocks : {1U, 2U})
    for (const std::size_t extra : {0U, 1U, 8U, 71U, 519U})
      for (const std::size_t voters : {19U, 32U}) {
        const Ballots ballots(voters, blocks * 8 * 4096 + extra, Pattern::EveryCount,
                              {extra % 64, blocks});
        check_last(ballots, extra % 2 == 0 ? 0 : 11);
        check_last(ballots, 16);
      }
}

TEST_CASE("a last vote is foreseen at every address", "[core][kernels]") {
  for (std::size_t offset = 0; offset < 64; ++offset)
    for (const std::size_t voters : {17U, 18U})
      check_last(Ballots(voters, 700 + offset, Pattern::Random, {offset, offset % 2}), offset % 17);
}

TEST_CASE("foresee and conclude stay within rows, planes, counters and outcome",
          "[core][kernels]") {
  constexpr std::size_t kBytes = 9'000, kPlanes = 6;
  test::Guarded row(kBytes), last(kBytes), ahead(kBytes), open(kBytes), majority(kBytes),
      ties(kBytes), memory(kPlanes * (kBytes + 1024));
  for (const Place where : {Place::Start, Place::End})
    for (const std::size_t dimension :
         {1U, 8U, 9U, 64U, 130U, 257U, 512U, 513U, 1535U, 32'768U, 33'405U, 66'001U}) {
      const std::size_t bytes = (dimension + 7) / 8, words = counter_words(dimension, kPlanes);
      const Counters counters{memory.place<Word>(words, where), dimension, kPlanes};
      auto* other = row.place<std::byte>(bytes, where);
      auto* mine = last.place<std::byte>(bytes, where);
      Rng rng(dimension);
      for (std::size_t i = 0; i < bytes; ++i) other[i] = static_cast<std::byte>(rng.next());
      for (std::size_t i = 0; i < bytes; ++i) mine[i] = static_cast<std::byte>(rng.next());
      // Nine votes that agree, and as many for -1 as are left of the total, which need no row.
      const std::vector<const std::byte*> rows(9, other);
      const std::byte* const mine_row = mine;
      Counts counts(dimension);
      test::count_into(counts, {rows.data(), 9, dimension});
      Counts counts_with_last = counts;
      test::count_into(counts_with_last, {&mine_row, 1, dimension});
      for (const std::uint64_t total : {19U, 20U}) {
        const std::uint64_t start = (1U << (kPlanes - 1)) - 1 - total / 2;
        const Answer with_last(counts_with_last, total), without_last(counts, total - 1);
        test::for_each_table([&](const Kernels& table) {
          INFO("kernels " << table.name << ", " << dimension << " coordinates, total " << total);
          std::uint64_t base = 0, margin = 0;
          const Foreseen foreseen{ahead.place<std::byte>(bytes, where),
                                  open.place<std::byte>(bytes, where), &base};
          const Outcome outcome{majority.place<std::byte>(bytes, where),
                                ties.place<std::byte>(bytes, where), &margin};
          table.add_votes(counters, {rows.data(), 4, dimension}, 0, &start);
          table.foresee(counters, {rows.data(), 5, dimension}, nullptr, 0, total, foreseen);
          table.conclude(foreseen, mine, dimension, total, outcome);
          CHECK(std::equal(outcome.majority, outcome.majority + bytes, with_last.majority.begin()));
          CHECK(margin == with_last.margin);
          table.conclude(foreseen, nullptr, dimension, total, outcome);
          CHECK(std::equal(outcome.majority, outcome.majority + bytes,
                           without_last.majority.begin()));
          CHECK(margin == with_last.margin + without_last.margin);
        });
      }
    }
}

}  // namespace signet
