#include "core/base/check.hpp"
#include "core/wire/codec.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/support/sample_messages.hpp"

namespace signet::test {

// What can be read is written and read again as the same.
void fuzz_frames(ByteView input) {
  const auto message = decode(unpack_frames(input));
  if (!message) return;
  const auto frames = encode(*message);
  const auto again = decode(views_of(frames));
  SIGNET_CHECK(again, "what was written can be read");
  SIGNET_CHECK(encode(*again) == frames, "and is the same");
}

std::vector<Bytes> frames_seeds() {
  std::vector<Bytes> seeds;
  for (const Message& message : sample_messages()) seeds.push_back(pack_frames(encode(message)));
  return seeds;
}

}  // namespace signet::test
