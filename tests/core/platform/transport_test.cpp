#include "core/platform/transport.hpp"

#include <thread>

#include <signal.h>

#include "tests/core/platform/transport_support.hpp"
#include "tests/core/platform/words.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace transport_test {

using namespace test;
using Texts = std::vector<std::string>;

TEST_CASE("requests arrive with their sender, and replies reach that sender alone",
          "[core][platform][transport]") {
  const auto coordinator = open_coordinator();
  const auto a = open_agent(coordinator->control_endpoint());
  const auto b = open_agent(coordinator->control_endpoint());
  const std::string peer_a = introduce(*a, *coordinator, "a");
  const std::string peer_b = introduce(*b, *coordinator, "b");
  REQUIRE(peer_a != peer_b);

  REQUIRE(coordinator->send(peer_b, {text_bytes("for b"), text_bytes(""), text_bytes("!")}));
  REQUIRE(coordinator->send(peer_a, {text_bytes("for a")}));
  Received got;
  REQUIRE(take(*a, got));
  CHECK(texts(got) == Texts{"for a"});
  CHECK(got.peer.empty());
  CHECK_FALSE(got.broadcast);
  REQUIRE(take(*b, got));
  CHECK(texts(got) == Texts{"for b", "", "!"});
  CHECK_FALSE(a->receive(got));
  CHECK_FALSE(b->receive(got));
}

TEST_CASE("messages of one sender stay in order", "[core][platform][transport]") {
  const auto coordinator = open_coordinator();
  const auto agent = open_agent(coordinator->control_endpoint());
  const std::string peer = introduce(*agent, *coordinator, "a");
  for (int i = 0; i < 50; ++i) REQUIRE(agent->send({text_bytes(std::to_string(i))}));
  for (int i = 0; i < 50; ++i) {
    Received got;
    REQUIRE(take(*coordinator, got));
    CHECK(got.peer == peer);
    CHECK(texts(got) == Texts{std::to_string(i)});
  }
}

/// Publishes until the agent has an update, then empties its queue.
void await_subscription(CoordinatorTransport& coordinator, AgentTransport& agent) {
  Received got;
  REQUIRE(eventually([&] {
    coordinator.publish({text_bytes("first")});
    return take_soon(agent, got) && got.broadcast;
  }));
  while (take_soon(agent, got)) continue;
}

