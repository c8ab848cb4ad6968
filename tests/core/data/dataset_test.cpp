#include "core/data/dataset.hpp"

#include <cmath>
#include <limits>
#include <numeric>

#include "core/base/random.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/synthetic.hpp"

namespace signet {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

Dataset random_bytes(std::size_t samples, std::size_t features, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<std::uint8_t> values(samples * features);
  for (auto& value : values) value = static_cast<std::uint8_t>(rng.below(256));
  std::vector<std::int32_t> labels(samples);
  std::iota(labels.begin(), labels.end(), 0);
  return Dataset({features}, std::move(values), std::move(labels), {});
}

/// Raw value `f` of sample `i`, by way of a gather that changes nothing.
float raw_value(const Dataset& data, std::size_t i, std::size_t f) {
  Batch batch;
  data.gather(std::vector<std::size_t>{i}, {}, batch);
  return batch.features[f];
}

}  // namespace

TEST_CASE("gather subtracts the mean and divides by the deviation of each feature",
          "[core][data][dataset]") {
  for (const std::size_t features : {1U, 2U, 255U, 256U, 257U, 784U}) {
    INFO("features " << features);
    const Dataset data = random_bytes(9, features, features);
    for (const std::size_t entries : {std::size_t{0}, std::size_t{1}, features}) {
      Normalisation normalisation;
      for (std::size_t e = 0; e < entries; ++e) {
        normalisation.mean.push_back(100.0F + static_cast<float>(e % 50));
        normalisation.deviation.push_back(0.5F + static_cast<float>(e % 7));
      }
      const std::vector<std::size_t> indices = {8, 0, 3, 3};
      Batch batch;
      data.gather(indices, normalisation, batch);
      REQUIRE(batch.size == 4);
      REQUIRE(batch.features.size() == 4 * features);
      CHECK(batch.labels == std::vector<std::int32_t>{8, 0, 3, 3});
      CHECK(batch.targets.empty());
      bool equal = true;
      for (std::size_t row = 0; row < 4; ++row)
        for (std::size_t f = 0; f < features; ++f) {
          double expected = raw_value(data, indices[row], f);
          if (entries > 0) {
            const std::size_t e = entries == 1 ? 0 : f;
            expected = (expected - normalisation.mean[e]) / normalisation.deviation[e];
          }
          equal = equal && std::abs(batch.features[row * features + f] - expected) < 1e-4;
        }
      CHECK(equal);
    }
  }
}

TEST_CASE("gather of floats agrees with gather of the same bytes", "[core][data][dataset]") {
  const Dataset bytes = random_bytes(5, 300, 4);
  const std::vector<std::size_t> all = {0, 1, 2, 3, 4};
  const Normalisation normalisation{{127.5F}, {73.0F}};
  Batch raw, from_bytes, from_floats;
  bytes.gather(all, {}, raw);
  const Dataset floats({300}, raw.features, {}, {});
  bytes.gather(all, normalisation, from_bytes);
  floats.gather(all, normalisation, from_floats);
  CHECK(from_bytes.features == from_floats.features);
}

TEST_CASE("gather puts the mean in the place of a missing feature", "[core][data][dataset]") {
  const Dataset data({2}, std::vector<float>{kMissing, 4, 3, kMissing}, {}, {});
  Batch batch;
  data.gather(std::vector<std::size_t>{0, 1}, {{1, 2}, {2, 2}}, batch);
  CHECK(batch.features == std::vector<float>{0, 1, 1, 0});
  data.gather(std::vector<std::size_t>{0}, {}, batch);
  CHECK(batch.features == std::vector<float>{0, 4});
}

TEST_CASE("gather copies all targets of a sample", "[core][data][dataset]") {
  const Dataset data({1}, std::vector<float>{1, 2, 3}, {}, {10, 11, 20, 21, 30, 31});
  CHECK(data.targets_count() == 2);
  Batch batch;
  data.gather(std::vector<std::size_t>{2, 0}, {}, batch);
  CHECK(batch.targets == std::vector<float>{30, 31, 10, 11});
  CHECK(batch.labels.empty());
}

