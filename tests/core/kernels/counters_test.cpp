#include <iterator>

#include "tests/core/kernels/slow_votes.hpp"

namespace signet {

namespace {

using test::Answer;
using test::Ballots;
using test::Counts;
using test::Outputs;
using test::Pattern;

// Counters with garbage in them until they are filled.
struct Memory {
  Memory(std::size_t dimension, std::size_t planes)
      : words(counter_words(dimension, planes), 0x5a5a5a5a5a5a5a5aULL),
        view{words.data(), dimension, planes} {}
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  std::vector<Word> words;
  Counters view;
};

// The planes that `total` votes need, and where counting starts with `planes` of them.
std::size_t planes_for_total(std::uint64_t total) {
  std::size_t planes = 1;
  while ((std::uint64_t{1} << (planes - 1)) < total / 2 + 1) ++planes;
  return planes;
}
std::uint64_t start_of(std::size_t planes, std::uint64_t total) {
  return (std::uint64_t{1} << (planes - 1)) - 1 - total / 2;
}

// Each counter's value, as its histogram of one coordinate says.
Counts values_of(const Kernels& table, const Counters& counters) {
  Counts values;
  for (std::size_t i = 0; i < counters.dimension; ++i) {
    Counts one(std::size_t{1} << counters.planes);
    table.histogram(counters, 0, i, i + 1, one.data());
    const auto found = std::find(one.begin(), one.end(), 1U);
    values.push_back(static_cast<std::uint64_t>(found - one.begin()));
  }
  return values;
}

void check_finish(const Kernels& table, const Counters& counters, const VoteRows& rows,
                  std::size_t first_plane, std::uint64_t addend, std::uint64_t total,
                  const Answer& answer) {
  for (const bool with_margin : {true, false}) {
    Outputs outputs(counters.dimension, counters.dimension + rows.voters);
    Outcome outcome = outputs.all();
    if (!with_margin) outcome.margin = nullptr;
    table.finish(counters, rows, first_plane, addend, total, outcome);
    outputs.check(answer, total, with_margin);
  }
}

// All voters of weight 1 but the last `heavy`, of weight 2^first_plane; `early` of the light ones
// and `early_heavy` of the heavy ones are counted as they arrive.
struct Split {
  std::size_t light, heavy, first_plane, early, early_heavy;
};

void check_split(const Ballots& ballots, const Split& split, std::size_t spare) {
  const std::size_t dimension = ballots.all().dimension;
  const std::uint64_t total = split.light + (split.heavy << split.first_plane);
  const std::size_t planes = planes_for_total(total) + spare;
  Counts counts(dimension);
  test::count_into(counts, ballots.some(0, split.light));
  test::count_into(counts, ballots.some(split.light, split.heavy), 1U << split.first_plane);
  const Answer answer(counts, total);
  const std::uint64_t start = start_of(planes, total), addend = total * 7 % (start + 1);
  test::for_each_table([&](const Kernels& table) {
    INFO("kernels " << table.name << ", " << split.light << " (" << split.early << " early) + "
                    << split.heavy << " (" << split.early_heavy << " early) voters of weight 2^"
                    << split.first_plane << ", " << dimension << " coordinates, " << planes
                    << " planes");
    Memory memory(dimension, planes);
    table.fill(memory.view, start - addend);
    table.add_votes(memory.view, ballots.some(0, split.early), 0, nullptr);
    table.add_votes(memory.view, ballots.some(split.light, split.early_heavy), split.first_plane,
                    nullptr);
    // Whichever rows are left at the end come with finish().
    const auto light = ballots.some(split.early, split.light - split.early);
    const auto heavy =
        ballots.some(split.light + split.early_heavy, split.heavy - split.early_heavy);
    table.add_votes(memory.view, heavy.voters > 0 ? light : heavy,
                    heavy.voters > 0 ? 0 : split.first_plane, nullptr);
    const std::vector<Word> before = memory.words;
    check_finish(table, memory.view, heavy.voters > 0 ? heavy : light,
                 heavy.voters > 0 ? split.first_plane : 0, addend, total, answer);
    CHECK(memory.words == before);
  });
}

}  // namespace

TEST_CASE("finish is the count of bits at every length up to 300, whatever came early",
          "[core][kernels]") {
  for (std::size_t dimension = 0; dimension <= 300; ++dimension)
    for (const std::size_t voters : {1U, 2U, 6U, 21U}) {
      const Ballots ballots(voters, dimension, test::pattern_of(dimension + voters),
                            {dimension % 64, 3});
      for (const std::size_t early : {std::size_t{0}, voters / 2, voters})
        check_split(ballots, {voters, 0, 0, early, 0}, dimension % 3);
    }
}

TEST_CASE("finish is the count of bits for 1 to 257 and 1000 voters", "[core][kernels]") {
  std::vector<std::size_t> numbers{1000, 1024, 2047};
  for (std::size_t voters = 1; voters <= 257; ++voters) numbers.push_back(voters);
  for (const std::size_t voters : numbers) {
    const Ballots ballots(voters, 512 + voters % 99, Pattern::EveryCount, {voters % 64, 1});
    check_split(ballots, {voters, 0, 0, voters * 5 / 8, 0}, voters % 4 == 0 ? 8 : 0);
  }
}

TEST_CASE("a vote of weight 2^n is added n planes higher", "[core][kernels]") {
  const Ballots ballots(30, 1101, Pattern::Random, {5, 9});
  for (const std::size_t plane : {0U, 1U, 2U, 3U, 5U})
    for (const std::size_t heavy : {1U, 2U, 17U})
      for (const std::size_t early_heavy : {std::size_t{0}, heavy / 2, heavy})
        check_split(ballots, {13, heavy, plane, 6, early_heavy}, plane % 2);
}

TEST_CASE("counters hold around the size of their blocks", "[core][kernels]") {
  for (const std::size_t blocks : {1U, 2U})
    for (const std::size_t extra : {0U, 1U, 8U, 71U, 519U}) {
      const std::size_t dimension = blocks * 8 * 4096 + extra;
      const Ballots ballots(19, dimension, Pattern::EveryCount, {extra % 64, blocks});
      check_split(ballots, {18, 1, 2, 17, 1}, 0);
      const Ballots shorter(7, dimension - 67, Pattern::Random);
      check_split(shorter, {7, 0, 0, 4, 0}, 1);
    }
}

TEST_CASE("votes are counted at every address", "[core][kernels]") {
  for (std::size_t offset = 0; offset < 64; ++offset)
    check_split(Ballots(24, 700, Pattern::Random, {offset, offset % 2}), {24, 0, 0, 17, 0}, 0);
}

TEST_CASE("65535 voters and all planes that there are give the right margins", "[core][kernels]") {
  const Ballots ballots(65'535, 77, Pattern::EveryCount);
  check_split(ballots, {65'535, 0, 0, 65'500, 0}, 1);
  check_split(ballots, {13, 1, 16, 6, 0}, kPlanesMax - 17);
  check_split(ballots, {13, 1, 16, 6, 1}, kPlanesMax - 17);
  const Counts counts = test::counts_of(ballots.all());
  test::for_each_table([&](const Kernels& table) {
    INFO("kernels " << table.name);
    Memory memory(77, kPlanesMax);
    table.fill(memory.view, start_of(kPlanesMax, 65'535));
    table.add_votes(memory.view, ballots.all(), 0, nullptr);
    CHECK(table.margin(memory.view, 65'535, 0, 77) == test::margin_of(counts, 65'535, 0, 77));
  });
}

TEST_CASE("counters are numbers modulo a power of two", "[core][kernels]") {
  for (const std::size_t planes : {1U, 2U, 3U, 4U, 5U, 7U, 11U})
    for (const std::size_t dimension : {1U, 67U, 519U}) {
      const Ballots ballots(45, dimension, Pattern::Random, {3, 1});
      Counts counts(dimension);
      test::count_into(counts, ballots.some(0, 31));
      test::count_into(counts, ballots.some(31, 14), 1U << (planes / 2));
      for (auto& count : counts) count = (2 * (count + 12'345) + 77) % (1U << planes);
      test::for_each_table([&](const Kernels& table) {
        INFO("kernels " << table.name << ", " << planes << " planes");
        Memory a(dimension, planes), b(dimension, planes);
        table.fill(a.view, 12'345);
        table.fill(b.view, 12'300);
        table.add_constant(b.view, 45);
        for (const Counters& counters : {a.view, b.view}) {
          table.add_votes(counters, ballots.some(0, 31), 0, nullptr);
          table.add_votes(counters, ballots.some(31, 14), planes / 2, nullptr);
        }
        table.add_counters(a.view, b.view);
        table.add_constant(a.view, 77);
        CHECK(values_of(table, a.view) == counts);
      });
    }
}

TEST_CASE("two groups' counters added are those of all", "[core][kernels]") {
  for (const std::size_t dimension : {0U, 1U, 64U, 300U, 1101U, 32'768U, 33'000U, 70'001U}) {
    const Ballots ballots(20, dimension, Pattern::EveryCount, {1, 1});
    const Answer answer(test::counts_of(ballots.all()), 20);
    test::for_each_table([&](const Kernels& table) {
      INFO("kernels " << table.name << ", " << dimension << " coordinates");
      Memory one(dimension, 6), other(dimension, 6);
      table.fill(one.view, start_of(6, 20));
      table.fill(other.view, 0);
      table.add_votes(one.view, ballots.some(0, 7), 0, nullptr);
      table.add_votes(other.view, ballots.some(7, 13), 0, nullptr);
      table.add_counters(one.view, other.view);
      check_finish(table, one.view, ballots.some(0, 0), 0, 0, 20, answer);
    });
  }
}

TEST_CASE("margins and histograms are of the coordinates asked for", "[core][kernels]") {
  for (const std::size_t voters : {1U, 2U, 9U, 64U, 101U}) {
    const std::size_t dimension = 8 * 4096 + 700, planes = planes_for_total(voters) + voters % 2;
    const Ballots ballots(voters, dimension, Pattern::EveryCount, {7, 0});
    const Counts counts = test::counts_of(ballots.all());
    const std::size_t ranges[][2] = {{0, 0},
                                     {0, 1},
                                     {3, 5},
                                     {7, 9},
                                     {61, 700},
                                     {512, 1024},
                                     {0, dimension},
                                     {32'767, 32'769},
                                     {32'768, dimension - 1},
                                     {dimension, dimension}};
    test::for_each_table([&](const Kernels& table) {
      Memory memory(dimension, planes);
      const std::uint64_t start = start_of(planes, voters);
      table.fill(memory.view, start);
      table.add_votes(memory.view, ballots.all(), 0, nullptr);
      for (const auto& [first, last] : ranges) {
        INFO("kernels " << table.name << ", " << voters << " voters, [" << first << ", " << last
                        << ")");
        CHECK(table.margin(memory.view, voters, first, last) ==
              test::margin_of(counts, voters, first, last));
        Counts histogram(std::size_t{1} << planes, 3), expected(histogram);
        table.histogram(memory.view, start, first, last, histogram.data());
        for (std::size_t i = first; i < last; ++i) ++expected[static_cast<std::size_t>(counts[i])];
        CHECK(histogram == expected);
      }
    });
  }
}

}  // namespace signet
