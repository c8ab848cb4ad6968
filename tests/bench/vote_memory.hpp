#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/kernels/kernels.hpp"
#include "tests/bench/paired.hpp"
#include "tests/bench/plain_loops.hpp"

namespace signet::bench {

/// Where the rows of a vote lie, on pages of 4 KiB.
/// Heap: one after the other as an allocator lays out received frames: at 8 mod 16, the first at
///       24 mod 64, the others mixed.
/// Worst: all at the same address mod 4096, 56 mod 64: they meet in the same sets of the caches.
enum class Layout { Heap, Worst };
std::string_view name_of(Layout layout);

/// Random votes of a round and room for what comes out of them.
class VoteMemory {
 public:
  VoteMemory(std::size_t voters, std::size_t dimension, Layout layout);
  ~VoteMemory();
  VoteMemory(const VoteMemory&) = delete;
  VoteMemory& operator=(const VoteMemory&) = delete;

  std::size_t voters() const { return rows_.size(); }
  std::size_t dimension() const { return dimension_; }
  std::size_t row_bytes() const { return (dimension_ + 7) / 8; }
  double bytes() const { return static_cast<double>(voters() * row_bytes()); }
  VoteRows rows() const { return {rows_.data(), rows_.size(), dimension_}; }
  std::byte* row(std::size_t r) const { return writable_[r]; }
  Outcome outcome() { return {majority_.data(), ties_.data(), nullptr}; }
  std::uint64_t* mismatches() { return mismatches_.data(); }

  /// Reads every row from its first byte to its last but a few; `read_bytes` of them in all.
  void read(const PlainLoops& loops) const;
  double read_bytes() const;
  /// Writes as much as a vote does: the majority and, where a tie is possible, the ties.
  void write_outputs();

 private:
  std::byte* map(std::size_t size);

  std::size_t dimension_;
  std::vector<std::pair<void*, std::size_t>> maps_;
  std::vector<const std::byte*> rows_;
  std::vector<std::byte*> writable_;
  std::vector<std::byte> majority_, ties_;
  std::vector<std::uint64_t> mismatches_;
};

/// The plain loops to compare with: those of this machine's two widest vectors.
std::vector<const PlainLoops*> wide_loops();

/// Appends one arm per loop of wide_loops() that reads the rows, then one per loop that also writes
/// the outputs.
void add_plain_arms(std::vector<Arm>& arms, VoteMemory& memory);
/// The faster of the arms that read, and of those that also write, among timings of such arms.
const Timing& fastest_read(const std::vector<Timing>& timings);
const Timing& fastest_bound(const std::vector<Timing>& timings);

/// Numbers of voters, and the dimensions each is measured at: the four of the project and, where
/// they do not fill 64 MB, one that does.
std::vector<std::size_t> voters_measured();
std::vector<std::size_t> dimensions_for(std::size_t voters);

/// Registers `run` as NAME/DIMENSION.
void add_case(const std::string& name, std::size_t dimension,
              const std::function<void(benchmark::State&)>& run);

}  // namespace signet::bench
