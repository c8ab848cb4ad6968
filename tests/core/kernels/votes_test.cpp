#include "tests/core/kernels/slow_votes.hpp"

namespace signet {

namespace {

using test::Addresses;
using test::Answer;
using test::Ballots;
using test::Outputs;
using test::Pattern;

void check_majority(const Kernels& table, const VoteRows& votes, const Answer& answer,
                    std::size_t offset) {
  INFO("kernels " << table.name << ", " << votes.voters << " voters, " << votes.dimension
                  << " coordinates, outcome at " << offset);
  Outputs with_margin(votes.dimension, offset), without(votes.dimension, offset + 1);
  table.majority(votes, with_margin.all());
  with_margin.check(answer, votes.voters);
  Outcome planes = without.all();
  planes.margin = nullptr;
  table.majority(votes, planes);
  without.check(answer, votes.voters, false);
}

void check_majority(std::size_t voters, std::size_t dimension, Pattern pattern,
                    Addresses where = {0, 13}) {
  INFO("pattern " << static_cast<int>(pattern) << ", rows at " << where.offset << " + "
                  << where.step << " r");
  const Ballots ballots(voters, dimension, pattern, where);
  const Answer answer(test::counts_of(ballots.all()), voters);
  test::for_each_table([&](const Kernels& table) {
    check_majority(table, ballots.all(), answer, where.offset + dimension);
  });
}

}  // namespace

TEST_CASE("majority is the count of bits at every length up to 300", "[core][kernels]") {
  for (const std::size_t voters : {1U, 2U, 3U, 4U, 7U, 8U, 15U, 16U, 17U, 31U, 64U})
    for (std::size_t dimension = 0; dimension <= 300; ++dimension)
      check_majority(voters, dimension, test::pattern_of(voters + dimension));
}

TEST_CASE("majority is the count of bits for 1 to 257 and 1000 voters", "[core][kernels]") {
  std::vector<std::size_t> numbers{300, 511, 512, 513, 1000, 1022, 1023, 1024, 1025};
  for (std::size_t voters = 1; voters <= 257; ++voters) numbers.push_back(voters);
  for (const std::size_t voters : numbers) {
    // Two whole vectors of the widest table and a part of one.
    check_majority(voters, 1024 + voters % 97, Pattern::EveryCount);
    check_majority(voters, 512 + voters % 301, Pattern::Random, {voters % 64, 0});
  }
}

TEST_CASE("majority holds for adversarial votes", "[core][kernels]") {
  for (const std::size_t voters : {2U, 3U, 12U, 15U, 16U, 30U, 33U, 63U, 64U, 100U, 255U})
    for (std::size_t pattern = 0; pattern < test::kPatternsCount; ++pattern)
      check_majority(voters, 1101, test::pattern_of(pattern));
}

TEST_CASE("majority does not depend on the addresses of rows and outcome", "[core][kernels]") {
  for (const std::size_t voters : {3U, 16U, 20U, 49U})
    for (std::size_t offset = 0; offset < 64; ++offset)
      for (const std::size_t step : {0U, 1U, 2U}) {
        const Ballots ballots(voters, 1101, Pattern::Random, {offset, step});
        const Answer answer(test::counts_of(ballots.all()), voters);
        test::for_each_table([&](const Kernels& table) {
          check_majority(table, ballots.all(), answer, (offset * 11 + step) % 64);
        });
      }
}

// From 4096 bytes on, rows at one address modulo 64 have a short first column.
TEST_CASE("majority takes the short first column of rows at every common address",
          "[core][kernels]") {
  for (std::size_t offset = 0; offset < 64; ++offset) {
    const std::size_t voters = offset % 3 == 0 ? 6 : offset % 3 == 1 ? 19 : 3;
    check_majority(voters, 8 * 4096 + offset * 9, Pattern::Random, {offset, 0});
  }
}

TEST_CASE("majority holds around the sizes of blocks", "[core][kernels]") {
  for (const std::size_t bytes : {512U, 4096U, 8192U, 16384U})
    for (const std::size_t bits :
         {8 * bytes - 65, 8 * bytes - 1, 8 * bytes, 8 * bytes + 1, 8 * bytes + 7, 8 * bytes + 519})
      for (const std::size_t voters : {4U, 16U, 33U}) {
        check_majority(voters, bits, Pattern::Random, {bits % 64, 0});
        check_majority(voters, bits, Pattern::EveryCount, {bits % 64, 7});
      }
}

TEST_CASE("majority of more voters than planes in registers goes by blocks", "[core][kernels]") {
  for (const std::size_t voters : {1024U, 1031U, 1041U, 2048U}) {
    check_majority(voters, 600, Pattern::EveryCount);
    check_majority(voters, 8 * 8192 + 1000, Pattern::Random, {5, 0});
  }
  check_majority(65'535, 130, Pattern::EveryCount);
  check_majority(65'534, 1040, Pattern::Half);
}

TEST_CASE("majority leaves out a tie plane that is not wanted", "[core][kernels]") {
  for (const std::size_t voters : {2U, 8U, 16U, 18U, 64U, 1024U}) {
    const Ballots ballots(voters, 1101, Pattern::EveryCount, {3, 1});
    const Answer answer(test::counts_of(ballots.all()), voters);
    test::for_each_table([&](const Kernels& table) {
      INFO("kernels " << table.name << ", " << voters << " voters");
      for (const bool with_margin : {false, true}) {
        Outputs outputs(1101, 9);
        table.majority(ballots.all(),
                       {outputs.majority.data(), nullptr, with_margin ? &outputs.margin : nullptr});
        CHECK(outputs.majority.holds(answer.majority));
        CHECK(outputs.margin == 100 + (with_margin ? answer.margin : 0));
      }
    });
  }
}

}  // namespace signet
