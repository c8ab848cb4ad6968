#include "tests/bench/paired.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string_view>
#include <utility>

namespace signet::bench {

namespace {

constexpr double kShortest = 3e-4;  // seconds that the calls of an arm in one repeat take together
constexpr std::size_t kRepeatsMin = 5;

double seconds_of_case = 1;

std::vector<Row>& rows() {
  static std::vector<Row> all;
  return all;
}

double now(Clock clock) {
  timespec t{};
  clock_gettime(clock == Clock::Thread ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

double time_calls(const Arm& arm, std::size_t calls, Clock clock) {
  const double start = now(clock);
  for (std::size_t i = 0; i < calls; ++i) arm.function();
  return (now(clock) - start) / static_cast<double>(calls);
}

// The first call brings the arm's data in; the second tells how many calls make a repeat.
std::size_t calls_per_repeat(const Arm& arm, Clock clock) {
  arm.function();
  const double once = std::max(time_calls(arm, 1, clock), 1e-8);
  return once < kShortest ? static_cast<std::size_t>(kShortest / once) + 1 : 1;
}

void write_row(std::FILE* file, const Row& row) {
  std::fprintf(file,
               "{\"kernel\": \"%s\", \"target\": \"%s\", \"voters\": %zu, \"dimension\": %zu, "
               "\"gigabytes_per_second\": %.3f, \"fraction_of_read\": %.3f, "
               "\"fraction_of_bound\": %.3f",
               row.kernel.c_str(), row.target.c_str(), row.voters, row.dimension,
               row.gigabytes_per_second, row.fraction_of_read, row.fraction_of_bound);
  if (!row.layout.empty()) std::fprintf(file, ", \"layout\": \"%s\"", row.layout.c_str());
  for (const auto& [name, value] : row.more)
    std::fprintf(file, ", \"%s\": %.4g", name.c_str(), value);
  std::fputs("}", file);
}

bool write_json(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  if (file == nullptr) return false;
  std::fputs("[", file);
  const char* separator = "\n  ";
  for (const Row& row : rows()) {
    std::fputs(separator, file);
    write_row(file, row);
    separator = ",\n  ";
  }
  std::fputs("\n]\n", file);
  return std::fclose(file) == 0;
}

void print_rows() {
  std::printf("\n%-24s %-13s %6s %10s %-6s %8s %8s %8s\n", "kernel", "target", "voters",
              "dimension", "layout", "GB/s", "of read", "of bound");
  for (const Row& row : rows()) {
    std::printf("%-24s %-13s %6zu %10zu %-6s %8.2f %8.2f %8.2f", row.kernel.c_str(),
                row.target.c_str(), row.voters, row.dimension, row.layout.c_str(),
                row.gigabytes_per_second, row.fraction_of_read, row.fraction_of_bound);
    for (const auto& [name, value] : row.more) std::printf("  %s %.3g", name.c_str(), value);
    std::printf("%s%s\n", row.bar.empty() ? "" : "  ", row.bar.c_str());
  }
}

}  // namespace

double thread_seconds() {
  return now(Clock::Thread);
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

std::vector<Timing> run_paired(const std::vector<Arm>& arms, double seconds, Clock clock) {
  std::vector<std::size_t> calls;
  for (const Arm& arm : arms) calls.push_back(calls_per_repeat(arm, clock));
  std::vector<Timing> timings(arms.size());
  const double start = now(Clock::Wall);
  for (std::size_t repeat = 0; repeat < kRepeatsMin || now(Clock::Wall) - start < seconds;
       ++repeat) {
    for (std::size_t i = 0; i < arms.size(); ++i) {
      const std::size_t arm = (repeat + i) % arms.size();
      timings[arm].repeats.push_back(time_calls(arms[arm], calls[arm], clock));
    }
  }
  for (std::size_t i = 0; i < arms.size(); ++i) {
    Timing& t = timings[i];
    t.seconds = median(t.repeats);
    t.gigabytes_per_second = 1e-9 * arms[i].bytes / t.seconds;
    t.fraction_of_first = paired_ratio(t, arms[i].bytes, timings[0], arms[0].bytes);
    if (arms.size() > 1)
      t.fraction_of_second = paired_ratio(t, arms[i].bytes, timings[1], arms[1].bytes);
  }
  return timings;
}

double paired_ratio(const Timing& timing, double bytes, const Timing& base, double base_bytes) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(timing.repeats.size(), base.repeats.size()); ++i)
    ratios.push_back(bytes / timing.repeats[i] / (base_bytes / base.repeats[i]));
  return median(ratios);
}

Row make_row(std::string kernel, std::string target, std::size_t voters, std::size_t dimension,
             const Timing& timing) {
  Row row{std::move(kernel), std::move(target), voters, dimension};
  row.gigabytes_per_second = timing.gigabytes_per_second;
  row.fraction_of_read = timing.fraction_of_first;
  row.fraction_of_bound = timing.fraction_of_second;
  return row;
}

void report(benchmark::State& state, const Row& row) {
  rows().push_back(row);
  state.counters["GB/s"] = row.gigabytes_per_second;
  state.counters["of_read"] = row.fraction_of_read;
  state.counters["of_bound"] = row.fraction_of_bound;
}

double seconds_per_case() {
  return seconds_of_case;
}

int run_benchmarks(int argc, char** argv) {
  std::string json;
  std::string quick = "--benchmark_filter=/100000/";
  std::vector<char*> others;
  for (int i = 0; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--json" && i + 1 < argc) {
      json = argv[++i];
    } else if (argument == "--seconds" && i + 1 < argc) {
      seconds_of_case = std::atof(argv[++i]);
    } else if (argument == "--quick") {
      seconds_of_case = 0.01;
      others.push_back(quick.data());
    } else {
      others.push_back(argv[i]);
    }
  }
  int count = static_cast<int>(others.size());
  others.push_back(nullptr);
  benchmark::Initialize(&count, others.data());
  if (benchmark::ReportUnrecognizedArguments(count, others.data())) return 2;
  benchmark::RunSpecifiedBenchmarks();
  print_rows();
  if (json.empty() || write_json(json)) return 0;
  std::fprintf(stderr, "cannot write %s\n", json.c_str());
  return 1;
}

}  // namespace signet::bench
