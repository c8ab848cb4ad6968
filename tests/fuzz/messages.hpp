#pragma once

#include <string>
#include <vector>

#include "core/wire/codec.hpp"
#include "tests/fuzz/input.hpp"

namespace signet::test {

/// What a message of this run would say, for messages that get further than a checksum.
struct FuzzScene {
  RunId run;
  RoundId round;
  std::uint64_t digest = 0;
  std::size_t dimension = 0;
  std::string job_text;
};

/// Any message, most often one that nearly fits the scene. `memory` keeps what it views.
inline Message fuzz_message(FuzzInput& input, const FuzzScene& scene, Bytes& memory) {
  const std::uint8_t kind = input.byte(), odd = input.byte();
  const RunId run = (odd & 1U) != 0 ? RunId{input.byte()} : scene.run;
  const RoundId round = (odd & 2U) != 0   ? RoundId{input.number<std::uint16_t>()}
                        : (odd & 4U) != 0 ? scene.round.next()
                                          : scene.round;
  const std::uint64_t digest = (odd & 8U) != 0 ? input.byte() : scene.digest;
  const std::size_t bytes = (odd & 16U) != 0 ? input.byte() : sign_bytes(scene.dimension);
  memory = to_bytes(input.take(bytes));
  memory.resize(bytes);
  const ByteView plane = (odd & 32U) != 0 ? ByteView(memory) : ByteView{};
  switch (kind % 9) {
    case 0:
      return Hello{1,
                   1,
                   "agent-" + std::to_string(input.byte() % 4),
                   "fuzz",
                   run,
                   round,
                   digest,
                   (odd & 64U) != 0,
                   {input.number<std::uint32_t>(), {1}, {2}}};
    case 1:
      return Welcome{1,
                     {1},
                     run,
                     (odd & 128U) != 0 ? "name = 1" : scene.job_text,
                     (odd & 64U) != 0,
                     round,
                     7301,
                     {{1}, {1}},
                     (odd & 32U) != 0 ? "ada" : ""};
    case 2: return Refuse{static_cast<RefusalReason>(1 + input.byte() % 12), "fuzz", round, 1, 1};
    case 3:
      return Vote{
          run, round,  digest,       1,
          1,   1,      input.byte(), (odd & 64U) != 0 ? Abstention::NotFinite : Abstention::None,
          "",  memory, plane};
    case 4: return Update{run, round, input.number<float>(), digest, 1000, 2, memory, plane};
    case 5: return CatchUpRequest{run, (odd & 64U) != 0, round, digest, round, input.byte() % 3U};
    case 6: {
      memory.resize(scene.dimension * sizeof(float));
      return SnapshotChunk{run, round, digest, input.byte() % 2U, 1, memory};
    }
    case 7: return Heartbeat{run, round, static_cast<Activity>(input.byte() % 6), input.flag()};
    default:
      return Goodbye{run, static_cast<Farewell>(1 + input.byte() % 3), "fuzz", round, digest, 1, 1};
  }
}

/// As it would arrive: through the codec, or for some inputs frames of any bytes.
inline Result<Message> fuzz_arrival(FuzzInput& input, const FuzzScene& scene,
                                    std::vector<Bytes>& frames) {
  if (input.byte() % 8 == 0) {
    const ByteView raw = input.take(input.byte());
    frames.clear();
    for (const ByteView frame : unpack_frames(raw)) frames.push_back(to_bytes(frame));
  } else {
    Bytes memory;
    frames = encode(fuzz_message(input, scene, memory));
  }
  return decode(std::vector<ByteView>(frames.begin(), frames.end()));
}

}  // namespace signet::test
