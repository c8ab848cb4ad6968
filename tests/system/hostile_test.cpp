// What somebody can do who reaches the port and speaks by hand. Longer: ./dev hostile.
#include "core/platform/transport.hpp"
#include "core/signs/sign_vector.hpp"
#include "tests/core/platform/words.hpp"
#include "tests/support/raw_peer.hpp"
#include "tests/system/asking.hpp"

namespace signet {
namespace system_hostile_test {

using namespace test;

std::uint64_t refused(Scene& scene, const std::string& reason) {
  return status(scene).at("refused").value(reason, std::uint64_t{0});
}

// Sanitizers keep what is freed, and have a shadow of the rest: the bounds are those of a plain
// build.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

/// Bytes that a process has in memory.
std::uint64_t memory_of(const Process& process) {
  const auto text = text_of("/proc/" + std::to_string(process.pid()) + "/status");
  const auto at = text.find("VmRSS:");
  SIGNET_CHECK(at != std::string::npos, "the process runs");
  return std::strtoull(text.c_str() + at + 6, nullptr, 10) * 1024;
}

/// An agent whose every byte is said by hand, ready to vote in the open round of `scene`.
struct HandMade {
  /// The coordinator must be listening.
  explicit HandMade(const Scene& scene) : peer(scene.port()) {
    REQUIRE(peer.shake_hands());
    Hello hello;
    hello.name = "by-hand";
    REQUIRE(peer.send(hello));
    REQUIRE(peer.await<Welcome>(60));
    hello.ready = true;
    hello.data = {100, {100}, {900}};
    REQUIRE(peer.send(hello));
    std::optional<Welcome> welcome;
    do {
      welcome = peer.await<Welcome>(60);
      REQUIRE(welcome);
    } while (!welcome->begun);
    run = welcome->run;
  }

  /// A vote of the open round without objections but for its signs.
  Vote vote_with(const Bytes& signs) {
    REQUIRE(peer.send(CatchUpRequest{run, false, {}, 0, {}, 0}));
    const auto chunk = peer.await<SnapshotChunk>(60);
    REQUIRE(chunk);
    Vote vote;
    vote.run = run;
    vote.round = chunk->next_round;
    vote.digest = chunk->digest;
    vote.local = vote.cross = vote.loss = 1;
    vote.samples = 16;
    vote.signs = signs;
    return vote;
  }

  RawPeer peer;
  RunId run;
};

constexpr std::size_t kDimension =
    kSide * kSide * kClasses + kClasses;  // of a job without a hidden layer

TEST_CASE(
    "a vote of the open round with too few signs is refused with its reason, a right one counts",
    "[system]") {
  JobKnobs knobs;
  // No round closes without the vote by hand, so that what it says is of the open one.
  knobs.agents = knobs.quorum = 2;
  knobs.rounds = 1'000'000;
  Scene scene(knobs);
  auto coordinator = scene.start_coordinator();
  auto honest = scene.start_agent(0);
  require_soon(scene, [&] { return coordinator.says("agents may join"); });
  HandMade hand(scene);
  const Bytes right(sign_bytes(kDimension));
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, right.size() - 1, right.size() + 1}) {
    INFO(size);
    REQUIRE(hand.peer.send(hand.vote_with(Bytes(size))));
    const auto refuse = hand.peer.await<Refuse>(60);
    REQUIRE(refuse);
    CHECK(refuse->reason == RefusalReason::Malformed);
    CHECK(words_missing(refuse->text, {std::to_string(size) + " bytes of signs",
                                       std::to_string(right.size())}) == "");
  }
  Vote other = hand.vote_with(right);
  other.run.value ^= 1;
  REQUIRE(hand.peer.send(other));
  const auto refuse = hand.peer.await<Refuse>(60);
  REQUIRE(refuse);
  CHECK(refuse->reason == RefusalReason::WrongRun);
  CHECK(refused(scene, "malformed") == 4);
  CHECK(refused(scene, "another run") == 1);
  CHECK(status(scene).at("round") == 0);
  REQUIRE(hand.peer.send(hand.vote_with(right)));
  require_soon(scene, [&] { return status(scene).at("round") == 1; });
}

