#include "core/platform/files.hpp"
#include "core/platform/transport.hpp"
#include "tests/core/platform/temporary_folder.hpp"
#include "tests/core/platform/transport_support.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace transport_faults_test {

using namespace test;
using Texts = std::vector<std::string>;

/// One exchange by a newcomer: the coordinator is alive and well.
void check_serves_newcomers(CoordinatorTransport& coordinator) {
  const auto agent = open_agent(coordinator.control_endpoint());
  Received got;
  std::string peer;
  REQUIRE(eventually([&] {
    agent->send({text_bytes("newcomer")});
    while (take_soon(coordinator, got))
      if (texts(got).front() == "newcomer") peer = got.peer;
    return !peer.empty();
  }));
  REQUIRE(coordinator.send(peer, {text_bytes("welcome")}));
  REQUIRE(take(*agent, got));
  CHECK(texts(got) == Texts{"welcome"});
}

TEST_CASE("a frame of message_max arrives, a larger one does not, and the server goes on",
          "[core][platform][transport]") {
  const auto coordinator = open_coordinator();
  const auto agent = open_agent(coordinator->control_endpoint(), 10 * kMessageMax);
  introduce(*agent, *coordinator, "a");
  REQUIRE(agent->send({noise(kMessageMax, 1)}));
  Received got;
  REQUIRE(take(*coordinator, got));
  CHECK(got.frames.front()->bytes().size() == kMessageMax);

  REQUIRE(agent->send({noise(kMessageMax + 1, 1)}));
  // The connection is closed; the agent comes back by itself and may speak again.
  REQUIRE(eventually([&] {
    agent->send({text_bytes("again")});
    return take_soon(*coordinator, got);
  }));
  CHECK(texts(got) == Texts{"again"});
  check_serves_newcomers(*coordinator);
}

TEST_CASE("an agent that was sent too large a frame is well again after reconnect",
          "[core][platform][transport]") {
  const auto coordinator = open_coordinator();
  const auto agent = open_agent(coordinator->control_endpoint(), 1000);
  const std::string peer = introduce(*agent, *coordinator, "a");
  REQUIRE(coordinator->send(peer, {noise(1001, 1)}));
  Received got;
  REQUIRE(eventually([&] { return !agent->send({text_bytes("x")}); }));  // The connection is gone.
  while (take_soon(*coordinator, got)) continue;
  CHECK_FALSE(agent->receive(got));

  REQUIRE(agent->reconnect());
  const std::string anew = introduce(*agent, *coordinator, "again");
  REQUIRE(coordinator->send(anew, {text_bytes("small")}));
  REQUIRE(take(*agent, got));
  CHECK(texts(got) == Texts{"small"});
}

TEST_CASE("a message of more than eight frames is refused whole, eight arrive",
          "[core][platform][transport]") {
  const auto coordinator = open_coordinator();
  const RawClient client(coordinator->control_endpoint());
  REQUIRE(client.connected());
  // ZMTP 1.0 (rfc.zeromq.org/spec/13): an empty identity, then length, flags (1: more), body.
  std::string stream("\x01\x00", 2);
  const auto add_message = [&](int frames) {
    for (int i = 0; i < frames; ++i)
      stream += std::string("\x02") + (i + 1 < frames ? '\x01' : '\x00') + 'x';
  };
  add_message(9);
  add_message(200);
  add_message(8);
  client.send(view_bytes(stream));
  Received got;
  REQUIRE(take(*coordinator, got));
  CHECK(got.frames.size() == 8);
  CHECK(coordinator->traffic().refused == 2);
  check_serves_newcomers(*coordinator);
}

Bytes garbage(Rng& rng) {
  static const std::vector<std::string> kBeginnings{
      std::string(),
      std::string("\x01\x00", 2),  // ZMTP 1.0, anonymous
      std::string("\x05\x00"
                  "abcd",
                  6),                                               // ZMTP 1.0, with an identity
      std::string("\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f", 10),  // ZMTP 2 and later
      std::string("\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x01\x05\x00\x00", 14),  // 2.0, DEALER
      std::string("\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x03\x00NULL", 16) +
          std::string(48, '\0'),  // 3.0, NULL security
      std::string("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00", 10),
      "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
      std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11),  // TLS client hello
  };
  Bytes bytes = text_bytes(kBeginnings[static_cast<std::size_t>(rng.below(kBeginnings.size()))]);
  const auto length = static_cast<std::size_t>(rng.below(rng.below(4) == 0 ? 5000 : 60));
  const Bytes tail = noise(length, rng.next());
  bytes.insert(bytes.end(), tail.begin(), tail.end());
  // Small lengths and flags make frames out of some of it.
  if (rng.below(2) == 0)
    for (auto& b : bytes)
      if (rng.below(2) == 0) b = static_cast<std::byte>(rng.below(4));
  return bytes;
}

