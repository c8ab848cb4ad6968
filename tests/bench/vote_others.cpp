// The majority against the other ways to count (vote_baselines.hpp), which must come to the same
// outcome. GB/s are bytes of packed votes for all of them.
#include <cstring>
#include <iterator>
#include <string>

#include "core/base/check.hpp"
#include "tests/bench/vote_baselines.hpp"
#include "tests/bench/vote_memory.hpp"

namespace signet::bench {

namespace {

constexpr const char* kOtherWays[] = {"float_sum", "byte_counters", "positional_popcount"};

// Whole lines of 64 bytes, of which a voter's words are spread out: nobody is charged for that.
std::vector<Word> interleave(const VoteMemory& memory, std::size_t bytes) {
  std::vector<Word> words(memory.voters() * bytes / 8);
  for (std::size_t r = 0; r < memory.voters(); ++r)
    for (std::size_t w = 0; w < bytes / 8; ++w)
      std::memcpy(&words[w * memory.voters() + r], memory.row(r) + 8 * w, 8);
  return words;
}

void run_others(benchmark::State& state, std::size_t voters) {
  const std::size_t dimension = static_cast<std::size_t>(state.range(0)) / 512 * 512;
  VoteMemory memory(voters, dimension, Layout::Heap), expected(1, dimension, Layout::Heap);
  const auto words = interleave(memory, memory.row_bytes());
  const Kernels& best = best_kernels();
  const double bytes = memory.bytes();
  std::vector<Arm> arms;
  add_plain_arms(arms, memory);
  const std::size_t plain = arms.size();
  arms.push_back(
      {std::string(best.name), [&] { best.majority(memory.rows(), memory.outcome()); }, bytes});
  for (const VoteBaselines* other : vote_baselines()) {
    if (!other->available()) continue;
    const std::string name(other->name);
    arms.push_back(
        {name, [=, &memory] { other->float_sum(memory.rows(), memory.outcome()); }, bytes});
    arms.push_back(
        {name, [=, &memory] { other->byte_counters(memory.rows(), memory.outcome()); }, bytes});
    arms.push_back(
        {name,
         [=, &memory, &words] { other->positional(words.data(), memory.rows(), memory.outcome()); },
         bytes});
  }
  best.majority(memory.rows(), expected.outcome());
  for (std::size_t i = plain; i < arms.size(); ++i) {
    arms[i].function();
    SIGNET_CHECK(std::memcmp(memory.outcome().majority, expected.outcome().majority,
                             memory.row_bytes()) == 0,
                 "every way to count comes to the same majority");
  }

  for (auto _ : state) {
    const auto timings = run_paired(arms, seconds_per_case());
    const Timing& ours = timings[plain];
    for (std::size_t i = arms.size(); i-- > plain + 1;) {
      Row row{kOtherWays[(i - plain - 1) % std::size(kOtherWays)], arms[i].name, voters, dimension};
      row.layout = name_of(Layout::Heap);
      row.gigabytes_per_second = timings[i].gigabytes_per_second;
      row.fraction_of_read =
          paired_ratio(timings[i], bytes, fastest_read(timings), memory.read_bytes());
      row.fraction_of_bound =
          paired_ratio(timings[i], bytes, fastest_bound(timings), memory.read_bytes());
      row.more = {{"majority_is_faster", paired_ratio(ours, bytes, timings[i], bytes)}};
      report(state, row);
    }
    state.SetIterationTime(ours.seconds);
  }
}

[[maybe_unused]] const bool kOthersRegistered = [] {
  for (const std::size_t voters : {8UL, 31UL, 100UL, 1000UL})
    for (const std::size_t dimension : {100'000UL, 1'000'000UL, 10'000'000UL})
      add_case("others/" + std::to_string(voters), dimension,
               [=](benchmark::State& state) { run_others(state, voters); });
  return true;
}();

}  // namespace

}  // namespace signet::bench
