// Votes as they arrive, in groups, against voting at the end. An arriving message is copied into
// its place, as a transport does; "last" is the time from there on after the last of them.
#include <cstring>
#include <deque>
#include <string>

#include "core/vote/majority_tally.hpp"
#include "tests/bench/vote_memory.hpp"

namespace signet::bench {

namespace {

constexpr std::size_t kGroup = 64;  // rows added at a time

struct Round {
  std::size_t voters, dimension;
  std::vector<std::byte> message;  ///< what every voter sends, but for its first byte
  double bytes() const { return static_cast<double>(voters * message.size()); }
};

/// One way to come from messages to the outcome: what to do at the start of a round, where a
/// voter's message is put, and what to do after each and after the last one.
struct Path {
  std::string kernel, target;
  std::function<void()> begin;
  std::function<std::byte*(std::size_t voter)> place;
  std::function<void(std::size_t voter)> arrived;
  std::function<void()> finish;
  std::vector<double> total = {}, last = {};  // seconds, by repeat
};

/// Rows added to the counters of one table by 64; when one voter is missing, it is foreseen.
class Gathering {
 public:
  Gathering(const Kernels& kernels, VoteMemory& memory)
      : kernels_(kernels), memory_(memory), planes_(1) {
    const std::size_t voters = memory.voters();
    while ((std::size_t{1} << (planes_ - 1)) < voters / 2 + 1) ++planes_;
    words_.resize(counter_words(memory.dimension(), planes_));
    ahead_.resize(memory.row_bytes());
    open_.resize(memory.row_bytes());
    foreseen_ = {ahead_.data(), open_.data(), nullptr};
    start_ = (std::uint64_t{1} << (planes_ - 1)) - 1 - voters / 2;
  }
  void begin() { added_ = 0; }
  void arrived(std::size_t row) {
    const std::size_t here = row + 1;
    if (here == memory_.voters()) return;
    const std::uint64_t* start = added_ == 0 ? &start_ : nullptr;
    if (here + 1 == memory_.voters()) {
      kernels_.foresee(counters(), waiting(here), start, 0, memory_.voters(), foreseen_);
    } else if (here - added_ == kGroup) {
      kernels_.add_votes(counters(), waiting(here), 0, start);
      added_ = here;
    }
  }
  void finish() {
    kernels_.conclude(foreseen_, memory_.row(memory_.voters() - 1), memory_.dimension(),
                      memory_.voters(), memory_.outcome());
  }

 private:
  Counters counters() { return {words_.data(), memory_.dimension(), planes_}; }
  VoteRows waiting(std::size_t here) const {
    return {memory_.rows().rows + added_, here - added_, memory_.dimension()};
  }

