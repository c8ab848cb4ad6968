// Packing gradients and applying votes, against what the same core can do with the same floats in
// the same run. GB/s are 4 bytes for each coordinate, whatever else the kernel reads and writes.
#include <string>
#include <vector>

#include "core/base/random.hpp"
#include "core/kernels/kernels.hpp"
#include "tests/bench/paired.hpp"
#include "tests/bench/plain_loops.hpp"

namespace signet::bench {

namespace {

struct Floats {
  explicit Floats(std::size_t d) : x(d), g(d), positive((d + 63) / 64) {
    Rng rng(d);
    for (float& value : x) value = rng.uniform() - 0.5F;
    for (float& value : g) value = rng.uniform() - 0.5F;
    zero = signs = ties = positive;
    for (Word& word : signs) word = rng.next();
    for (Word& word : ties) word = rng.next() & rng.next() & rng.next();
  }
  std::vector<float> x, g;
  std::vector<Word> positive, zero, signs, ties;
};

constexpr float kEta = 1e-9F;

// What is read, what bounds the kernel, and the kernel in one table.
using Plain = void (*)(const PlainLoops&, Floats&);
using Kernel = void (*)(const Kernels&, Floats&);
struct Case {
  const char* name;
  Plain read, bound;
  Kernel kernel;
  bool asked;  // is its speed promised?
};

void read_one(const PlainLoops& loops, Floats& f) {
  benchmark::DoNotOptimize(loops.read(f.x.data(), f.x.size()));
}
void read_two(const PlainLoops& loops, Floats& f) {
  read_one(loops, f);
  benchmark::DoNotOptimize(loops.read(f.g.data(), f.g.size()));
}
void update(const PlainLoops& loops, Floats& f) {
  loops.update(f.x.data(), kEta, f.x.size());
}
void blend(const PlainLoops& loops, Floats& f) {
  loops.blend(f.x.data(), f.g.data(), f.x.size());
}

void pack(const Kernels& k, Floats& f) {
  k.pack_signs(f.x.data(), f.x.size(), f.positive.data(), f.zero.data());
}
void pack_momentum(const Kernels& k, Floats& f) {
  k.pack_momentum(f.x.data(), f.g.data(), 0.9F, f.x.size(), f.positive.data(), f.zero.data());
}
void pack_error_feedback(const Kernels& k, Floats& f) {
  k.pack_error_feedback(f.x.data(), f.g.data(), 0.25F, f.x.size(), f.positive.data(),
                        f.zero.data());
}
void apply(const Kernels& k, Floats& f) {
  k.apply_signs(f.x.data(), kEta, f.signs.data(), nullptr, f.x.size());
}
void apply_ties(const Kernels& k, Floats& f) {
  k.apply_signs(f.x.data(), kEta, f.signs.data(), f.ties.data(), f.x.size());
}
void apply_and_digest(const Kernels& k, Floats& f) {
  benchmark::DoNotOptimize(
      k.apply_and_digest(f.x.data(), kEta, f.signs.data(), nullptr, f.x.size()));
}
void apply_then_digest(const Kernels& k, Floats& f) {
  apply(k, f);
  benchmark::DoNotOptimize(
      k.digest(reinterpret_cast<const std::byte*>(f.x.data()), f.x.size() * sizeof(float)));
}

const Case kCases[] = {
    {"pack", read_one, read_one, pack, true},
    {"momentum_and_pack", read_two, blend, pack_momentum, true},
    {"error_feedback_and_pack", read_two, blend, pack_error_feedback, false},
    {"apply", read_one, update, apply, true},
    {"apply_with_ties", read_one, update, apply_ties, false},
    {"apply_and_digest", read_one, update, apply_and_digest, false},
    {"apply_then_digest", read_one, update, apply_then_digest, false},
};

const Timing& fastest(const std::vector<Timing>& timings, std::size_t first, std::size_t count) {
  std::size_t best = first;
  for (std::size_t i = first; i < first + count; ++i)
    if (timings[i].seconds < timings[best].seconds) best = i;
  return timings[best];
}

// From memory a kernel is asked to be nearly as fast as its bound.
Row row_of(const Case& which, std::size_t d, const Arm& arm, const Timing& timing, double of_read,
           double of_bound) {
  Row row{which.name, arm.name, 0, d, timing.gigabytes_per_second, of_read, of_bound};
  if (arm.bytes > 64e6 && arm.name != "portable" && which.asked)
    row.bar = of_bound < 0.95 ? "BELOW bound 0.95" : "bound 0.95";
  return row;
}

void run_case(benchmark::State& state, const Case& which) {
  const auto d = static_cast<std::size_t>(state.range(0));
  Floats floats(d);
  const double bytes = 4.0 * static_cast<double>(d);
  std::vector<Arm> arms;
  for (const Plain plain : {which.read, which.bound})
    for (const PlainLoops* loops : plain_loops())
      if (loops->available())
        arms.push_back(
            {std::string(loops->name), [&, plain, loops] { plain(*loops, floats); }, bytes});
  const std::size_t plain_count = arms.size() / 2;
  for (const Kernels& table : all_kernels())
    if (table.available())
      arms.push_back({std::string(table.name), [&] { which.kernel(table, floats); }, bytes});

  for (auto _ : state) {
    const auto timings = run_paired(arms, seconds_per_case());
    const Timing& read = fastest(timings, 0, plain_count);
    const Timing& bound = fastest(timings, plain_count, plain_count);
    // The fastest table comes first; the counters that stay are its own.
    for (std::size_t i = arms.size(); i-- > 2 * plain_count;)
      report(state,
             row_of(which, d, arms[i], timings[i], paired_ratio(timings[i], bytes, read, bytes),
                    paired_ratio(timings[i], bytes, bound, bytes)));
    state.SetIterationTime(timings[2 * plain_count].seconds);
  }
}

[[maybe_unused]] const bool kRegistered = [] {
  for (const Case& which : kCases) {
    auto* registered =
        benchmark::RegisterBenchmark((std::string("floats/") + which.name).c_str(),
                                     [&which](benchmark::State& state) { run_case(state, which); });
    for (const std::int64_t d : {100'000, 1'000'000, 10'000'000, 25'600'000}) registered->Arg(d);
    registered->UseManualTime()->Iterations(1)->Unit(benchmark::kMicrosecond);
  }
  return true;
}();

}  // namespace

}  // namespace signet::bench
