#include <cmath>
#include <limits>

#include "core/base/random.hpp"
#include "core/data/dataset.hpp"
#include "tests/core/data/data_files.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/synthetic.hpp"

namespace signet {
namespace {

using test::check_fails;
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// Mean and population variance in long double, straight from their definitions.
struct SlowMoments {
  double mean, variance;
};
template <typename T>
SlowMoments moments_slowly(const std::vector<T>& values, std::size_t first, std::size_t step) {
  long double sum = 0, squares = 0, count = 0;
  for (std::size_t i = first; i < values.size(); i += step) sum += values[i], count += 1;
  for (std::size_t i = first; i < values.size(); i += step) {
    const long double away = static_cast<long double>(values[i]) - sum / count;
    squares += away * away;
  }
  return {static_cast<double>(sum / count), static_cast<double>(squares / count)};
}

template <typename T>
void check_summary(const std::vector<T>& values, std::size_t features) {
  const Dataset data({features}, values, {}, {});
  const DataSummary all = data.summarise(1), each = data.summarise(features);
  const SlowMoments expected = moments_slowly(values, 0, 1);
  CHECK(all.samples == values.size() / features);
  REQUIRE(all.mean.size() == 1);
  CHECK(all.mean[0] == Approx(expected.mean).epsilon(1e-12));
  CHECK(all.variance[0] == Approx(expected.variance).epsilon(1e-10));
  REQUIRE(each.mean.size() == features);
  for (std::size_t f = 0; f < features; ++f) {
    const SlowMoments one = moments_slowly(values, f, features);
    CHECK(each.mean[f] == Approx(one.mean).epsilon(1e-12));
    CHECK(each.variance[f] == Approx(one.variance).epsilon(1e-10));
  }
}

}  // namespace

TEST_CASE("summarise is the mean and the population variance", "[core][data][summary]") {
  Rng rng(7);
  std::vector<std::uint8_t> bytes(5 * 101);
  for (auto& b : bytes) b = static_cast<std::uint8_t>(rng.below(256));
  check_summary(bytes, 5);
  check_summary(std::vector<std::uint8_t>(12, 255), 3);
  check_summary(std::vector<std::uint8_t>{255, 255, 255, 254}, 1);
  std::vector<float> floats(5 * 101);
  for (auto& value : floats) value = 1e4F + static_cast<float>(rng.normal());
  check_summary(floats, 5);
}

TEST_CASE("summarise of a constant has a variance of exactly 0", "[core][data][summary]") {
  const Dataset bytes({1}, std::vector<std::uint8_t>(1001, 77), {}, {});
  CHECK(bytes.summarise(1).mean[0] == 77);
  CHECK(bytes.summarise(1).variance[0] == 0);
  const Dataset floats({1}, std::vector<float>(1024, 0.1F), {}, {});
  CHECK(floats.summarise(1).variance[0] == Approx(0).margin(1e-30));
}

TEST_CASE("summarise leaves missing features out", "[core][data][summary]") {
  const Dataset data({2}, std::vector<float>{1, kNan, 3, 10, kNan, 20}, {}, {});
  const DataSummary each = data.summarise(2), all = data.summarise(1);
  CHECK(each.samples == 3);
  CHECK(each.mean == std::vector<double>{2, 15});
  CHECK(each.variance == std::vector<double>{1, 25});
  CHECK(all.mean[0] == Approx(8.5));
}

TEST_CASE("summarise marks a feature without any value as not a number", "[core][data][summary]") {
  const Dataset data({2}, std::vector<float>{1, kNan, 3, kNan}, {}, {});
  const DataSummary each = data.summarise(2);
  CHECK(each.mean[0] == 2);
  CHECK(std::isnan(each.mean[1]));
  CHECK(std::isnan(each.variance[1]));
  const Dataset empty({2}, std::vector<std::uint8_t>{}, {}, {});
  CHECK(empty.summarise(2).samples == 0);
  CHECK(std::isnan(empty.summarise(2).mean.at(1)));
}

TEST_CASE("summarise without entries counts the samples", "[core][data][summary]") {
  const DataSummary none = test::make_blobs(12, 3, 2, 1).summarise(0);
  CHECK(none.samples == 12);
  CHECK(none.mean.empty());
  CHECK(none.variance.empty());
}

TEST_CASE("pool of the shards' summaries is the summary of the whole", "[core][data][summary]") {
  const Dataset data = test::make_blobs(103, 6, 3, 5);
  for (const std::size_t entries : {1U, 6U}) {
    const DataSummary whole = data.summarise(entries);
    std::vector<DataSummary> parts;
    for (std::size_t s = 0; s < 7; ++s) parts.push_back(data.shard(s, 7).summarise(entries));
    parts.push_back(data.shard(103, 104).summarise(entries));  // empty
    const auto pooled = pool(parts);
    REQUIRE(pooled);
    CHECK(pooled->samples == 103);
    for (std::size_t e = 0; e < entries; ++e) {
      CHECK(pooled->mean[e] == Approx(whole.mean[e]).epsilon(1e-12));
      CHECK(pooled->variance[e] == Approx(whole.variance[e]).epsilon(1e-12));
    }
  }
}

TEST_CASE("pool counts samples when there is nothing to normalise", "[core][data][summary]") {
  const auto pooled = pool(std::vector<DataSummary>{{3, {}, {}}, {4, {}, {}}});
  REQUIRE(pooled);
  CHECK(pooled->samples == 7);
  CHECK(pooled->mean.empty());
}

TEST_CASE("pool of one summary is that summary", "[core][data][summary]") {
  const DataSummary one{5, {1.5, -2}, {0.25, 9}};
  const auto pooled = pool(std::vector<DataSummary>{one});
  REQUIRE(pooled);
  CHECK(*pooled == one);
}

TEST_CASE("pool ignores what a summary without samples claims", "[core][data][summary]") {
  const auto pooled = pool(std::vector<DataSummary>{{0, {9}, {9}}, {2, {1}, {4}}, {0, {7}, {7}}});
  REQUIRE(pooled);
  CHECK(*pooled == DataSummary{2, {1}, {4}});
}

TEST_CASE("pool leaves an entry out where an agent has no value of it", "[core][data][summary]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  const auto pooled = pool(std::vector<DataSummary>{{5, {1, nan, nan}, {2, nan, nan}},
                                                    {5, {3, 7, nan}, {2, 1, nan}},
                                                    {5, {2, 7, inf}, {2, 1, 1}}});
  REQUIRE(pooled);
  CHECK(pooled->samples == 15);
  CHECK(pooled->mean[0] == Approx(2));
  CHECK(pooled->mean[1] == 7);
  CHECK(pooled->variance[1] == 1);
  CHECK(std::isnan(pooled->mean[2]));
}

