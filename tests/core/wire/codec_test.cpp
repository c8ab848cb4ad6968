#include "core/wire/codec.hpp"

#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "core/base/random.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/same_message.hpp"
#include "tests/support/sample_messages.hpp"

namespace signet {

namespace {

std::vector<Bytes> bytes_of(const Message& message) {
  return encode(message);
}

Result<Message> through(const Message& message) {
  const auto frames = encode(message);
  const auto views = test::views_of(frames);
  auto decoded = decode(views);
  if (!decoded) return decoded;
  CHECK(test::same_message(*decoded, message));  // while the frames are alive
  CHECK(bytes_of(*decoded) == frames);
  return decoded;
}

template <typename Number>
Number number_at(const Bytes& bytes, std::size_t at) {
  Number number{};
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

/// The sample hello with its means moved to where no number of 8 bytes belongs: behind all else, at
/// a multiple of 4 that is none of 8.
std::vector<Bytes> hello_with_misplaced_means() {
  std::vector<Bytes> frames = encode(test::sample_messages()[0]);
  Bytes& header = frames[0];
  std::size_t means = 0, offset = 0;
  while (number_at<std::uint32_t>(header, means) != 2 ||
         number_at<double>(header, means + 4) != 1.5)
    means += 4;
  while (offset + number_at<std::uint32_t>(header, offset) != means) offset += 4;
  while (header.size() % 8 != 0) header.push_back({});
  const Bytes moved(header.begin() + static_cast<std::ptrdiff_t>(means),
                    header.begin() + static_cast<std::ptrdiff_t>(means + 20));
  const auto distance = static_cast<std::uint32_t>(header.size() - offset);
  std::memcpy(header.data() + offset, &distance, sizeof distance);
  header.insert(header.end(), moved.begin(), moved.end());
  return frames;
}

}  // namespace

TEST_CASE("numbers that a stranger put where the machine cannot load them are read",
          "[core][wire]") {
  const auto frames = hello_with_misplaced_means();
  const auto hello = decode(test::views_of(frames));
  REQUIRE(hello);
  CHECK(std::get<Hello>(*hello).data.mean == std::vector<double>{1.5, 2});
}

TEST_CASE("every message survives the wire with every field", "[core][wire]") {
  for (const Message& message : test::sample_messages()) {
    INFO(kind_of(message));
    const auto decoded = through(message);
    REQUIRE(decoded);
    CHECK(decoded->index() == message.index());
  }
  const auto frames = encode(test::sample_messages()[3]),
             others = encode(test::sample_messages()[4]);
  CHECK(std::get<Vote>(*decode(test::views_of(frames))).curvature == 0.75F);
  CHECK_FALSE(std::get<Vote>(*decode(test::views_of(others))).curvature);
  const auto hello = through(test::sample_messages()[0]);
  REQUIRE(hello);
  const auto& h = std::get<Hello>(*hello);
  CHECK(h.name == "kitchen");
  CHECK(h.protocol_max == 2);
  CHECK(h.next_round == RoundId{41});
  CHECK(h.data.variance == std::vector<double>{0.25, 4});
}

TEST_CASE("every frame decodes at each of 16 addresses", "[core][wire]") {
  for (const Message& message : test::sample_messages()) {
    const auto frames = encode(message);
    for (std::size_t offset = 0; offset < 16; ++offset) {
      std::vector<Bytes> moved;
      std::vector<ByteView> views;
      for (const auto& frame : frames) {
        moved.emplace_back(offset);
        moved.back().insert(moved.back().end(), frame.begin(), frame.end());
      }
      for (const auto& frame : moved) views.push_back(ByteView(frame).subspan(offset));
      const auto decoded = decode(views);
      INFO(kind_of(message) << " at " << offset);
      REQUIRE(decoded);
      CHECK(bytes_of(*decoded) == frames);
    }
  }
}

TEST_CASE("texts that nobody would write are cut before a character", "[core][wire]") {
  const auto read = [](const Message& message) {
    const auto frames = encode(message);
    const std::vector<ByteView> views(frames.begin(), frames.end());
    auto decoded = decode(views);
    REQUIRE(decoded);
    return *std::move(decoded);
  };
  std::string text(kTextMax - 1, 'x');
  Goodbye goodbye;
  goodbye.text = text + "\xc3\xa9" + std::string(1U << 20U, 'y');
  CHECK(std::get<Goodbye>(read(goodbye)).text == text);
  goodbye.text = text + "y";
  CHECK(std::get<Goodbye>(read(goodbye)).text == goodbye.text);
  Vote vote;
  vote.abstention = Abstention::Paused;
  vote.reason = std::string(1U << 20U, '\x80');
  CHECK(std::get<Vote>(read(vote)).reason.empty());
  Hello hello;
  hello.name = hello.software = std::string(1U << 20U, 'n');
  CHECK(std::get<Hello>(read(hello)).name.size() == kTextMax);
  CHECK(std::get<Hello>(read(hello)).software.size() == kTextMax);
  CHECK(std::get<Refuse>(read(Refuse{RefusalReason::Malformed, hello.name, {}})).text.size() ==
        kTextMax);
}

TEST_CASE("sign bits are read in place from the received frame", "[core][wire]") {
  const auto frames = encode(test::sample_messages()[3]);
  const auto views = test::views_of(frames);
  const auto decoded = decode(views);
  REQUIRE(decoded);
  const auto& vote = std::get<Vote>(*decoded);
  CHECK(vote.signs.data() == frames[1].data());
  CHECK(vote.abstained.data() == frames[2].data());
}

TEST_CASE("a cut-off header is refused at every length", "[core][wire]") {
  for (const Message& message : test::sample_messages()) {
    const auto frames = encode(message);
    auto views = test::views_of(frames);
    const ByteView header = views[0];
    for (std::size_t length = 0; length < header.size(); ++length) {
      // A copy of its own, so that a sanitizer sees a read past the end.
      const Bytes cut(header.begin(), header.begin() + static_cast<std::ptrdiff_t>(length));
      views[0] = cut;
      const auto decoded = decode(views);
      if (decoded) {
        // Trailing padding may be cut without loss; every field must then be intact.
        CHECK(bytes_of(*decoded) == frames);
      } else {
        CHECK(decoded.error().kind == ErrorKind::Malformed);
      }
    }
  }
}

TEST_CASE("flipped bits never do more than change or refuse a message", "[core][wire]") {
  Rng rng(31);
  for (const Message& message : test::sample_messages()) {
    const auto frames = encode(message);
    for (int trial = 0; trial < 3000; ++trial) {
      auto damaged = frames;
      const auto flips = 1 + rng.below(8);
      for (std::uint64_t f = 0; f < flips; ++f)
        damaged[0][rng.below(damaged[0].size())] ^= static_cast<std::byte>(1U << rng.below(8));
      const auto views = test::views_of(damaged);
      const auto decoded = decode(views);
      if (!decoded) CHECK(decoded.error().kind == ErrorKind::Malformed);
    }
  }
}

TEST_CASE("random bytes are no message", "[core][wire]") {
  Rng rng(32);
  for (int trial = 0; trial < 20'000; ++trial) {
    Bytes garbage(rng.below(200));
    for (auto& b : garbage) b = static_cast<std::byte>(rng.next());
    const ByteView view = garbage;
    CHECK_FALSE(decode(std::span(&view, 1)));
  }
}

TEST_CASE("frames that the kind cannot have are refused", "[core][wire]") {
  const auto messages = test::sample_messages();
  const auto refused = [](std::vector<Bytes> frames) {
    const auto views = test::views_of(frames);
    return !decode(views);
  };
  CHECK(refused({}));
  for (const Message& message : messages) {
    auto frames = encode(message);
    frames.resize(frames.size() + 3, Bytes(8));
    CHECK(refused(frames));
  }
  auto vote = encode(messages[3]);
  vote.resize(1);
  CHECK(refused(vote));  // a vote without signs
  auto uneven = encode(messages[3]);
  uneven[2].pop_back();
  CHECK(refused(uneven));  // planes of two sizes
  auto abstention = encode(messages[5]);
  abstention.push_back(Bytes(10));
  CHECK(refused(abstention));  // an abstention with signs
  auto heartbeat = encode(messages[9]);
  heartbeat.push_back(Bytes(1));
  CHECK(refused(heartbeat));
  auto chunk = encode(messages[8]);
  chunk[1].resize(kChunkBytes + 1);
  CHECK(refused(chunk));
  CHECK(refused({Bytes(kHeaderMax + 1)}));
}

TEST_CASE("numbers without meaning are refused", "[core][wire]") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  auto messages = test::sample_messages();
  for (const float bad : {nan, infinity}) {
    for (float Vote::*field : {&Vote::loss, &Vote::local, &Vote::cross}) {
      auto vote = std::get<Vote>(messages[4]);
      vote.*field = bad;
      CHECK_FALSE(through(vote));
    }
    auto curved = std::get<Vote>(messages[4]);
    curved.curvature = bad;
    CHECK_FALSE(through(curved));
    auto update = std::get<Update>(messages[6]);
    update.rate = bad;
    CHECK_FALSE(through(update));
  }
  auto update = std::get<Update>(messages[6]);
  update.rate = -1;
  CHECK_FALSE(through(update));
  auto hello = std::get<Hello>(messages[0]);
  hello.data.variance[0] = -1;
  CHECK_FALSE(through(hello));
  hello.data.variance = {1};
  CHECK_FALSE(through(hello));
  auto refuse = std::get<Refuse>(messages[2]);
  refuse.reason = static_cast<RefusalReason>(200);
  CHECK_FALSE(through(refuse));
  auto chunk = std::get<SnapshotChunk>(messages[8]);
  chunk.chunk = chunk.chunks;
  CHECK_FALSE(through(chunk));
}

TEST_CASE("a vote costs d/8 bytes and a small header", "[core][wire]") {
  constexpr std::size_t kD = 100'000;
  const SignVector signs = test::random_signs(kD, 5);
  Vote vote = std::get<Vote>(test::sample_messages()[4]);
  vote.signs = signs.bytes();
  std::size_t bytes = 0;
  for (const auto& frame : encode(vote)) bytes += frame.size();
  CHECK(bytes >= kD / 8);
  CHECK(bytes * 100 < kD / 8 * 101);
}

}  // namespace signet
