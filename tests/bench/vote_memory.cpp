#include "tests/bench/vote_memory.hpp"

#include <algorithm>
#include <cstring>

#include <sys/mman.h>

#include "core/base/check.hpp"
#include "core/base/random.hpp"

namespace signet::bench {

namespace {

constexpr std::size_t kPage = 4096;

// What a row is filled from: a random megabyte, entered elsewhere by each row.
const std::vector<std::uint64_t>& random_words() {
  static const std::vector<std::uint64_t> words = [] {
    std::vector<std::uint64_t> fresh(std::size_t{1} << 17);
    Rng rng(20260101);
    for (std::uint64_t& word : fresh) word = rng.next();
    return fresh;
  }();
  return words;
}

void fill_row(std::byte* row, std::size_t bytes, std::size_t number) {
  const auto* pool = reinterpret_cast<const std::byte*>(random_words().data());
  const std::size_t pool_bytes = 8 * random_words().size();
  std::size_t from = number * 7919 % pool_bytes;
  for (std::size_t done = 0; done < bytes;) {
    const std::size_t now = std::min(bytes - done, pool_bytes - from);
    std::memcpy(row + done, pool + from, now);
    done += now;
    from = (from + now + 4099) % pool_bytes;
  }
}

const Timing& fastest_of(const std::vector<Timing>& timings, std::size_t first, std::size_t count) {
  std::size_t best = first;
  for (std::size_t i = first; i < first + count; ++i)
    if (timings[i].seconds < timings[best].seconds) best = i;
  return timings[best];
}

}  // namespace

std::string_view name_of(Layout layout) {
  return layout == Layout::Heap ? "heap" : "worst";
}

std::byte* VoteMemory::map(std::size_t size) {
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  SIGNET_CHECK(memory != MAP_FAILED, "there is memory for the rows");
  madvise(memory, size, MADV_NOHUGEPAGE);
  maps_.emplace_back(memory, size);
  return static_cast<std::byte*>(memory);
}

VoteMemory::VoteMemory(std::size_t voters, std::size_t dimension, Layout layout)
    : dimension_(dimension), majority_(row_bytes()), ties_(row_bytes()), mismatches_(voters) {
  // A frame's header and the allocator's own words stand between the rows.
  const std::size_t stride = (row_bytes() + 72 + 15) / 16 * 16;
  std::byte* heap = layout == Layout::Heap ? map(voters * stride + kPage) + 24 : nullptr;
  for (std::size_t r = 0; r < voters; ++r) {
    std::byte* row = heap != nullptr ? heap + r * stride : map(row_bytes() + kPage) + 56;
    fill_row(row, row_bytes(), r);
    rows_.push_back(row);
    writable_.push_back(row);
  }
}

VoteMemory::~VoteMemory() {
  for (const auto& [memory, size] : maps_) munmap(memory, size);
}

void VoteMemory::read(const PlainLoops& loops) const {
  float seen = 0;
  for (const std::byte* row : rows_)
    seen += loops.read(reinterpret_cast<const float*>(row), row_bytes() / sizeof(float));
  benchmark::DoNotOptimize(seen);
}

// The loops leave out what is less than eight of their vectors; the widest are of 64 bytes.
double VoteMemory::read_bytes() const {
  return static_cast<double>(voters() * (row_bytes() / 512 * 512));
}

void VoteMemory::write_outputs() {
  std::memset(majority_.data(), 0x5a, majority_.size());
  if (voters() % 2 == 0) std::memset(ties_.data(), 0xa5, ties_.size());
  benchmark::ClobberMemory();
}

std::vector<const PlainLoops*> wide_loops() {
  std::vector<const PlainLoops*> wide;
  for (const PlainLoops* loops : plain_loops())
    if (loops->available() && wide.size() < 2) wide.push_back(loops);
  return wide;
}

void add_plain_arms(std::vector<Arm>& arms, VoteMemory& memory) {
  for (const PlainLoops* loops : wide_loops())
    arms.push_back({"read", [loops, &memory] { memory.read(*loops); }, memory.read_bytes()});
  for (const PlainLoops* loops : wide_loops())
    arms.push_back({"bound",
                    [loops, &memory] {
                      memory.read(*loops);
                      memory.write_outputs();
                    },
                    memory.read_bytes()});
}

const Timing& fastest_read(const std::vector<Timing>& timings) {
  return fastest_of(timings, 0, wide_loops().size());
}
const Timing& fastest_bound(const std::vector<Timing>& timings) {
  return fastest_of(timings, wide_loops().size(), wide_loops().size());
}

std::vector<std::size_t> voters_measured() {
  return {3, 4, 5, 8, 16, 31, 64, 100, 256, 1000};
}

std::vector<std::size_t> dimensions_for(std::size_t voters) {
  std::vector<std::size_t> dimensions{100'000, 1'000'000, 10'000'000, 25'600'000};
  constexpr std::size_t bits_of_memory = 8 * 72'000'000ULL, unit = 100'000;
  if (voters * dimensions.back() < bits_of_memory)
    dimensions.push_back(bits_of_memory / voters / unit * unit + unit);
  return dimensions;
}

void add_case(const std::string& name, std::size_t dimension,
              const std::function<void(benchmark::State&)>& run) {
  benchmark::RegisterBenchmark(name.c_str(), run)
      ->Arg(static_cast<std::int64_t>(dimension))
      ->UseManualTime()
      ->Iterations(1)
      ->Unit(benchmark::kMicrosecond);
}

}  // namespace signet::bench