  const Kernels& kernels_;
  VoteMemory& memory_;
  std::size_t planes_, added_ = 0;
  std::uint64_t start_ = 0;
  std::vector<Word> words_;
  std::vector<std::byte> ahead_, open_;
  Foreseen foreseen_{};
};

void run_once(Path& path, const Round& round) {
  const double start = thread_seconds();
  path.begin();
  double last = start;
  for (std::size_t r = 0; r < round.voters; ++r) {
    std::byte* row = path.place(r);
    std::memcpy(row, round.message.data(), round.message.size());
    row[0] ^= static_cast<std::byte>(r);
    if (r + 1 == round.voters) last = thread_seconds();
    path.arrived(r);
  }
  path.finish();
  const double end = thread_seconds();
  path.total.push_back(end - start);
  path.last.push_back(end - last);
}

double ratio(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < a.size(); ++i) ratios.push_back(a[i] / b[i]);
  return median(ratios);
}

std::string bar_of(std::size_t voters, double total, double last) {
  const double last_max = voters >= 100 ? 1.0 / 12 : 1.0 / 4;
  std::string bar = std::string(total > 1.2 ? "ABOVE " : "") + "total 1.20";
  if (voters >= 31)
    bar += std::string(last > last_max ? ", ABOVE" : ",") +
           (voters >= 100 ? " last 1/12" : " last 1/4");
  return bar;
}

void report_against(benchmark::State& state, const Path& path, const Path& at_end,
                    const Round& round) {
  Row row{path.kernel, path.target, round.voters, round.dimension};
  row.layout = name_of(Layout::Heap);
  row.gigabytes_per_second = 1e-9 * round.bytes() / median(path.total);
  const double total = ratio(path.total, at_end.total), last = ratio(path.last, at_end.last);
  row.more = {{"total_against_end", total},
              {"last_against_end", last},
              {"milliseconds_after_last", 1e3 * median(path.last)}};
  if (&path != &at_end) row.bar = bar_of(round.voters, total, last);
  report(state, row);
}

// All repeats of all paths in turn, for about the time of a case. Of two neighbours the first one
// votes at the end and is what the second is compared with.
void run_paths(benchmark::State& state, std::vector<Path>& paths, const Round& round) {
  constexpr std::size_t repeats_min = 5;
  for (auto _ : state) {
    for (Path& path : paths) run_once(path, round);  // brings everything in
    for (Path& path : paths) path.total = path.last = {};
    const double start = thread_seconds();
    for (std::size_t repeat = 0;
         repeat < repeats_min || thread_seconds() - start < seconds_per_case(); ++repeat)
      for (std::size_t i = 0; i < paths.size(); ++i)
        run_once(paths[(repeat + i) % paths.size()], round);
    for (std::size_t i = paths.size(); i-- > 0;)
      report_against(state, paths[i], paths[i / 2 * 2], round);
    state.SetIterationTime(median(paths[1].total));
  }
}

Round round_of(VoteMemory& memory, std::size_t voters) {
  const std::byte* first = memory.row(0);
  return {voters, memory.dimension(), {first, first + memory.row_bytes()}};
}

void run_incremental(benchmark::State& state, std::size_t voters) {
  VoteMemory memory(voters, static_cast<std::size_t>(state.range(0)), Layout::Heap);
  std::deque<Gathering> gatherings;
  std::vector<Path> paths;
  const auto place = [&](std::size_t voter) { return memory.row(voter); };
  for (const Kernels& table : all_kernels()) {
    if (!table.available()) continue;
    Gathering& gathering = gatherings.emplace_back(table, memory);
    const std::string name(table.name);
    paths.push_back({"vote_at_end", name, [] {}, place, [](std::size_t) {},
                     [&] { table.majority(memory.rows(), memory.outcome()); }});
    paths.push_back({"incremental", name, [&] { gathering.begin(); }, place,
                     [&](std::size_t voter) { gathering.arrived(voter); },
                     [&] { gathering.finish(); }});
  }
  run_paths(state, paths, round_of(memory, voters));
}

std::byte* bytes_of(SignVector& signs) {
  return reinterpret_cast<std::byte*>(signs.words().data());
}

// What the coordinator uses, over the best table; both allocate the outcome.
void run_tally(benchmark::State& state, std::size_t voters) {
  const auto dimension = static_cast<std::size_t>(state.range(0));
  VoteMemory memory(1, dimension, Layout::Heap);
  std::vector<SignVector> rows(voters, SignVector(dimension));
  std::vector<const std::byte*> addresses;
  for (SignVector& row : rows) addresses.push_back(bytes_of(row));
  MajorityTally tally(dimension, voters);
  const std::string target(best_kernels().name);
  const auto place = [&](std::size_t voter) { return bytes_of(rows[voter]); };
  std::vector<Path> paths;
  paths.push_back({"tally_at_end", target, [] {}, place, [](std::size_t) {},
                   [&] {
                     SignVector signs(dimension), ties(dimension);
                     best_kernels().majority({addresses.data(), voters, dimension},
                                             {bytes_of(signs), bytes_of(ties), nullptr});
                   }});
  paths.push_back({"tally", target, [&] { tally.clear(); }, place,
                   [&](std::size_t voter) { tally.add(rows[voter]); },
                   [&] { benchmark::DoNotOptimize(tally.majority()); }});
  run_paths(state, paths, round_of(memory, voters));
}

[[maybe_unused]] const bool kIncrementalRegistered = [] {
  for (const std::size_t voters : {std::size_t{31}, std::size_t{100}, std::size_t{256}})
    for (const std::size_t dimension : dimensions_for(voters)) {
      add_case("incremental/" + std::to_string(voters), dimension,
               [=](benchmark::State& state) { run_incremental(state, voters); });
      add_case("tally/" + std::to_string(voters), dimension,
               [=](benchmark::State& state) { run_tally(state, voters); });
    }
  return true;
}();

}  // namespace

}  // namespace signet::bench