TEST_CASE("gather into a batch that was larger leaves nothing of it", "[core][data][dataset]") {
  const Dataset data = random_bytes(6, 4, 1);
  Batch batch;
  data.gather(std::vector<std::size_t>{0, 1, 2, 3, 4, 5}, {}, batch);
  const float* memory = batch.features.data();
  data.gather(std::vector<std::size_t>{5}, {}, batch);
  CHECK(batch.size == 1);
  CHECK(batch.features.size() == 4);
  CHECK(batch.labels == std::vector<std::int32_t>{5});
  CHECK(batch.features.data() == memory);
  data.gather({}, {}, batch);
  CHECK(batch.size == 0);
  CHECK(batch.features.empty());
}

TEST_CASE("The shards of a data set are disjoint and together the whole", "[core][data][dataset]") {
  const Dataset data = random_bytes(11, 3, 2);
  std::vector<int> seen(11, 0);
  for (std::size_t first = 0; first < 4; ++first) {
    const Dataset shard = data.shard(first, 4);
    CHECK(shard.sample_shape() == data.sample_shape());
    for (std::size_t i = 0; i < shard.size(); ++i) {
      const auto original = static_cast<std::size_t>(shard.labels()[i]);
      CHECK(original == first + 4 * i);
      CHECK(raw_value(shard, i, 2) == raw_value(data, original, 2));
      ++seen[original];
    }
  }
  CHECK(seen == std::vector<int>(11, 1));
}

TEST_CASE("A shard keeps the targets of its samples", "[core][data][dataset]") {
  const Dataset data({1}, std::vector<float>{1, 2, 3}, {}, {10, 11, 20, 21, 30, 31});
  const Dataset shard = data.shard(1, 2);
  CHECK(shard.size() == 1);
  CHECK(shard.targets_count() == 2);
  Batch batch;
  shard.gather(std::vector<std::size_t>{0}, {}, batch);
  CHECK(batch.targets == std::vector<float>{20, 21});
}

TEST_CASE("A shard beyond the last sample is empty", "[core][data][dataset]") {
  const Dataset data = random_bytes(3, 2, 2);
  CHECK(data.shard(2, 5).size() == 1);
  const Dataset empty = data.shard(4, 5);
  CHECK(empty.size() == 0);
  CHECK(empty.features_count() == 2);
  CHECK(empty.targets_count() == 0);
  CHECK(data.shard(1, std::numeric_limits<std::size_t>::max()).size() == 1);
}

TEST_CASE("A data set gives a copy of the samples that are picked, in that order",
          "[core][data][dataset]") {
  const Dataset data({1}, std::vector<float>{1, 2, 3}, {7, 8, 9}, {10, 11, 20, 21, 30, 31});
  const Dataset picked = data.pick(std::vector<std::size_t>{2, 0, 2});
  REQUIRE(picked.size() == 3);
  CHECK(std::vector<std::int32_t>(picked.labels().begin(), picked.labels().end()) ==
        std::vector<std::int32_t>{9, 7, 9});
  Batch batch;
  picked.gather(std::vector<std::size_t>{0, 1, 2}, {}, batch);
  CHECK(batch.features == std::vector<float>{3, 1, 3});
  CHECK(batch.targets == std::vector<float>{30, 31, 10, 11, 30, 31});
  CHECK(data.pick({}).size() == 0);
}

TEST_CASE("A data set knows its shape", "[core][data][dataset]") {
  const Dataset data({2, 3}, std::vector<std::uint8_t>(12), {0, 1}, {});
  CHECK(data.size() == 2);
  CHECK(data.features_count() == 6);
  CHECK(data.sample_shape() == std::vector<std::size_t>{2, 3});
  CHECK(data.targets_count() == 0);
}

}  // namespace signet
