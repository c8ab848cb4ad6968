#include <numeric>

#include "tests/core/kernels/slow_votes.hpp"

namespace signet {

namespace {

using test::Addresses;
using test::Answer;
using test::Ballots;
using test::Counts;
using test::Outputs;
using test::Pattern;

constexpr std::uint64_t kBefore = 5;  // mismatches are added to what was there

// Ends of layers: random cuts, some of them twice (empty layers), some within one byte.
std::vector<std::size_t> layers_of(std::size_t dimension, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<std::size_t> ends{dimension};
  const auto below = [&](std::size_t bound) { return static_cast<std::size_t>(rng.below(bound)); };
  for (std::size_t n = below(7); n > 0; --n) {
    const std::size_t end = below(dimension + 1);
    ends.push_back(end);
    if (below(3) == 0) ends.push_back(end);
    if (below(2) == 0) ends.push_back(std::min(dimension, end + below(10)));
  }
  std::sort(ends.begin(), ends.end());
  return ends;
}

std::vector<std::uint64_t> margins_of(const Counts& counts, std::uint64_t voters,
                                      const std::vector<std::size_t>& ends) {
  std::vector<std::uint64_t> margins;
  for (std::size_t l = 0; l < ends.size(); ++l)
    margins.push_back(test::margin_of(counts, voters, l == 0 ? 0 : ends[l - 1], ends[l]).absolute);
  return margins;
}

// fused, and what it must equal: the definition, and majority with count_mismatches after it.
void check_fused(const Kernels& table, const VoteRows& votes, const Counts& counts,
                 const std::vector<std::size_t>& ends) {
  INFO("kernels " << table.name << ", " << votes.voters << " voters, " << votes.dimension
                  << " coordinates, " << ends.size() << " layers");
  const Answer answer(counts, votes.voters);
  Outputs outputs(votes.dimension, votes.dimension + votes.voters);
  std::vector<std::uint64_t> mismatches(votes.voters, kBefore), margins(ends.size(), 99);
  table.fused(votes, outputs.all(), mismatches.data(), ends.data(), ends.size(), margins.data());
  outputs.check(answer, votes.voters, false);
  CHECK(margins == margins_of(counts, votes.voters, ends));
  const std::byte* ties = votes.voters % 2 == 0 ? answer.ties.data() : nullptr;
  CHECK(mismatches == test::mismatches_of(votes, answer.majority.data(), ties, kBefore));

  std::vector<std::uint64_t> counted(votes.voters, kBefore);
  table.count_mismatches(votes, answer.majority.data(), ties, counted.data());
  CHECK(counted == mismatches);
}

void check_fused(std::size_t voters, std::size_t dimension, Pattern pattern, Addresses where) {
  INFO("pattern " << static_cast<int>(pattern) << ", rows at " << where.offset << " + "
                  << where.step << " r");
  const Ballots ballots(voters, dimension, pattern, where);
  const Counts counts = test::counts_of(ballots.all());
  const auto ends = layers_of(dimension, voters * 1000 + dimension);
  test::for_each_table(
      [&](const Kernels& table) { check_fused(table, ballots.all(), counts, ends); });
}

}  // namespace

TEST_CASE("fused is vote, mismatches and margins at every length up to 300", "[core][kernels]") {
  for (const std::size_t voters : {1U, 2U, 3U, 8U, 9U, 12U, 13U, 16U, 17U, 40U})
    for (std::size_t dimension = 0; dimension <= 300; ++dimension)
      check_fused(voters, dimension, test::pattern_of(voters + dimension), {dimension % 64, 5});
}

TEST_CASE("fused is vote, mismatches and margins for 1 to 257 and more voters", "[core][kernels]") {
  for (std::size_t voters = 1; voters <= 257; ++voters)
    check_fused(voters, 1024 + voters % 89, Pattern::EveryCount, {voters % 64, voters % 2});
  for (const std::size_t voters : {1000U, 1023U, 1024U, 1025U, 1030U})
    check_fused(voters, 1101, Pattern::Random, {1, 0});
  check_fused(65'535, 70, Pattern::EveryCount, {0, 1});
}

TEST_CASE("fused holds around the sizes of its blocks", "[core][kernels]") {
  // 512 KiB are shared among the voters, in blocks of 512 to 4096 bytes.
  for (const std::size_t voters : {3U, 14U, 130U, 257U, 600U})
    for (const std::size_t bytes : {512U, 1536U, 2048U, 4096U, 8192U})
      for (const std::size_t bits : {8 * bytes - 1, 8 * bytes, 8 * bytes + 521})
        if (voters * bits < 6'000'000)
          check_fused(voters, bits, Pattern::Random, {bits % 64, voters % 3});
}

TEST_CASE("fused takes the short first column of rows at every common address", "[core][kernels]") {
  for (std::size_t offset = 0; offset < 64; ++offset)
    check_fused(offset % 2 == 0 ? 4 : 18, 8 * 4096 + offset * 9, Pattern::Random, {offset, 0});
}

TEST_CASE("fused has layers that begin and end anywhere in a byte", "[core][kernels]") {
  const Ballots ballots(6, 700, Pattern::EveryCount, {7, 3});
  const Counts counts = test::counts_of(ballots.all());
  for (std::size_t begin = 0; begin <= 80; ++begin)
    for (const std::size_t length : {0U, 1U, 3U, 7U, 8U, 9U, 64U, 257U, 513U})
      test::for_each_table([&](const Kernels& table) {
        check_fused(table, ballots.all(), counts, {begin, begin + length, begin + length, 700});
      });
}

TEST_CASE("the margin is all votes less twice the mismatches where nobody ties",
          "[core][kernels]") {
  test::for_each_table([](const Kernels& table) {
    for (const std::size_t voters : {5U, 33U, 129U}) {
      const Ballots ballots(voters, 3001, Pattern::Random, {1, 1});
      Outputs outputs(3001, 0);
      std::vector<std::uint64_t> mismatches(voters);
      table.majority(ballots.all(), outputs.all());
      table.count_mismatches(ballots.all(), outputs.majority.data(), nullptr, mismatches.data());
      const auto sum = std::accumulate(mismatches.begin(), mismatches.end(), std::uint64_t{0});
      CHECK(outputs.margin - 100 == voters * 3001 - 2 * sum);
    }
  });
}

TEST_CASE("count_mismatches compares rows with any plane and any mask", "[core][kernels]") {
  for (const std::size_t dimension : {0U, 1U, 9U, 300U, 511U, 2048U, 40'000U, 70'001U, 131'072U})
    for (const std::size_t voters : {1U, 4U, 7U}) {
      const Ballots ballots(voters + 2, dimension, Pattern::Random, {dimension % 64, 11});
      const VoteRows votes = ballots.some(2, voters);
      const std::byte* majority = ballots.all().rows[0];
      for (const std::byte* ties :
           {ballots.all().rows[1], static_cast<const std::byte*>(nullptr)}) {
        const auto expected = test::mismatches_of(votes, majority, ties, kBefore);
        test::for_each_table([&](const Kernels& table) {
          INFO("kernels " << table.name << ", " << dimension << " coordinates");
          std::vector<std::uint64_t> counted(voters, kBefore);
          table.count_mismatches(votes, majority, ties, counted.data());
          CHECK(counted == expected);
        });
      }
    }
}

TEST_CASE("count_differences counts where no mask is set", "[core][kernels]") {
  std::vector<std::size_t> dimensions{511, 512, 513, 4095, 4096, 4097, 32'767, 65'536, 140'003};
  for (std::size_t n = 0; n <= 300; ++n) dimensions.push_back(n);
  for (const std::size_t dimension : dimensions) {
    const Ballots planes(4, dimension, Pattern::Random, {dimension % 64, 17});
    const Ballots opposites(2, dimension, Pattern::Alternating);
    const std::byte* const* p = planes.all().rows;
    const std::byte* const* q = opposites.all().rows;
    test::for_each_table([&](const Kernels& table) {
      INFO("kernels " << table.name << ", " << dimension << " coordinates");
      CHECK(table.count_differences(q[0], q[1], nullptr, nullptr, dimension) == dimension);
      for (const std::byte* mask : {p[2], static_cast<const std::byte*>(nullptr)})
        for (const std::byte* other : {p[3], static_cast<const std::byte*>(nullptr)})
          CHECK(table.count_differences(p[0], p[1], mask, other, dimension) ==
                test::differences_of(p[0], p[1], mask, other, dimension));
    });
  }
}

}  // namespace signet
