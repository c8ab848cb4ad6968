#pragma once

#include <vector>

#include "core/wire/codec.hpp"
#include "tests/support/sign_patterns.hpp"

namespace signet::test {

inline constexpr std::size_t kSampleDimension = 1003;

/// One message of every kind, each field with a value of its own. The views live as long as the
/// static vectors in here.
inline std::vector<Message> sample_messages() {
  static const SignVector signs = random_signs(kSampleDimension, 1);
  static const SignVector plane = random_signs(kSampleDimension, 2);
  static const Bytes chunk(1000, std::byte{0x5a});
  const RunId run{0x1122334455667788};
  return {
      Hello{1, 2, "kitchen", "signet 0.1.0", run, {41}, 0xabcdef, true, {123, {1.5, 2}, {0.25, 4}}},
      Welcome{1, {7}, run, "name = \"job\"\n", true, {42}, 7301, {{0.5F}, {2.0F}}, "kitchen"},
      Refuse{RefusalReason::LateVote, "round 41 is closed", {42}, 1, 1},
      Vote{run,
           {42},
           0xfeed,
           1.5F,
           0.5F,
           2.25F,
           64,
           Abstention::None,
           "",
           signs.bytes(),
           plane.bytes(),
           0.75F},
      Vote{run, {42}, 0xfeed, 1.5F, 0.5F, 2.25F, 64, Abstention::None, "", signs.bytes(), {}},
      Vote{run, {42}, 0xfeed, 0, 0, 0, 64, Abstention::NotFinite, "loss is NaN", {}, {}},
      Update{run, {42}, 3e-4F, 0xbeef, 2000, 4, signs.bytes(), plane.bytes()},
      CatchUpRequest{run, true, {40}, 0xdead, {32}, 3},
      SnapshotChunk{run, {32}, 0xd1ce, 3, 9, chunk},
      Heartbeat{run, {42}, Activity::Training, true},
      Goodbye{run, Farewell::Finished, "done", {43}, 0xf00d, 1000, 2000},
  };
}

inline std::vector<ByteView> views_of(const std::vector<Bytes>& frames) {
  return {frames.begin(), frames.end()};
}

}  // namespace signet::test
