#pragma once

#include <cstddef>
#include <cstdint>

namespace signet {

/// Bytes that a coordinator of a model of `dimension` and so many known agents may take in its run,
/// beyond what it had before: the parts of docs/architecture.md, What holds, 5, twice over, and 256
/// MiB for connections, SQLite and an evaluation.
constexpr std::uint64_t memory_allowance(std::size_t dimension, std::size_t agents) {
  constexpr std::uint64_t kAnyRun = std::uint64_t{256} << 20U;
  // Floats: the replica, three snapshots that are read, judged and saved; the log as large as one.
  constexpr std::uint64_t kFloats = 5, kTwice = 2;
  const std::uint64_t d = dimension, votes = agents * (d / 8 + 1);
  return kAnyRun + kTwice * (kFloats * 4 * d + votes);
}

}  // namespace signet