TEST_CASE("an update reaches every subscriber, marked as a broadcast",
          "[core][platform][transport]") {
  const auto coordinator = open_coordinator();
  std::vector<Agent> agents;
  for (int i = 0; i < 3; ++i) {
    agents.push_back(open_agent(coordinator->control_endpoint()));
    REQUIRE(agents.back()->subscribe(coordinator->update_port()));
    await_subscription(*coordinator, *agents.back());
  }
  Received got;
  for (auto& agent : agents)
    while (take_soon(*agent, got)) continue;
  const Bytes signs = noise(73'000, 1);
  coordinator->publish({text_bytes("update"), signs});
  for (auto& agent : agents) {
    REQUIRE(take(*agent, got));
    CHECK(got.broadcast);
    REQUIRE(got.frames.size() == 2);
    CHECK(to_bytes(got.frames[1]->bytes()) == signs);
  }
}

TEST_CASE("a changed update port moves the subscription", "[core][platform][transport]") {
  const auto first = open_coordinator(), second = open_coordinator();
  const auto agent = open_agent(first->control_endpoint());
  REQUIRE(agent->subscribe(first->update_port()));
  await_subscription(*first, *agent);
  REQUIRE(agent->subscribe(second->update_port()));
  await_subscription(*second, *agent);
  first->publish({text_bytes("old")});
  second->publish({text_bytes("new")});
  Received got;
  REQUIRE(take(*agent, got));
  CHECK(texts(got) == Texts{"new"});
}

TEST_CASE("traffic is the frames with their ZMTP headers, on both sides",
          "[core][platform][transport]") {
  const auto coordinator = open_coordinator();
  const auto agent = open_agent(coordinator->control_endpoint());
  const std::string peer = introduce(*agent, *coordinator, "a");
  // "a" with its header of 2.
  CHECK(agent->traffic().sent == 3);
  CHECK(coordinator->traffic().received == 3);

  REQUIRE(agent->send({noise(0, 1), noise(255, 1), noise(256, 1)}));
  Received got;
  REQUIRE(take(*coordinator, got));
  CHECK(agent->traffic().sent == 3 + (0 + 2) + (255 + 2) + (256 + 9));
  CHECK(coordinator->traffic().received == agent->traffic().sent);

  REQUIRE(coordinator->send(peer, {noise(1000, 2)}));
  REQUIRE(take(*agent, got));
  CHECK(coordinator->traffic().sent == 1009);
  CHECK(agent->traffic().received == 1009);
}

TEST_CASE("an update counts once for each subscriber there is", "[core][platform][transport]") {
  const auto coordinator = open_coordinator();
  const auto sent_by_one_update = [&] {
    const auto before = coordinator->traffic().sent;
    coordinator->publish({noise(1000, 2)});
    return coordinator->traffic().sent - before;
  };
  CHECK(sent_by_one_update() == 0);
  auto a = open_agent(coordinator->control_endpoint());
  REQUIRE(a->subscribe(coordinator->update_port()));
  REQUIRE(eventually([&] { return sent_by_one_update() == 1009; }));
  auto b = open_agent(coordinator->control_endpoint());
  REQUIRE(b->subscribe(coordinator->update_port()));
  REQUIRE(eventually([&] { return sent_by_one_update() == 2 * 1009; }));
  a.reset();
  REQUIRE(eventually([&] { return sent_by_one_update() == 1009; }));
  b.reset();
  REQUIRE(eventually([&] { return sent_by_one_update() == 0; }));
}

TEST_CASE("waiting ends with the timeout, the waker or a signal", "[core][platform][transport]") {
  const auto coordinator = open_coordinator();
  const auto agent = open_agent(coordinator->control_endpoint());
  Waker waker;
  const auto wait_both = [&](Duration timeout) {
    const Instant begin = steady_now();
    const bool any = coordinator->wait(waker, timeout) || agent->wait(waker, timeout);
    CHECK_FALSE(any);
    return steady_now() - begin;
  };
  CHECK(wait_both(std::chrono::microseconds(-5)) < kPatience);
  CHECK(wait_both(std::chrono::microseconds(1500)) >= std::chrono::microseconds(1500));
  waker.wake();
  CHECK(wait_both(Duration::max()) < kPatience);
  waker.drain();

  struct sigaction ours = {}, former = {};
  ours.sa_handler = [](int) {};
  ::sigaction(SIGALRM, &ours, &former);
  const itimerval often{{0, 20'000}, {0, 20'000}}, never{};
  ::setitimer(ITIMER_REAL, &often, nullptr);
  CHECK(wait_both(2 * kPatience) < kPatience);
  ::setitimer(ITIMER_REAL, &never, nullptr);
  ::sigaction(SIGALRM, &former, nullptr);
}

TEST_CASE("another thread's wake-up ends a wait", "[core][platform][transport]") {
  const auto coordinator = open_coordinator();
  Waker waker;
  std::thread other([&] { waker.wake(); });
  const Instant begin = steady_now();
  CHECK_FALSE(coordinator->wait(waker, kPatience));
  CHECK(steady_now() - begin < kPatience);
  other.join();
}

TEST_CASE("the last message before a transport goes still leaves", "[core][platform][transport]") {
  const auto coordinator = open_coordinator();
  auto agent = open_agent(coordinator->control_endpoint());
  introduce(*agent, *coordinator, "a");
  REQUIRE(agent->send({noise(90'000, 1)}));
  agent.reset();
  Received got;
  REQUIRE(take(*coordinator, got));
  CHECK(got.frames.front()->bytes().size() == 90'000);
}

TEST_CASE("updates get the port after the control port", "[core][platform][transport]") {
  bool opened = false;
  for (int port = 20'000; port < 30'000 && !opened; port += 17) {
    const auto address = "tcp://127.0.0.1:" + std::to_string(port);
    const auto coordinator = CoordinatorTransport::open({address, "", kMessageMax, 4});
    if (!coordinator) continue;
    opened = true;
    CHECK((*coordinator)->control_endpoint() == address);
    CHECK((*coordinator)->update_port() == port + 1);
    CHECK((*coordinator)->update_endpoint() == "tcp://127.0.0.1:" + std::to_string(port + 1));
  }
  CHECK(opened);
}

TEST_CASE("a port in use is Unavailable and names address and remedy",
          "[core][platform][transport]") {
  const auto first = open_coordinator();
  const auto control = CoordinatorTransport::open({first->control_endpoint(), "", kMessageMax, 4});
  REQUIRE_FALSE(control);
  CHECK(control.error().kind == ErrorKind::Unavailable);
  CHECK(control.error().message ==
        first->control_endpoint() +
            ": the port is in use; stop the other coordinator or choose another with --listen");
  const auto updates =
      CoordinatorTransport::open({"tcp://127.0.0.1:0", first->update_endpoint(), kMessageMax, 4});
  REQUIRE_FALSE(updates);
  CHECK(updates.error().kind == ErrorKind::Unavailable);
  CHECK(words_missing(updates.error().message,
                      {first->update_endpoint(), "in use", "listen_updates"}) == "");
}

TEST_CASE("addresses nobody can listen on or connect to are refused with the reason",
          "[core][platform][transport]") {
  struct Case {
    std::string listen, updates;
    ErrorKind kind;
    std::string reason;
  };
  for (const auto& [listen, updates, kind, reason] :
       std::vector<Case>{{"127.0.0.1:7300", "", ErrorKind::Malformed, "tcp://192.168.1.10:7300"},
                         {"tcp://127.0.0.1:0", "nonsense", ErrorKind::Malformed, "\"nonsense\""},
                         {"tcp://no host:7300", "", ErrorKind::Malformed, "a character"},
                         {"tcp://192.0.2.1:7300", "", ErrorKind::Unavailable, "no such address"},
                         {"tcp://127.0.0.1:65535", "", ErrorKind::Malformed, "no next port"}}) {
    INFO(listen);
    const auto opened = CoordinatorTransport::open({listen, updates, kMessageMax, 4});
    REQUIRE_FALSE(opened);
    CHECK(opened.error().kind == kind);
    CHECK(words_missing(opened.error().message, {reason}) == "");
  }
  for (const char* coordinator :
       {"laptop:7300", "tcp://laptop", "tcp://laptop:0", "tcp://*:7300", "tcp://a b:7300"}) {
    INFO(coordinator);
    const auto opened = AgentTransport::open({coordinator, kMessageMax, 4});
    REQUIRE_FALSE(opened);
    CHECK(opened.error().kind == ErrorKind::Malformed);
    CHECK(words_missing(opened.error().message, {coordinator, "tcp://192.168.1.10:7300"}) == "");
  }
}

TEST_CASE("an agent without an address connects to what is found for it",
          "[core][platform][transport]") {
  const auto coordinator = open_coordinator();
  const auto agent = open_agent("");
  CHECK_FALSE(agent->connected());
  CHECK_FALSE(agent->send({text_bytes("nobody hears this")}));
  CHECK(agent->subscribe(coordinator->update_port()));
  CHECK(agent->reconnect());
  REQUIRE(agent->use_found({"tcp://127.0.0.1:1", coordinator->control_endpoint()}));
  introduce(*agent, *coordinator, "found");
  CHECK(agent->connected());
}

TEST_CASE("a connection that stands stays, whatever is found later",
          "[core][platform][transport]") {
  const auto coordinator = open_coordinator(), other = open_coordinator();
  const auto agent = open_agent(coordinator->control_endpoint());
  const auto peer = introduce(*agent, *coordinator, "here");
  REQUIRE(agent->use_found({other->control_endpoint()}));
  CHECK(agent->connected());
  REQUIRE(coordinator->send(peer, {text_bytes("still here")}));
  Received got;
  REQUIRE(take(*agent, got));
  CHECK(texts(got) == Texts{"still here"});
}

TEST_CASE("a found address that cannot be read changes nothing", "[core][platform][transport]") {
  const auto coordinator = open_coordinator();
  const auto agent = open_agent("");
  const auto used = agent->use_found({coordinator->control_endpoint(), "tcp://*:7300"});
  REQUIRE_FALSE(used);
  CHECK(used.error().kind == ErrorKind::Malformed);
  CHECK_FALSE(agent->connected());
}

}  // namespace transport_test
}  // namespace signet
