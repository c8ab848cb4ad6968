#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "core/kernels/kernels.hpp"

namespace signet::bench {

/// How else votes are counted: what others do, each written as well as plain C++ over vectors of
/// one width allows. They give the majority and the ties of whole lines of 64 bytes; what is left
/// of a row after its last whole line is left out.
struct VoteBaselines {
  std::string_view name;
  bool (*available)();
  /// Each bit becomes +1 or -1 as a float; floats are added.
  void (*float_sum)(const VoteRows& votes, const Outcome& outcome);
  /// Each bit becomes a byte; bytes are added, and to wider counters before they overflow.
  void (*byte_counters)(const VoteRows& votes, const Outcome& outcome);
  /// Positional popcount for each 64 coordinates over votes that were interleaved before:
  /// `interleaved` is [row bytes / 8][voters] words. `votes` gives the sizes alone.
  void (*positional)(const Word* interleaved, const VoteRows& votes, const Outcome& outcome);
};

extern const VoteBaselines kVoteBaselines16;
#if defined(__x86_64__)
extern const VoteBaselines kVoteBaselines32, kVoteBaselines64;
#endif

inline std::span<const VoteBaselines* const> vote_baselines() {
#if defined(__x86_64__)
  static const VoteBaselines* const all[] = {&kVoteBaselines64, &kVoteBaselines32,
                                             &kVoteBaselines16};
#else
  static const VoteBaselines* const all[] = {&kVoteBaselines16};
#endif
  return all;
}

}  // namespace signet::bench
