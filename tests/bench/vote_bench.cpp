// Votes at the end, from the rows, against what the same core can do with the same rows in the same
// run. GB/s are bytes of packed votes, however often the kernel looks at them.
#include <cstdio>
#include <iterator>
#include <string>

#include "tests/bench/vote_memory.hpp"

namespace signet::bench {

namespace {

using Vote = void (*)(const Kernels&, VoteMemory&);
struct Way {
  const char* name;
  Vote vote;
};

void vote_majority(const Kernels& k, VoteMemory& m) {
  k.majority(m.rows(), m.outcome());
}
// The mismatches go on rising from call to call; that costs nothing.
void vote_fused(const Kernels& k, VoteMemory& m) {
  const std::size_t end = m.dimension();
  std::uint64_t margin = 0;
  k.fused(m.rows(), m.outcome(), m.mismatches(), &end, 1, &margin);
  benchmark::DoNotOptimize(margin);
}
void vote_in_two_passes(const Kernels& k, VoteMemory& m) {
  const Outcome outcome = m.outcome();
  k.majority(m.rows(), outcome);
  k.count_mismatches(m.rows(), outcome.majority, m.voters() % 2 == 0 ? outcome.ties : nullptr,
                     m.mismatches());
}

constexpr Way kWays[] = {{"majority", vote_majority},
                         {"fused", vote_fused},
                         {"majority_then_mismatch", vote_in_two_passes}};
constexpr std::size_t kWaysCount = std::size(kWays);

std::string bar_text(const char* of, double value, double bar) {
  char text[48];
  std::snprintf(text, sizeof text, "%s%s %.2f", value < bar ? "BELOW " : "", of, bar);
  return text;
}

// The outputs alone may keep a vote of few rows further from a read than is asked.
std::string bar_of_read(const Row& row, double bar) {
  std::string text = bar_text("read", row.fraction_of_read, bar);
  const double bound = row.fraction_of_read / row.fraction_of_bound;
  char possible[32];
  std::snprintf(possible, sizeof possible, " (bound %.2f)", bound);
  if (row.fraction_of_read < bar && bound < bar) text += possible;
  return text;
}

// What is asked for: so much of the bound from memory, of a read from the outer caches; with the
// worst addresses so much of a read always.
std::string bar_of_majority(const Row& row, double bytes) {
  const bool avx512 = row.target == "avx512";
  if (!avx512 && row.target != "avx2") return {};
  if (row.layout == "worst") return bar_of_read(row, 0.6);
  if (bytes > 64e6 && row.voters >= 4 && row.voters != 5)
    return bar_text("bound", row.fraction_of_bound, avx512 ? 0.8 : 0.75);
  if (bytes > 64e3 && bytes < 24e6 && row.voters <= 100)
    return bar_of_read(row, avx512 ? 0.8 : 0.55);
  return {};
}

std::string bar_of_fused(const Row& row, double bytes, double against_two_passes) {
  if ((row.target != "avx512" && row.target != "avx2") || bytes <= 64e6) return {};
  return bar_text("bound", row.fraction_of_bound, 0.65) + ", " +
         bar_text("two passes", against_two_passes, 1.5);
}

void run_votes(benchmark::State& state, std::size_t voters, Layout layout) {
  VoteMemory memory(voters, static_cast<std::size_t>(state.range(0)), layout);
  const double bytes = memory.bytes();
  std::vector<Arm> arms;
  add_plain_arms(arms, memory);
  const std::size_t plain = arms.size();
  for (const Kernels& table : all_kernels())
    if (table.available())
      for (const Way& way : kWays)
        arms.push_back(
            {std::string(table.name), [&table, &way, &memory] { way.vote(table, memory); }, bytes});

  for (auto _ : state) {
    const auto timings = run_paired(arms, seconds_per_case());
    const Timing& read = fastest_read(timings);
    const Timing& bound = fastest_bound(timings);
    // The fastest table comes first; the counters that stay are its own.
    for (std::size_t i = arms.size(); i-- > plain;) {
      const std::size_t way = (i - plain) % kWaysCount;
      Row row{kWays[way].name, arms[i].name, voters, memory.dimension()};
      row.layout = name_of(layout);
      row.gigabytes_per_second = timings[i].gigabytes_per_second;
      row.fraction_of_read = paired_ratio(timings[i], bytes, read, memory.read_bytes());
      row.fraction_of_bound = paired_ratio(timings[i], bytes, bound, memory.read_bytes());
      if (way == 0) row.bar = bar_of_majority(row, bytes);
      if (way == 1) {
        const double against = paired_ratio(timings[i], bytes, timings[i + 1], bytes);
        row.more = {{"against_two_passes", against}};
        row.bar = bar_of_fused(row, bytes, against);
      }
      report(state, row);
    }
    state.SetIterationTime(timings[plain].seconds);
  }
}

[[maybe_unused]] const bool kVotesRegistered = [] {
  for (const Layout layout : {Layout::Heap, Layout::Worst})
    for (const std::size_t voters : voters_measured())
      for (const std::size_t dimension : dimensions_for(voters))
        add_case("vote/" + std::string(name_of(layout)) + "/" + std::to_string(voters), dimension,
                 [=](benchmark::State& state) { run_votes(state, voters, layout); });
  return true;
}();

}  // namespace

}  // namespace signet::bench
