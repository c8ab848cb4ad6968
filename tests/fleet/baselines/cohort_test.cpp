#include "fleet/baselines/cohort.hpp"

#include <map>

#include "tests/fleet/baselines/slow_agents.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace {

/// Large means that cancel each other: what is left of their pool tells one order from another.
std::vector<Dataset> shards_that_cancel(std::size_t agents) {
  Rng rng(1);
  std::vector<Dataset> shards;
  float large = 0;
  for (std::size_t i = 0; i < agents; ++i) {
    large = i % 2 == 0 ? 1e12F * (1 + rng.uniform()) : -large;
    std::vector<float> features(2 * test::kSmallFeatures, i + 2 < agents ? large : 1.0F);
    shards.emplace_back(std::vector<std::size_t>{test::kSmallFeatures}, std::move(features),
                        std::vector<std::int32_t>{0, 1}, std::vector<float>{});
  }
  return shards;
}

}  // namespace

TEST_CASE("a cohort normalises as the coordinator does, in the order of names",
          "[fleet][baselines]") {
  const Job job = test::small_job();
  const auto shards = shards_that_cancel(12);
  std::map<std::string, DataSummary> by_name;
  for (std::size_t i = 0; i < shards.size(); ++i)
    by_name["agent-" + std::to_string(i)] = shards[i].summarise(test::kSmallFeatures);
  std::vector<DataSummary> named, numbered;
  for (const auto& [name, summary] : by_name) named.push_back(summary);
  for (const Dataset& shard : shards) numbered.push_back(shard.summarise(test::kSmallFeatures));
  const Normalisation expected = normalisation_from(*pool(named));
  REQUIRE_FALSE(normalisation_from(*pool(numbered)) == expected);  // so that the order is seen
  const auto cohort = Cohort::create(job, shards, {}, 1);
  REQUIRE(cohort);
  CHECK(cohort->normalisation() == expected);
}

TEST_CASE("a cohort weighs its agents by their samples", "[fleet][baselines]") {
  const auto cohort = Cohort::create(test::small_job(), test::unequal_shards(), {3, 8, 20}, 1);
  REQUIRE(cohort);
  CHECK(cohort->weight(0) == Approx(7.0 / 127));
  CHECK(cohort->weight(1) == Approx(30.0 / 127));
  CHECK(cohort->weight(2) == Approx(90.0 / 127));
  CHECK(cohort->batch_samples() == 31);
}

}  // namespace signet
