#include "core/data/sampler.hpp"

#include <algorithm>
#include <set>

#include "core/base/random.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace {

/// The definition, written the slow way: all passes one after the other, then a cut.
std::vector<std::size_t> draw_slowly(std::uint64_t seed, std::uint64_t agent, std::size_t samples,
                                     std::size_t batch, std::uint64_t round) {
  std::vector<std::size_t> all;
  for (std::uint64_t pass = 0; all.size() < (round + 1) * batch; ++pass) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < samples; ++i) order.push_back(i);
    Rng rng(mix(mix(seed, agent), pass));
    for (std::size_t i = samples - 1; i > 0; --i)
      std::swap(order[i], order[static_cast<std::size_t>(rng.below(i + 1))]);
    all.insert(all.end(), order.begin(), order.end());
  }
  const auto first = all.begin() + static_cast<std::ptrdiff_t>(round * batch);
  return {first, first + static_cast<std::ptrdiff_t>(batch)};
}

}  // namespace

TEST_CASE("A draw is its stretch of the concatenated shuffled passes", "[core][data][sampler]") {
  for (const std::size_t samples : {1U, 2U, 7U, 64U, 100U})
    for (const std::size_t batch : {1U, 3U, 7U, 64U, 250U}) {
      INFO("samples " << samples << ", batch " << batch);
      Sampler sampler(3, 5, samples, batch);
      for (std::uint64_t round = 0; round < 9; ++round)
        CHECK(sampler.draw(RoundId{round}) == draw_slowly(3, 5, samples, batch, round));
    }
}

TEST_CASE("A draw does not depend on the draws before it", "[core][data][sampler]") {
  Sampler used(1, 2, 50, 8), fresh(1, 2, 50, 8);
  used.draw(RoundId{100});
  CHECK(used.draw(RoundId{5}) == fresh.draw(RoundId{5}));
  CHECK(used.draw(RoundId{5}) == fresh.draw(RoundId{5}));
}

TEST_CASE("Every pass shows every sample once, in another order", "[core][data][sampler]") {
  Sampler sampler(9, 9, 60, 60);
  const auto first = sampler.draw(RoundId{0});
  const auto second = sampler.draw(RoundId{1});
  CHECK(std::set<std::size_t>(first.begin(), first.end()).size() == 60);
  CHECK(std::set<std::size_t>(second.begin(), second.end()).size() == 60);
  CHECK(first != second);
}

TEST_CASE("Agents and seeds draw different samples", "[core][data][sampler]") {
  Sampler one(1, 1, 1000, 16), other_agent(1, 2, 1000, 16), other_seed(2, 1, 1000, 16);
  const auto drawn = one.draw(RoundId{0});
  CHECK(drawn != other_agent.draw(RoundId{0}));
  CHECK(drawn != other_seed.draw(RoundId{0}));
}

TEST_CASE("Any round number can be drawn, also the largest", "[core][data][sampler]") {
  for (const std::size_t samples : {1U, 3U}) {
    Sampler sampler(1, 1, samples, 1);
    CHECK(sampler.draw(RoundId{~std::uint64_t{0}}).at(0) < samples);
    CHECK(sampler.draw(RoundId{~std::uint64_t{0} - 1}).at(0) < samples);
  }
}

TEST_CASE("The first draw of a known sampler stays what it is", "[core][data][sampler]") {
  // A saved run that resumes under a newer version must go on with the same samples.
  Sampler sampler(1, hash_text("alice"), 10, 10);
  CHECK(sampler.draw(RoundId{0}) == draw_slowly(1, hash_text("alice"), 10, 10, 0));
  CHECK(sampler.draw(RoundId{0}) == std::vector<std::size_t>{3, 4, 1, 6, 8, 5, 7, 2, 0, 9});
}

}  // namespace signet
