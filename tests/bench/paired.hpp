#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

namespace signet::bench {

/// One way of doing a piece of work. Arms of one list are compared with each other: each does the
/// same amount of work at every call, and `bytes` is how much of it counts as throughput.
struct Arm {
  std::string name;
  std::function<void()> function;
  double bytes;
};

/// What was measured of one arm. Fractions are medians over the repeats of the speed (bytes per
/// second) of this arm over the speed of arm 0 or 1 in the same repeat; 0 where there is none.
struct Timing {
  double seconds = 0;  ///< median of one call
  double gigabytes_per_second = 0;
  double fraction_of_first = 0;
  double fraction_of_second = 0;
  std::vector<double> repeats;  ///< seconds of one call, by repeat
};

/// Thread: CPU time of the calling thread, which other programs disturb least. Wall: for arms that
/// use more than one thread.
enum class Clock { Thread, Wall };

/// Runs the arms in turn, over and over for about `seconds` (at least 5 repeats), so that slow
/// phases of a shared machine hit all of them alike; each repeat begins with another arm. A short
/// arm is called several times in a row (0.3 ms together), so that it finds its data where its
/// last call left them. Timings stand in the order of the arms.
std::vector<Timing> run_paired(const std::vector<Arm>& arms, double seconds,
                               Clock clock = Clock::Thread);

/// CPU time of the calling thread, and the middle of some values (0 without any), for benchmarks
/// that time parts of a call themselves.
double thread_seconds();
double median(std::vector<double> values);

/// Median over the repeats of the speed of `timing` over the speed of `base`, for arms with `bytes`
/// and `base_bytes`.
double paired_ratio(const Timing& timing, double bytes, const Timing& base, double base_bytes);

/// A line of the report: one kernel of one table at one size.
struct Row {
  std::string kernel;
  std::string target;      ///< name of the table, or of the baseline
  std::size_t voters = 0;  ///< 0: the kernel knows no voters
  std::size_t dimension = 0;
  double gigabytes_per_second = 0;
  double fraction_of_read = 0;   ///< of reading the same input with the same core
  double fraction_of_bound = 0;  ///< of reading the input and writing the same output
  std::string layout = {};       ///< where the rows of votes lie; empty without voters
  /// What is asked of the kernel, as shown beside the figures: "bound 0.80", "below bound 0.80".
  std::string bar = {};
  /// Figures of this kernel alone: name and value, fields of their own in the JSON.
  std::vector<std::pair<std::string, double>> more = {};
};

/// Row of a timing whose arm 0 is the plain read and whose arm 1 is the bound.
Row make_row(std::string kernel, std::string target, std::size_t voters, std::size_t dimension,
             const Timing& timing);

/// Keeps the row for the report and shows it as counters of the running benchmark. The benchmark
/// is registered with UseManualTime() and Iterations(1) and loops over `state` once around
/// run_paired(), because its own timing of one arm after the other cannot be paired.
void report(benchmark::State& state, const Row& row);

/// main() of a program of such benchmarks: `--json FILE` writes the rows there as an array of
/// objects with the fields of Row, `--seconds S` is seconds_per_case() (default 1), `--quick` runs
/// the smallest dimension for a moment, which shows only that everything runs; all else goes to
/// Google Benchmark.
int run_benchmarks(int argc, char** argv);
double seconds_per_case();

}  // namespace signet::bench
