#include "fleet/split.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/random.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace {

/// Samples with `classes` labels in turn, whose one feature is their number.
Dataset numbered(std::size_t samples, std::size_t classes) {
  std::vector<float> features(samples);
  std::iota(features.begin(), features.end(), 0.0F);
  std::vector<std::int32_t> labels(samples);
  for (std::size_t i = 0; i < samples; ++i) labels[i] = static_cast<std::int32_t>(i % classes);
  return Dataset({1}, std::move(features), std::move(labels), {});
}

/// Numbers of the samples of a shard.
std::vector<std::size_t> numbers_of(const Dataset& shard) {
  std::vector<std::size_t> all(shard.size()), numbers;
  std::iota(all.begin(), all.end(), std::size_t{0});
  Batch batch;
  shard.gather(all, {}, batch);
  for (const float value : batch.features) numbers.push_back(static_cast<std::size_t>(value));
  return numbers;
}

std::vector<std::vector<std::size_t>> dealt(const Dataset& all, const std::string& spec,
                                            std::size_t agents, std::uint64_t seed) {
  const auto shards = split(all, *parse_split(spec), agents, seed);
  REQUIRE(shards);
  REQUIRE(shards->size() == agents);
  std::vector<std::vector<std::size_t>> numbers;
  for (const Dataset& shard : *shards) numbers.push_back(numbers_of(shard));
  return numbers;
}

/// How many samples of `label` are among `numbers`.
std::size_t count_of(const std::vector<std::size_t>& numbers, std::size_t label,
                     std::size_t classes) {
  return static_cast<std::size_t>(std::ranges::count_if(
      numbers, [&](std::size_t number) { return number % classes == label; }));
}

std::string split_error(const Dataset& all, const std::string& spec, std::size_t agents) {
  const auto shards = split(all, *parse_split(spec), agents, 1);
  REQUIRE_FALSE(shards);
  CHECK(shards.error().kind == ErrorKind::Mismatch);
  return shards.error().message;
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a split is read from its text and written back", "[fleet][split]") {
  CHECK(parse_split("equal")->kind == SplitKind::Equal);
  CHECK(*parse_split("dirichlet:0.1") == SplitSpec{SplitKind::Dirichlet, 0.1, 1});
  CHECK(*parse_split("classes:2") == SplitSpec{SplitKind::Classes, 0.5, 2});
  for (const std::string text : {"equal", "dirichlet:0.1", "dirichlet:0.5", "classes:1"})
    CHECK(to_text(*parse_split(text)) == text);
}

TEST_CASE("a split that is none is refused with all that is allowed", "[fleet][split]") {
  for (const std::string text : {"",
                                 "equals",
                                 "equal:",
                                 "equal:1",
                                 "dirichlet",
                                 "dirichlet:",
                                 "dirichlet:0",
                                 "dirichlet:-1",
                                 "dirichlet:nan",
                                 "dirichlet:inf",
                                 "dirichlet:1e-310",
                                 "dirichlet:9e-7",
                                 "dirichlet:1e7",
                                 "dirichlet:0.1x",
                                 "classes:",
                                 "classes:0",
                                 "classes:-1",
                                 "classes:1.5",
                                 "classes:65537",
                                 "class:1"}) {
    INFO(text);
    const auto spec = parse_split(text);
    REQUIRE_FALSE(spec);
    CHECK(spec.error().kind == ErrorKind::Malformed);
    for (const char* part : {"equal,", "dirichlet:ALPHA", "classes:COUNT"})
      CHECK(says(spec.error().message, part));
    CHECK(says(spec.error().message, "'" + text + "'"));
  }
}

TEST_CASE("every split gives every sample to exactly one agent", "[fleet][split]") {
  constexpr std::size_t samples = 1003, classes = 10;
  const Dataset all = numbered(samples, classes);
  for (const std::string spec : {"equal", "dirichlet:1e-6", "dirichlet:0.001", "dirichlet:0.1",
                                 "dirichlet:100", "classes:1", "classes:3"})
    for (const std::size_t agents : {10U, 32U}) {
      INFO(spec << ", " << agents << " agents");
      std::vector<int> seen(samples, 0);
      for (const auto& numbers : dealt(all, spec, agents, 5)) {
        CHECK_FALSE(numbers.empty());
        CHECK(std::ranges::is_sorted(numbers));
        for (const std::size_t number : numbers) ++seen[number];
      }
      CHECK(seen == std::vector<int>(samples, 1));
    }
}

TEST_CASE("the equal split is that of the shards of the agents", "[fleet][split]") {
  const Dataset all = numbered(103, 10);
  const auto numbers = dealt(all, "equal", 4, 7);
  for (std::size_t i = 0; i < 4; ++i) CHECK(numbers[i] == numbers_of(all.shard(i, 4)));
}

