#include "fleet/pool.hpp"

#include <atomic>

#include "fleet/baselines/ordered_vectors.hpp"
#include "tests/support/catch.hpp"

namespace signet {

TEST_CASE("a pool calls its body once for every item, each worker one at a time", "[fleet][pool]") {
  for (const std::size_t threads : {1U, 2U, 5U}) {
    Pool pool(threads);
    CHECK(pool.threads() == threads);
    for (const std::size_t items : {0U, 1U, 3U, 1000U}) {
      std::vector<int> calls(items, 0);
      std::vector<std::atomic<int>> inside(threads);
      std::atomic<bool> clash = false;
      pool.run(items, [&](std::size_t item, std::size_t worker) {
        if (inside.at(worker).fetch_add(1) != 0) clash = true;
        ++calls[item];
        inside[worker].fetch_sub(1);
      });
      CHECK(calls == std::vector<int>(items, 1));
      CHECK_FALSE(clash);
    }
  }
}

TEST_CASE("a pool's loops see what the loops before them wrote", "[fleet][pool]") {
  Pool pool(4);
  std::vector<std::size_t> values(64, 0);
  for (std::size_t round = 0; round < 200; ++round)
    pool.run(values.size(), [&](std::size_t item, std::size_t /*worker*/) {
      values[(item + round) % values.size()] += 1;
    });
  CHECK(values == std::vector<std::size_t>(64, 200));
}

TEST_CASE("vectors made in parallel are taken in the order of the items", "[fleet][pool]") {
  constexpr std::size_t dimension = 40'000, items = 23;  // some blocks, some groups
  for (const std::size_t threads : {1U, 3U}) {
    Pool pool(threads);
    OrderedVectors vectors(pool, dimension);
    std::vector<std::size_t> next(dimension, 0);
    vectors.run(
        items,
        [](std::size_t item, std::size_t /*worker*/, std::span<float> vector) {
          for (std::size_t i = 0; i < vector.size(); ++i)
            vector[i] = static_cast<float>(100 * item + i % 7);
        },
        [&](std::size_t item, std::size_t first, std::span<const float> part) {
          for (std::size_t i = first; i < first + part.size(); ++i) {
            const auto expected = static_cast<float>(100 * item + i % 7);
            if (next[i] == item && part[i - first] == expected) ++next[i];
          }
        });
    CHECK(next == std::vector<std::size_t>(dimension, items));
  }
}

}  // namespace signet
