#pragma once

#include <atomic>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "core/base/random.hpp"
#include "core/platform/clock.hpp"
#include "core/platform/endpoint.hpp"
#include "core/platform/transport.hpp"

namespace signet::test {

using Coordinator = std::unique_ptr<CoordinatorTransport>;
using Agent = std::unique_ptr<AgentTransport>;

inline constexpr Duration kPatience = std::chrono::seconds(20);  // Bounds each wait of a test.
inline constexpr std::size_t kMessageMax = 100'000;

inline Coordinator open_coordinator(const std::string& listen = "tcp://127.0.0.1:0",
                                    int queue_max = 64) {
  auto opened = CoordinatorTransport::open({listen, "", kMessageMax, queue_max});
  SIGNET_CHECK(opened, opened ? "" : opened.error().message);
  return *std::move(opened);
}

inline Agent open_agent(const std::string& coordinator, std::size_t message_max = kMessageMax,
                        int queue_max = 64) {
  auto opened = AgentTransport::open({coordinator, message_max, queue_max});
  SIGNET_CHECK(opened, opened ? "" : opened.error().message);
  return *std::move(opened);
}

/// Calls `done` until it is true or patience ends.
template <typename Done>
bool eventually(Done&& done) {
  const Instant end = steady_now() + kPatience;
  while (!done())
    if (steady_now() > end) return false;
  return true;
}

/// Waits a little and takes a message; false when none came.
template <typename Transport>
bool take_soon(Transport& transport, Received& into) {
  const Waker nobody;
  transport.wait(nobody, std::chrono::milliseconds(20));
  return transport.receive(into);
}

/// The next message; false when patience ends.
template <typename Transport>
bool take(Transport& transport, Received& into) {
  return eventually([&] { return take_soon(transport, into); });
}

inline Bytes text_bytes(std::string_view text) {
  return to_bytes(view_bytes(text));
}

inline Bytes noise(std::size_t size, std::uint64_t seed) {
  Rng rng(seed);
  Bytes bytes(size);
  for (auto& b : bytes) b = static_cast<std::byte>(rng.next() & 0xff);
  return bytes;
}

/// The frames as texts.
inline std::vector<std::string> texts(const Received& received) {
  std::vector<std::string> all;
  for (const auto& frame : received.frames) all.push_back(to_text(frame->bytes()));
  return all;
}

/// Sends until a connection stands, then waits for the coordinator to have the message and for the
/// agent to have heard that it stands: libzmq's threads may tell of it later than they carry a
/// message. Gives the peer.
inline std::string introduce(AgentTransport& agent, CoordinatorTransport& coordinator,
                             const std::string& name) {
  const std::vector<Bytes> hello{text_bytes(name)};
  Received got;
  const bool met = eventually([&] {
    const Waker nobody;
    if (agent.send(hello)) return take(coordinator, got) && texts(got).front() == name;
    agent.wait(nobody, std::chrono::milliseconds(5));
    return false;
  });
  SIGNET_CHECK(met, "the agent and the coordinator do not find each other");
  const bool knows = eventually([&] {
    const Waker nobody;
    if (!agent.connected()) agent.wait(nobody, std::chrono::milliseconds(5));
    return agent.connected();
  });
  SIGNET_CHECK(knows, "the agent is not told that it is connected");
  return got.peer;
}

/// A TCP connection that speaks no protocol.
class RawClient {
 public:
  explicit RawClient(const std::string& endpoint) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to = {};
    to.sin_family = AF_INET;
    to.sin_port = htons(parse_endpoint(endpoint)->port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr address = {};
    static_assert(sizeof to == sizeof address);
    std::memcpy(&address, &to, sizeof to);
    connected_ = ::connect(fd_, &address, sizeof address) == 0;
  }
  ~RawClient() { ::close(fd_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }
  /// What the other side no longer takes is left out: it may hang up at any byte.
  void send(ByteView bytes) const {
    while (!bytes.empty()) {
      const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return;
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
  }

 private:
  int fd_;
  bool connected_ = false;
};

/// Waits as short as no sleep can.
inline void spin(Duration time) {
  const Instant end = steady_now() + time;
  while (steady_now() < end) continue;
}

/// A port at which connections are taken and closed after some microseconds, each time other ones.
class RudePort {
 public:
  RudePort() : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in at = {};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr address = {};
    std::memcpy(&address, &at, sizeof at);
    // The coordinator that takes the port over may, while connections of before linger.
    const int yes = 1;
    ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    SIGNET_CHECK(::bind(fd_, &address, sizeof address) == 0 && ::listen(fd_, 8) == 0, "a port");
    socklen_t size = sizeof address;
    ::getsockname(fd_, &address, &size);
    std::memcpy(&at, &address, sizeof at);
    endpoint_ = "tcp://127.0.0.1:" + std::to_string(ntohs(at.sin_port));
    thread_ = std::thread([this] { serve(); });
  }
  ~RudePort() {
    ::shutdown(fd_, SHUT_RDWR);  // accept() returns
    thread_.join();
    ::close(fd_);
  }
  RudePort(const RudePort&) = delete;
  RudePort& operator=(const RudePort&) = delete;

  const std::string& endpoint() const { return endpoint_; }
  int served() const { return served_; }

 private:
  void serve() {
    Rng rng(3);
    for (int client = ::accept(fd_, nullptr, nullptr); client >= 0;
         client = ::accept(fd_, nullptr, nullptr)) {
      spin(std::chrono::microseconds(rng.below(1000)));
      ::close(client);
      ++served_;
    }
  }

  int fd_;
  std::string endpoint_;
  std::atomic<int> served_ = 0;
  std::thread thread_;
};

}  // namespace signet::test