TEST_CASE("a split is a pure function of its seed", "[fleet][split]") {
  const Dataset all = numbered(1000, 10);
  for (const std::string spec : {"dirichlet:0.5", "classes:1"}) {
    CHECK(dealt(all, spec, 10, 1) == dealt(all, spec, 10, 1));
    CHECK(dealt(all, spec, 10, 1) != dealt(all, spec, 10, 2));
  }
}

// Of Dir(alpha, ..., alpha) over M agents every share has mean 1 / M and variance
// (M - 1) / (M^2 (M alpha + 1)).
TEST_CASE("Dirichlet shares have the mean and variance of their distribution", "[fleet][split]") {
  constexpr std::size_t classes = 200, per_class = 500, agents = 8;
  const Dataset all = numbered(classes * per_class, classes);
  for (const double alpha : {0.1, 0.5, 1.0, 10.0}) {
    INFO("alpha " << alpha);
    const auto numbers = dealt(all, to_text({SplitKind::Dirichlet, alpha, 1}), agents, 3);
    double squares = 0;
    for (const auto& agent : numbers) {
      double sum = 0;
      for (std::size_t label = 0; label < classes; ++label) {
        const double share =
            static_cast<double>(count_of(agent, label, classes)) / double{per_class};
        sum += share;
        squares += (share - 1.0 / agents) * (share - 1.0 / agents);
      }
      // The standard error of the mean over 200 classes is at most 0.33 / sqrt(200 * 1.8) = 0.018.
      CHECK(sum / classes == Approx(1.0 / agents).margin(0.06));
    }
    const double expected = (agents - 1.0) / (agents * agents * (agents * alpha + 1));
    CHECK(squares / (classes * agents) == Approx(expected).epsilon(0.15));
  }
}

TEST_CASE("the smaller alpha, the fewer agents share a class", "[fleet][split]") {
  constexpr std::size_t classes = 10, agents = 10;
  const Dataset all = numbered(10'000, classes);
  double before = 0;
  for (const std::string spec : {"dirichlet:100", "dirichlet:0.5", "dirichlet:0.1"}) {
    const auto numbers = dealt(all, spec, agents, 11);
    double largest = 0;  // mean over the classes of the largest share
    for (std::size_t label = 0; label < classes; ++label) {
      std::size_t most = 0;
      for (const auto& agent : numbers) most = std::max(most, count_of(agent, label, classes));
      largest += static_cast<double>(most) / 1000.0 / classes;
    }
    CHECK(largest > before + 0.1);
    before = largest;
  }
  CHECK(before > 0.5);
}

TEST_CASE("no agent of a Dirichlet split has fewer than ten samples, or its part of fewer",
          "[fleet][split]") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    for (const auto& agent : dealt(numbered(2000, 10), "dirichlet:0.001", 50, seed))
      CHECK(agent.size() >= 10);
    for (const auto& agent : dealt(numbered(205, 10), "dirichlet:0.001", 50, seed))
      CHECK(agent.size() >= 4);
    for (const auto& agent : dealt(numbered(50, 10), "dirichlet:0.001", 50, seed))
      CHECK(agent.size() == 1);
  }
}

TEST_CASE("a split by class gives every agent its number of classes, shared equally",
          "[fleet][split]") {
  constexpr std::size_t classes = 10;
  const Dataset all = numbered(3000, classes);
  for (const std::size_t per_agent : {1U, 2U, 3U, 10U}) {
    const auto numbers = dealt(all, "classes:" + std::to_string(per_agent), 32, 2);
    for (std::size_t label = 0; label < classes; ++label) {
      std::vector<std::size_t> shares;
      for (const auto& agent : numbers)
        if (const std::size_t count = count_of(agent, label, classes)) shares.push_back(count);
      CHECK_FALSE(shares.empty());
      CHECK(std::ranges::max(shares) - std::ranges::min(shares) <= 1);
    }
    for (const auto& agent : numbers) {
      std::size_t own = 0;
      for (std::size_t label = 0; label < classes; ++label)
        own += count_of(agent, label, classes) > 0 ? 1 : 0;
      CHECK(own == per_agent);
    }
  }
}

TEST_CASE("a split that the samples do not allow says why", "[fleet][split]") {
  const Dataset all = numbered(100, 10);
  CHECK(says(split_error(all, "equal", 101), "100 samples for 101 agents"));
  CHECK(says(split_error(all, "classes:1", 9),
             "9 agents with 1 of 10 classes each: some class would be nobody's"));
  CHECK(says(split_error(all, "classes:11", 9), "there are not so many classes"));
  CHECK(says(split_error(numbered(20, 19), "classes:1", 20), "one would have no sample"));
  const Dataset without({1}, std::vector<float>{1, 2}, {}, {3, 4});
  CHECK(says(split_error(without, "dirichlet:1", 2), "have no labels; use equal"));
  CHECK(says(split_error(without, "classes:1", 2), "have no labels; use equal"));
}

}  // namespace signet
