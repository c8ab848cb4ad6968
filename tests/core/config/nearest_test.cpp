#include "core/config/nearest.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "core/base/random.hpp"
#include "tests/support/catch.hpp"

namespace signet::config {

namespace nearest_test {

/// The definition, without a table: try every edit at the front.
std::size_t slow_distance(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return a.size() + b.size();
  std::size_t best = slow_distance(a.substr(1), b.substr(1)) + (a[0] == b[0] ? 0 : 1);
  best = std::min(best, slow_distance(a.substr(1), b) + 1);
  best = std::min(best, slow_distance(a, b.substr(1)) + 1);
  if (a.size() > 1 && b.size() > 1 && a[0] == b[1] && a[1] == b[0])
    best = std::min(best, slow_distance(a.substr(2), b.substr(2)) + 1);
  return best;
}

std::string random_word(Rng& rng) {
  std::string word;
  const auto length = rng.below(7);
  for (std::uint64_t i = 0; i < length; ++i) word += static_cast<char>('a' + rng.below(3));
  return word;
}

}  // namespace nearest_test

TEST_CASE("edit_distance is the fewest edits, found the slow way", "[core][config]") {
  Rng rng(7);
  for (int i = 0; i < 300; ++i) {
    const auto a = nearest_test::random_word(rng), b = nearest_test::random_word(rng);
    INFO(a << " and " << b);
    REQUIRE(edit_distance(a, b) == nearest_test::slow_distance(a, b));
  }
  CHECK(edit_distance("gaurded", "guarded") == 1);
}

TEST_CASE("nearest_word finds what was meant and keeps silent about the rest", "[core][config]") {
  const std::vector<std::string> words = {"guarded", "paper", "fixed", "inverse_sqrt"};
  CHECK(nearest_word("gaurded", words) == "guarded");
  CHECK(nearest_word("inverse-sqr", words) == "inverse_sqrt");
  CHECK(nearest_word("Paper", words) == "paper");
  CHECK_FALSE(nearest_word("hypergradient", words));
  CHECK_FALSE(nearest_word("", {}));
  CHECK_FALSE(nearest_word(std::string(100000, 'x'), words));
}

TEST_CASE("nearest_path knows a right name in a wrong or missing table", "[core][config]") {
  const std::vector<std::string> paths = {"name", "data.path", "training.batch",
                                          "training.momentum"};
  CHECK(nearest_path("training.bacth", paths) == "training.batch");
  CHECK(nearest_path("trainig.batch", paths) == "training.batch");
  CHECK(nearest_path("batch", paths) == "training.batch");
  CHECK(nearest_path("optimizer.momentum", paths) == "training.momentum");
  CHECK(nearest_path("nmae", paths) == "name");
  CHECK_FALSE(nearest_path("training.accumulation_steps", paths));
}

}  // namespace signet::config
