#include "core/vote/sample_weight.hpp"

#include "tests/support/catch.hpp"

namespace signet {

TEST_CASE("a vote weighs by the root of its samples, in halves of a usual vote", "[core][vote]") {
  CHECK(sample_weight(64, 64) == 2);
  CHECK(sample_weight(16, 64) == 1);
  CHECK(sample_weight(144, 64) == 3);
  CHECK(sample_weight(256, 64) == 4);
  CHECK(sample_weight(99, 64) == 2);   // 2 sqrt(1.547) = 2.49
  CHECK(sample_weight(101, 64) == 3);  // 2.51
}

TEST_CASE("no number of samples weighs more than two usual votes or nothing", "[core][vote]") {
  for (const std::uint64_t lie : {std::uint64_t{257}, std::uint64_t{1} << 32, ~std::uint64_t{0}})
    CHECK(sample_weight(lie, 64) == 2 * kSampleWeightUsual);
  CHECK(sample_weight(1, 65'536) == 1);
  CHECK(sample_weight(0, 64) == 1);
}

}  // namespace signet