TEST_CASE("pool refuses summaries that do not fit together", "[core][data][summary]") {
  check_fails(pool(std::vector<DataSummary>{{1, {0}, {1}}, {1, {0, 0}, {1, 1}}}),
              ErrorKind::Mismatch, {"summary 1", "2 entries", "summary 0 has 1"});
  check_fails(pool(std::vector<DataSummary>{{1, {0, 1}, {1}}}), ErrorKind::Mismatch,
              {"summary 0", "2 means", "1 variances"});
  check_fails(pool(std::vector<DataSummary>{{0, {0}, {0}}, {0, {0}, {0}}}), ErrorKind::Mismatch,
              {"none of 2", "samples"});
  check_fails(pool({}), ErrorKind::Mismatch, {"none of 0"});
  check_fails(pool(std::vector<DataSummary>{{~0ULL, {0}, {0}}, {2, {0}, {0}}}), ErrorKind::Mismatch,
              {"summary 1", "2 samples"});
}

TEST_CASE("normalisation_from takes the root of the variance", "[core][data][summary]") {
  const Normalisation made = normalisation_from({4, {10, -3}, {4, 0.25}});
  CHECK(made.mean == std::vector<float>{10, -3});
  CHECK(made.deviation == std::vector<float>{2, 0.5F});
  CHECK(normalisation_from({4, {}, {}}).mean.empty());
}

TEST_CASE("normalisation_from never gives a deviation of 0 or a value that is not finite",
          "[core][data][summary]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  const std::vector<double> strange = {0, -1, nan, inf, 1e-300, 1e300};
  const Normalisation made = normalisation_from({4, {nan, inf, 1e300, 5, -inf, -1e39}, strange});
  CHECK(made.mean == std::vector<float>{0, 0, 0, 5, 0, 0});
  CHECK(made.deviation == std::vector<float>{1, 1, 1, 1, 1, 1});
}

TEST_CASE("Data normalised by their own summary have mean 0 and deviation 1",
          "[core][data][summary]") {
  const Dataset data = test::make_blobs(200, 4, 3, 8);
  const Normalisation normalisation = normalisation_from(data.summarise(4));
  std::vector<std::size_t> indices(200);
  for (std::size_t i = 0; i < 200; ++i) indices[i] = i;
  Batch batch;
  data.gather(indices, normalisation, batch);
  for (std::size_t f = 0; f < 4; ++f) {
    const SlowMoments now = moments_slowly(batch.features, f, 4);
    CHECK(now.mean == Approx(0).margin(1e-5));
    CHECK(now.variance == Approx(1).epsilon(1e-5));
  }
}

}  // namespace signet
