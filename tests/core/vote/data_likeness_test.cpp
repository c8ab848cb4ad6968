#include "core/vote/data_likeness.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "core/base/random.hpp"
#include "tests/support/catch.hpp"

namespace signet {

namespace data_likeness_test {

/// Losses around `means` with a scatter of 0.1, of agents whose data hold `samples`.
void run_windows(DataLikeness& likeness, const std::vector<double>& means, std::size_t windows,
                 std::uint64_t seed, std::uint64_t samples = 100'000) {
  Rng rng(seed);
  for (std::size_t round = 0; round < windows * DataLikeness::kWindow; ++round) {
    for (std::size_t j = 0; j < means.size(); ++j)
      likeness.add("agent-" + std::to_string(j), means[j] + 0.1 * rng.normal(), 10, samples);
    likeness.end_round();
  }
}

}  // namespace data_likeness_test

using data_likeness_test::run_windows;

TEST_CASE("losses of one mean are data of one kind, whatever the seed", "[core][vote]") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    DataLikeness likeness;
    run_windows(likeness, std::vector<double>(10, 0.5), 4, seed);
    REQUIRE(likeness.ratio());
    CHECK(*likeness.ratio() < DataLikeness::kUnequal);
    CHECK_FALSE(likeness.unequal());
  }
}

TEST_CASE("the ratio is that of an analysis of variance", "[core][vote]") {
  DataLikeness likeness;
  const std::vector<double> means{1, 2, 4};
  double within = 0;
  for (std::size_t round = 0; round < DataLikeness::kWindow; ++round) {
    const double off = round % 2 == 0 ? 0.3 : -0.3;
    for (std::size_t j = 0; j < means.size(); ++j)
      likeness.add(std::string(1, static_cast<char>('a' + static_cast<int>(j))), means[j] + off, 1,
                   1'000'000);
    within += off * off;
    likeness.end_round();
  }
  const double n = static_cast<double>(DataLikeness::kWindow);
  const double between = 7.0 / 3;  // variance of 1, 2, 4
  REQUIRE(likeness.ratio());
  CHECK(*likeness.ratio() == Approx(between / (within / (n - 1) / n)));
}

TEST_CASE("losses that stay apart are unequal data, after two windows", "[core][vote]") {
  DataLikeness likeness;
  const std::vector<double> means{0.3, 0.5, 0.7, 0.5};
  CHECK_FALSE(likeness.ratio());
  run_windows(likeness, means, 1, 1);
  CHECK(likeness.ratio().value_or(0) > DataLikeness::kUnequal);
  CHECK_FALSE(likeness.unequal());
  run_windows(likeness, means, 1, 2);
  CHECK(likeness.unequal());
}

TEST_CASE("agents with few samples may differ by the chance of which these are", "[core][vote]") {
  // 20 samples in batches of 10 are two draws; fifty of them say no more.
  Rng rng(4);
  std::vector<double> means;
  for (int j = 0; j < 10; ++j) means.push_back(0.5 + 0.1 / std::sqrt(2.0) * rng.normal());
  DataLikeness few, many;
  run_windows(few, means, 2, 5, 20);
  run_windows(many, means, 2, 5, 100'000);
  CHECK_FALSE(few.unequal());
  CHECK(many.unequal());
}

TEST_CASE("two voters tell nothing", "[core][vote]") {
  DataLikeness likeness;
  run_windows(likeness, {0.1, 0.9}, 3, 1);
  CHECK_FALSE(likeness.ratio());
  CHECK_FALSE(likeness.unequal());
}

}  // namespace signet