TEST_CASE(
    "frames of ZeroMQ's first protocol, half frames and silence take no round from the others",
    "[system]") {
  const auto knobs = endless_job();
  Scene scene(knobs);
  auto coordinator = scene.start_coordinator();
  auto agents = scene.start_agents();
  const auto round = await_rounds(scene, coordinator, 0, 10);
  std::vector<RawPeer> peers;
  for (unsigned i = 0; i < 60; ++i) {
    peers.emplace_back(scene.port());
    REQUIRE(peers.back().connected());
    // A length, flags, a body: an empty routing id, and three messages.
    if (i % 3 == 0)
      CHECK(peers.back().say(std::string("\x01\x00\x05\x00none\x05\x00none\x05\x00none", 20)));
    if (i % 3 == 1)
      CHECK((peers.back().shake_hands() && peers.back().say(RawPeer::frame("half", false, 1000))));
  }
  require_soon(scene, [&] { return refused(scene, "malformed") >= 60; });
  await_rounds(scene, coordinator, round, 50);
  const auto ending = finish_soon(scene, coordinator, agents);
  CHECK(ending.finished.at("agents") == 4);
  check_as_undisturbed(knobs, ending.stopped);
}

TEST_CASE("a thousand connections cost memory within a bound, and it is there for the next ones",
          "[system]") {
  if (kSanitized) SKIP("a bound of memory, and this is a sanitizer's");
  constexpr std::size_t kConnections = 1000;
  constexpr std::uint64_t kEachMost = 64 * 1024;  // bytes, of a connection that says nothing more
  Scene scene(endless_job());
  auto coordinator = scene.start_coordinator();
  auto agents = scene.start_agents();
  auto round = await_rounds(scene, coordinator, 0, 20);
  const std::uint64_t before = memory_of(coordinator);
  std::uint64_t after_first = 0;
  for (const bool first : {true, false}) {
    std::vector<RawPeer> peers;
    for (std::size_t i = 0; i < kConnections; ++i) {
      peers.emplace_back(scene.port() + static_cast<unsigned>(i % 2));
      REQUIRE(peers.back().connected());
      if (i % 3 == 1) peers.back().say(RawPeer::greeting());
      if (i % 3 == 2) peers.back().shake_hands(i % 2 == 0 ? "DEALER" : "SUB");
    }
    round = await_rounds(scene, coordinator, round, 20);
    const std::uint64_t now = memory_of(coordinator);
    INFO((now - before) / kConnections << " bytes a connection");
    CHECK(now - before < kConnections * kEachMost);
    if (first) after_first = now;
    if (!first) CHECK(now < after_first + kConnections * kEachMost / 4);
  }
  const auto ending = finish_soon(scene, coordinator, agents);
  CHECK(ending.finished.at("agents") == 4);
}

TEST_CASE("a connection that does not finish its handshake is closed", "[system]") {
  Scene scene;
  auto coordinator = scene.start_coordinator();
  require_soon(scene, [&] { return RawPeer(scene.port()).shake_hands(); });
  RawPeer silent(scene.port()), greeted(scene.port());
  REQUIRE((silent.connected() && greeted.connected()));
  REQUIRE(greeted.say(RawPeer::greeting()));
  const Instant began = steady_now();
  // Nothing comes but the end: within the 10 s that a handshake has, and some for a slow machine.
  for (RawPeer* peer : {&silent, &greeted}) CHECK_FALSE(peer->await<Welcome>(60));
  CHECK(steady_now() - began < std::chrono::seconds(40));
  CHECK(coordinator.running());
}

TEST_CASE("connections beyond the first limit of descriptors do not shut agents out", "[system]") {
  Scene scene(endless_job());
  Words command{"/bin/sh", "-c", "ulimit -Sn 128; exec \"$@\"", "sh"};
  const Words run = scene.coordinator_command({"--progress", "line"});
  command.insert(command.end(), run.begin(), run.end());
  auto coordinator = scene.start(command, "coordinator");
  require_soon(scene, [&] { return coordinator.says("agents may join"); });
  std::vector<RawPeer> peers;
  for (unsigned i = 0; i < 300; ++i) {
    peers.emplace_back(scene.port() + i % 2);
    REQUIRE(peers.back().shake_hands(i % 2 == 0 ? "DEALER" : "SUB"));
  }
  auto agents = scene.start_agents();
  await_rounds(scene, coordinator, 0, 20);
  const auto ending = finish_soon(scene, coordinator, agents);
  CHECK(ending.finished.at("agents") == 4);
}