TEST_CASE("garbage on both ports kills nothing and fills no message beyond its limits",
          "[core][platform][transport]") {
  const auto coordinator = open_coordinator();
  const auto agent = open_agent(coordinator->control_endpoint());
  const std::string peer = introduce(*agent, *coordinator, "a");
  Rng rng(7300);
  Received got;
  const auto take_all = [&] {
    while (coordinator->receive(got)) {
      CHECK(got.frames.size() >= 1);
      CHECK(got.frames.size() <= kMessageFramesMax);
      for (const auto& frame : got.frames) CHECK(frame->bytes().size() <= kMessageMax);
    }
  };
  const Waker nobody;
  for (int i = 0; i < 400; ++i) {
    const RawClient client(rng.below(4) == 0 ? coordinator->update_endpoint()
                                             : coordinator->control_endpoint());
    REQUIRE(client.connected());
    client.send(garbage(rng));
    if (rng.below(2) == 0) client.send(garbage(rng));
    coordinator->wait(nobody, std::chrono::milliseconds(1));
    coordinator->publish({text_bytes("update")});
    take_all();
  }
  // The peer that was there before is served as ever.
  REQUIRE(coordinator->send(peer, {text_bytes("still here")}));
  REQUIRE(take(*agent, got));
  CHECK(texts(got) == Texts{"still here"});
  check_serves_newcomers(*coordinator);
}

// A full queue is given up when the socket reads the end of its connection, so one has to receive,
// as the event loop does.
bool is_gone(CoordinatorTransport& coordinator, const std::string& peer) {
  Received got;
  while (coordinator.receive(got)) {
  }
  return coordinator.deliver(peer, {text_bytes("x")}) == Sent::NoPeer;
}

TEST_CASE("sending to a peer that is gone or never was returns at once and is counted",
          "[core][platform][transport]") {
  const auto coordinator = open_coordinator();
  auto agent = open_agent(coordinator->control_endpoint());
  const std::string peer = introduce(*agent, *coordinator, "a");
  CHECK_FALSE(coordinator->send("nobody", {noise(1000, 1)}));
  CHECK_FALSE(coordinator->send("", {noise(1000, 1)}));
  CHECK(coordinator->traffic().lost == 2);
  CHECK(coordinator->traffic().sent == 0);

  agent.reset();
  Duration longest{0};
  REQUIRE(eventually([&] {
    const Instant begin = steady_now();
    const bool sent = coordinator->send(peer, {text_bytes("x")});
    longest = std::max(longest, steady_now() - begin);
    return !sent;
  }));
  CHECK(longest < std::chrono::seconds(1));
  CHECK(coordinator->traffic().lost == 3);
  CHECK(eventually([&] { return is_gone(*coordinator, peer); }));
  CHECK(coordinator->deliver("nobody", {text_bytes("x")}) == Sent::NoPeer);
}

/// Sends until messages are lost twenty times in a row, and gives how many were lost in all. The
/// next may be queued again: libzmq's thread moves messages into the system's buffers whenever
/// those have room.
std::uint64_t fill_queue(CoordinatorTransport& coordinator, const std::string& peer,
                         const std::vector<Bytes>& message) {
  constexpr int kFull = 20;
  constexpr int kAttempts = 4000;
  std::uint64_t lost = 0;
  int in_a_row = 0;
  for (int attempt = 0; attempt < kAttempts && in_a_row < kFull; ++attempt) {
    const Sent sent = coordinator.deliver(peer, message);
    REQUIRE(sent != Sent::NoPeer);
    in_a_row = sent == Sent::Lost ? in_a_row + 1 : 0;
    lost += sent == Sent::Lost ? 1 : 0;
  }
  REQUIRE(in_a_row == kFull);
  return lost;
}

TEST_CASE("a peer that goes away with a full queue is gone, and not slow for ever",
          "[core][platform][transport]") {
  const auto coordinator = open_coordinator("tcp://127.0.0.1:0", 4);
  auto agent = open_agent(coordinator->control_endpoint(), kMessageMax, 4);
  const std::string peer = introduce(*agent, *coordinator, "a");
  const std::vector<Bytes> large{noise(kMessageMax, 1)};
  fill_queue(*coordinator, peer, large);
  agent.reset();
  CHECK(eventually([&] { return is_gone(*coordinator, peer); }));
}

TEST_CASE("a peer that does not read fills its own queue only, and nobody waits for it",
          "[core][platform][transport]") {
  const auto coordinator = open_coordinator("tcp://127.0.0.1:0", 4);
  const auto slow = open_agent(coordinator->control_endpoint(), kMessageMax, 4);
  const auto quick = open_agent(coordinator->control_endpoint(), kMessageMax, 4);
  const std::string slow_peer = introduce(*slow, *coordinator, "slow");
  const std::string quick_peer = introduce(*quick, *coordinator, "quick");
  const std::vector<Bytes> large{noise(kMessageMax, 1)};
  const std::uint64_t lost = fill_queue(*coordinator, slow_peer, large);
  CHECK(coordinator->traffic().lost == lost);
  // It is there, and only slow.
  CHECK(coordinator->deliver(slow_peer, large) != Sent::NoPeer);
  Received got;
  REQUIRE(coordinator->send(quick_peer, {text_bytes("quick")}));
  REQUIRE(take(*quick, got));
  CHECK(texts(got) == Texts{"quick"});
  // The slow one finds whole messages when it reads at last.
  REQUIRE(take(*slow, got));
  CHECK(got.frames.front()->bytes().size() == kMessageMax);
}

