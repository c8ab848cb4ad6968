#include "tests/support/synthetic.hpp"

#include <limits>

#include "tests/support/catch.hpp"

namespace signet {
namespace {

/// Share of samples that lie nearest to the mean of their own class.
double nearest_mean_accuracy(const test::Blobs& blobs, std::size_t features, std::size_t classes) {
  std::vector<double> mean(classes * features), count(classes);
  for (std::size_t i = 0; i < blobs.labels.size(); ++i) {
    const auto c = static_cast<std::size_t>(blobs.labels[i]);
    count[c] += 1;
    for (std::size_t f = 0; f < features; ++f)
      mean[c * features + f] += static_cast<double>(blobs.values[i * features + f]);
  }
  std::size_t hits = 0;
  for (std::size_t i = 0; i < blobs.labels.size(); ++i) {
    std::size_t best = 0;
    double nearest = std::numeric_limits<double>::infinity();
    for (std::size_t c = 0; c < classes; ++c) {
      double distance = 0;
      for (std::size_t f = 0; f < features; ++f) {
        const double away =
            static_cast<double>(blobs.values[i * features + f]) - mean[c * features + f] / count[c];
        distance += away * away;
      }
      if (distance < nearest) nearest = distance, best = c;
    }
    hits += best == static_cast<std::size_t>(blobs.labels[i]) ? 1 : 0;
  }
  return static_cast<double>(hits) / static_cast<double>(blobs.labels.size());
}

}  // namespace

TEST_CASE("Blobs are well separated and balanced for any number of features and classes",
          "[core][data][synthetic]") {
  struct Size {
    std::size_t features, classes;
  };
  for (const Size size : {Size{1, 1}, Size{1, 5}, Size{2, 10}, Size{4, 10}, Size{64, 3}}) {
    INFO(size.features << " features, " << size.classes << " classes");
    const test::Blobs blobs = test::draw_blobs(300, size.features, size.classes, 3);
    CHECK(nearest_mean_accuracy(blobs, size.features, size.classes) > 0.97);
    std::vector<std::size_t> counts(size.classes);
    for (const std::int32_t label : blobs.labels) ++counts[static_cast<std::size_t>(label)];
    CHECK(*std::max_element(counts.begin(), counts.end()) ==
          (300 + size.classes - 1) / size.classes);
  }
}

TEST_CASE("Blobs depend on the seed and on nothing else", "[core][data][synthetic]") {
  CHECK(test::draw_blobs(10, 3, 2, 1).values == test::draw_blobs(10, 3, 2, 1).values);
  CHECK(test::draw_blobs(10, 3, 2, 1).values != test::draw_blobs(10, 3, 2, 2).values);
}

}  // namespace signet