TEST_CASE("a peer that hangs up while its messages wait does not end the process", "[system]") {
  const auto coordinator = CoordinatorTransport::open({"tcp://127.0.0.1:0", "", 1U << 20U, 2});
  REQUIRE(coordinator);
  const std::string address = (*coordinator)->control_endpoint();
  const auto port = std::strtoul(address.c_str() + address.rfind(':') + 1, nullptr, 10);
  {
    RawPeer peer(static_cast<unsigned>(port));
    REQUIRE(peer.shake_hands());
    peer.be_rude();
    // More than the queue of 2 takes: what is not received is not read on.
    const std::string message = RawPeer::frame(std::string(1000, 'x'), false);
    for (int i = 0; i < 50; ++i) CHECK(peer.say(message));
    nap(200);
  }
  nap(7000);  // ms: longer than a heartbeat of libzmq's would have been away
  Received got;
  CHECK((*coordinator)->receive(got));
}

TEST_CASE("a message without an end is dropped before it fills the memory, and the run goes on",
          "[system]") {
  if (kSanitized) SKIP("a bound of memory, and this is a sanitizer's");
  auto knobs = endless_job();
  knobs.heartbeat_s = 0.1;
  Scene scene(knobs);
  auto coordinator = scene.start_coordinator();
  auto agents = scene.start_agents();
  await_rounds(scene, coordinator, 0, 20);
  const std::uint64_t before = memory_of(coordinator);
  std::uint64_t most = before;
  RawPeer peer(scene.port());
  REQUIRE(peer.shake_hands());
  const std::string part = RawPeer::frame(std::string(100'000, 'x'), true);
  require_soon(scene, [&] {
    for (int i = 0; i < 100 && peer.say(part); ++i) continue;
    most = std::max(most, memory_of(coordinator));
    return coordinator.says("messages without an end");
  });
  // What may come between two looks at the memory is there as well.
  CHECK(most < before + (std::uint64_t{512} << 20U));
  await_rounds(scene, coordinator, round_shown(coordinator), 50);
  require_soon(scene, [&] { return memory_of(coordinator) < before + (std::uint64_t{64} << 20U); });
  const auto ending = finish_soon(scene, coordinator, agents);
  CHECK(ending.finished.at("agents") == 4);
  check_as_undisturbed(knobs, ending.stopped);
}

TEST_CASE(
    "an agent that is stopped for longer than its queue is long catches up, and the queue is "
    "bounded",
    "[system]") {
  auto knobs = endless_job();
  knobs.hidden = 1024;  // 70,000 parameters: 9 kB an update
  knobs.batch = 16;
  knobs.heartbeat_s = 0.1;
  knobs.silence_s = 1;
  knobs.deadline_min_s = 0.3;
  Scene scene(knobs);
  auto coordinator = scene.start_coordinator();
  auto agents = scene.start_agents();
  auto round = await_rounds(scene, coordinator, 0, 20);
  const std::uint64_t before = memory_of(coordinator);
  agents[1].signal(SIGSTOP);
  require_soon(scene, [&] { return agent(scene, 1).at("state") == "lost"; });
  // 64 updates are kept for a subscriber, and the system's buffers hold some more.
  round = await_rounds(scene, coordinator, round, 600);
  if (!kSanitized) CHECK(memory_of(coordinator) < before + (std::uint64_t{16} << 20U));
  agents[1].signal(SIGCONT);
  require_soon(scene, [&] { return agent(scene, 1).at("state") == "voting"; });
  const auto ending = finish_soon(scene, coordinator, agents);
  CHECK(ending.finished.at("agents") == 4);
}

}  // namespace system_hostile_test
}  // namespace signet
