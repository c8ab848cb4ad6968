// The fuzz targets without a fuzzer: their seeds, and what chance makes of them.
#include <algorithm>
#include <string>

#include "agent/config.hpp"
#include "coordinator/config.hpp"
#include "core/base/random.hpp"
#include "core/job/job.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/small_fleet.hpp"

namespace signet::test {

namespace {

constexpr int kMutations = 300;  // of each seed

/// Some bits, bytes or whole parts of `seed` changed, moved, or cut off.
Bytes mutated(Bytes seed, Rng& rng) {
  const auto place = [&] { return static_cast<std::ptrdiff_t>(rng.below(seed.size())); };
  for (std::uint64_t change = 0; change <= rng.below(4) && !seed.empty(); ++change) {
    switch (rng.below(5)) {
      case 0: seed[rng.below(seed.size())] ^= static_cast<std::byte>(1U << rng.below(8)); break;
      case 1: seed[rng.below(seed.size())] = static_cast<std::byte>(rng.below(256)); break;
      case 2: seed.resize(rng.below(seed.size() + 1)); break;
      case 3: seed.insert(seed.begin() + place(), rng.below(9), std::byte{0xff}); break;
      default: std::rotate(seed.begin(), seed.begin() + place(), seed.end());
    }
  }
  return seed;
}

}  // namespace

TEST_CASE("every fuzz target takes its seeds and what chance makes of them", "[fuzz]") {
  for (const FuzzTarget& target : fuzz_targets()) {
    INFO("target " << target.name);
    const auto seeds = target.seeds();
    REQUIRE_FALSE(seeds.empty());
    Rng rng(7);
    for (const Bytes& seed : seeds) {
      CHECK(seed.size() <= target.bytes_max);
      target.run(seed);
      for (int i = 0; i < kMutations; ++i) target.run(mutated(seed, rng));
    }
    target.run({});
  }
  SUCCEED("none of them crashed");
}

TEST_CASE("seeds of state machines are runs that come to their end", "[fuzz]") {
  CHECK(scripted_round_ends());
  CHECK(scripted_session_ends());
}

TEST_CASE("seeds of what people write are read", "[fuzz]") {
  for (const Bytes& seed : job_seeds()) CHECK(parse_job(to_text(seed), "job.toml"));
  for (const Bytes& seed : agent_config_seeds())
    CHECK(parse_agent_config(to_text(seed), "agent.toml"));
  for (const Bytes& seed : coordinator_config_seeds())
    CHECK(parse_coordinator_config(to_text(seed), "coordinator.toml"));
}

TEST_CASE("a fuzz target is found by its name, and no other is", "[fuzz]") {
  REQUIRE(find_fuzz_target("frames") != nullptr);
  CHECK(find_fuzz_target("frames")->name == "frames");
  CHECK(find_fuzz_target("frame") == nullptr);
}

TEST_CASE("the short text of the small job says the small job", "[fuzz]") {
  const auto job = parse_job(kSmallJobText, "small.toml");
  INFO((job ? "" : job.error().message));
  REQUIRE(job);
  CHECK(canonical_text(*job) == canonical_text(small_job()));
}

}  // namespace signet::test