TEST_CASE("an agent whose coordinator is away queues nothing and says so",
          "[core][platform][transport]") {
  auto coordinator = open_coordinator();
  const CoordinatorTransport::Options same{coordinator->control_endpoint(),
                                           coordinator->update_endpoint(), kMessageMax, 64};
  coordinator.reset();
  const auto agent = open_agent(same.listen);
  for (int i = 0; i < 10; ++i) CHECK_FALSE(agent->send({text_bytes("stale")}));
  CHECK(agent->traffic().lost == 10);
  CHECK(agent->traffic().sent == 0);
  // On the very same ports: the next to the first may be somebody else's.
  auto reopened = CoordinatorTransport::open(same);
  REQUIRE(reopened);
  introduce(*agent, **reopened, "fresh");  // The first message to arrive.
}

TEST_CASE("agents find a coordinator that went away and came back on the same ports",
          "[core][platform][transport]") {
  auto coordinator = open_coordinator();
  const CoordinatorTransport::Options same{coordinator->control_endpoint(),
                                           coordinator->update_endpoint(), kMessageMax, 64};
  const auto agent = open_agent(same.listen);
  REQUIRE(agent->subscribe(coordinator->update_port()));
  introduce(*agent, *coordinator, "before");
  coordinator.reset();
  REQUIRE(eventually([&] { return !agent->send({text_bytes("meanwhile")}); }));

  auto reopened = CoordinatorTransport::open(same);
  REQUIRE(reopened);
  introduce(*agent, **reopened, "after");
  Received got;
  REQUIRE(eventually([&] {
    (*reopened)->publish({text_bytes("update")});
    return take_soon(*agent, got);
  }));
  CHECK(got.broadcast);
}

TEST_CASE("a coordinator that opens anew drops a message without an end, and agents come back",
          "[core][platform][transport]") {
  const auto coordinator = open_coordinator();
  const std::string control = coordinator->control_endpoint(), path = "reopen.control";
  const TemporaryFolder folder;
  REQUIRE(coordinator->open_control(folder / path));
  const auto agent = open_agent(control);
  REQUIRE(agent->subscribe(coordinator->update_port()));
  const std::string before = introduce(*agent, *coordinator, "before");
  // ZMTP 1.0: a routing id of one byte, then frames that are all followed by another.
  const RawClient endless(control);
  std::string frames("\x02\x00i", 3);
  for (int i = 0; i < 100'000; ++i) frames += std::string("\x02\x01x", 3);
  endless.send(view_bytes(frames));

  REQUIRE(coordinator->reopen());
  CHECK(coordinator->control_endpoint() == control);
  CHECK(exists(folder / path));
  CHECK_FALSE(coordinator->send(before, {text_bytes("old")}));
  CHECK(introduce(*agent, *coordinator, "after") != before);
  endless.send(text_bytes("more"));
  Received got;
  REQUIRE(eventually([&] {
    coordinator->publish({text_bytes("update")});
    return take_soon(*agent, got);
  }));
  CHECK(texts(got) == Texts{"update"});
  CHECK_FALSE(take_soon(*coordinator, got));
}

TEST_CASE("an agent that gives up connections while they break can still connect",
          "[core][platform][transport]") {
  std::string endpoint;
  Agent agent;
  {
    const RudePort rude;
    endpoint = rude.endpoint();
    agent = open_agent(endpoint);
    Rng rng(4);
    for (int i = 0; i < 1000; ++i) {
      spin(std::chrono::microseconds(rng.below(1500)));
      REQUIRE(agent->reconnect());
    }
  }
  const auto coordinator = open_coordinator(endpoint);
  REQUIRE(agent->reconnect());
  introduce(*agent, *coordinator, "a");
}

TEST_CASE("reconnect drops what was queued and makes new connections for both sockets",
          "[core][platform][transport]") {
  const auto coordinator = open_coordinator();
  const auto agent = open_agent(coordinator->control_endpoint());
  REQUIRE(agent->subscribe(coordinator->update_port()));
  const std::string first = introduce(*agent, *coordinator, "first");
  REQUIRE(coordinator->send(first, {text_bytes("old")}));
  const Waker nobody;
  REQUIRE(eventually([&] { return agent->wait(nobody, std::chrono::milliseconds(20)); }));

  REQUIRE(agent->reconnect());
  const std::string second = introduce(*agent, *coordinator, "second");
  CHECK(second != first);
  REQUIRE(coordinator->send(second, {text_bytes("new")}));
  Received got;
  REQUIRE(take(*agent, got));
  CHECK(texts(got) == Texts{"new"});
  REQUIRE(eventually([&] {
    coordinator->publish({text_bytes("update")});
    return take_soon(*agent, got);
  }));
  CHECK(got.broadcast);
}

}  // namespace transport_faults_test
}  // namespace signet
