#include "core/data/batch.hpp"

#include "tests/support/catch.hpp"

namespace signet {

TEST_CASE("A slice of a batch holds the rows of its samples and nothing else", "[core][data]") {
  Batch batch;
  batch.size = 4;
  batch.features = {0, 1, 10, 11, 20, 21, 30, 31};
  batch.labels = {5, 6, 7, 8};
  batch.targets = {0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3};
  const BatchView part = batch.view().slice(1, 2);
  CHECK(part.size == 2);
  CHECK(std::vector<float>(part.features.begin(), part.features.end()) ==
        std::vector<float>{10, 11, 20, 21});
  CHECK(std::vector<std::int32_t>(part.labels.begin(), part.labels.end()) ==
        std::vector<std::int32_t>{6, 7});
  CHECK(std::vector<float>(part.targets.begin(), part.targets.end()) ==
        std::vector<float>{1, 1, 1, 2, 2, 2});
}

TEST_CASE("A slice of a batch without labels or targets has none either", "[core][data]") {
  Batch batch;
  batch.size = 2;
  batch.features = {1, 2};
  const BatchView part = batch.view().slice(1, 1);
  CHECK(part.features[0] == 2);
  CHECK(part.labels.empty());
  CHECK(part.targets.empty());
}

TEST_CASE("An empty slice is allowed anywhere in a batch, also of an empty one", "[core][data]") {
  Batch batch;
  CHECK(batch.view().slice(0, 0).size == 0);
  batch.size = 1;
  batch.features = {1};
  CHECK(batch.view().slice(1, 0).features.empty());
  CHECK(batch.view().slice(0, 0).features.empty());
}

}  // namespace signet
