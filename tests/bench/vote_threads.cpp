// Two threads, each with half of the columns, against one. Wall time: needs two idle cores. Where
// the second core is taken now and then the median tells more about the others than about us, so
// the best tenth of the repeats is shown as well.
#include <algorithm>
#include <atomic>
#include <string>
#include <thread>

#include "tests/bench/vote_memory.hpp"

namespace signet::bench {

namespace {

/// Half of the columns: the rows and outputs from byte `from` on, `dimension` coordinates.
struct Half {
  std::vector<const std::byte*> rows;
  std::size_t dimension;
  Outcome outcome;
};

Half half_of(VoteMemory& memory, std::size_t from, std::size_t dimension) {
  Half half{{}, dimension, memory.outcome()};
  for (std::size_t r = 0; r < memory.voters(); ++r) half.rows.push_back(memory.row(r) + from);
  half.outcome.majority += from;
  half.outcome.ties += from;
  return half;
}

void vote_on(const Kernels& table, const Half& half) {
  table.majority({half.rows.data(), half.rows.size(), half.dimension}, half.outcome);
}

/// A second thread that waits, spinning, for something to do: a sleeper would have to be woken.
class Helper {
 public:
  explicit Helper(std::function<void()> work)
      : work_(std::move(work)), thread_([this] { run(); }) {}
  ~Helper() {
    state_ = State::Stop;
    thread_.join();
  }
  Helper(const Helper&) = delete;
  Helper& operator=(const Helper&) = delete;
  void start() { state_ = State::Work; }
  void wait() const {
    while (state_ != State::Idle) {
    }
  }

 private:
  enum class State { Idle, Work, Stop };
  void run() {
    for (State now = state_; now != State::Stop; now = state_)
      if (now == State::Work) {
        work_();
        // Unless the end came meanwhile.
        State expected = State::Work;
        state_.compare_exchange_strong(expected, State::Idle);
      }
  }

  std::function<void()> work_;
  std::atomic<State> state_{State::Idle};
  std::thread thread_;
};

double best_tenth(const Timing& timing) {
  std::vector<double> sorted = timing.repeats;
  std::ranges::sort(sorted);
  return sorted[sorted.size() / 10];
}

void run_threads(benchmark::State& state, std::size_t voters) {
  VoteMemory memory(voters, static_cast<std::size_t>(state.range(0)), Layout::Heap);
  const Kernels& table = best_kernels();
  // The seam is at a multiple of 64 bytes: the halves share no line of the outputs' planes.
  const std::size_t seam = memory.row_bytes() / 128 * 64;
  const Half first = half_of(memory, 0, 8 * seam);
  const Half second = half_of(memory, seam, memory.dimension() - 8 * seam);
  Helper helper([&] { vote_on(table, second); });
  const std::vector<Arm> arms{
      {"one", [&] { table.majority(memory.rows(), memory.outcome()); }, memory.bytes()},
      {"two",
       [&] {
         helper.start();
         vote_on(table, first);
         helper.wait();
       },
       memory.bytes()}};
  for (auto _ : state) {
    const auto timings = run_paired(arms, seconds_per_case(), Clock::Wall);
    Row row{"two_threads", std::string(table.name), voters, memory.dimension()};
    row.layout = name_of(Layout::Heap);
    row.gigabytes_per_second = timings[1].gigabytes_per_second;
    const double best = best_tenth(timings[0]) / best_tenth(timings[1]);
    row.more = {{"against_one_thread", timings[1].fraction_of_first},
                {"best_tenth_against_one_thread", best}};
    row.bar = std::string(best < 1.7 ? "BELOW " : "") + "best tenth 1.70";
    report(state, row);
    state.SetIterationTime(timings[1].seconds);
  }
}

[[maybe_unused]] const bool kThreadsRegistered = [] {
  for (const std::size_t voters : {std::size_t{8}, std::size_t{31}, std::size_t{100}})
    for (const std::size_t dimension : dimensions_for(voters))
      add_case("two_threads/" + std::to_string(voters), dimension,
               [=](benchmark::State& state) { run_threads(state, voters); });
  return true;
}();

}  // namespace

}  // namespace signet::bench
