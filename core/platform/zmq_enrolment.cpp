// The asking side of an enrolment socket. Answers come from CoordinatorTransport.
#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include "core/platform/clock.hpp"
#include "core/platform/endpoint.hpp"
#include "core/platform/enrolment_client.hpp"
#include "core/platform/reach.hpp"
#include "core/platform/system_error.hpp"
#include "core/platform/zmq_doorman.hpp"
#include "core/platform/zmq_monitor.hpp"

namespace signet {
namespace zeromq {

// A coordinator that is asked too often keeps silent; this is often enough.
constexpr Duration kAskAgain = std::chrono::seconds(1);
// A handshake also breaks where a coordinator is just being started, or something else closes its
// port; with another key each of them does.
constexpr Duration kReach = std::chrono::seconds(3);  // a name's address
constexpr int kBroken = 3;
constexpr Duration kBrokenFor = std::chrono::seconds(2);

class Asker {
 public:
  Status start(const EnrolmentDoor& door, const KeyPair& own) {
    const auto address = parse_endpoint(door.address);
    if (!address) return address.error();
    address_ = door.address;
    // libzmq would take the first of a name's addresses, whether somebody answers there or not.
    const auto reached = is_host_name(address->host) ? reach(*address, kReach) : *address;
    const std::string to = reached ? reached->text() : door.address;
    const int failed = error_of([&] {
      context_.emplace(1);
      zmq::socket_t socket(*context_, zmq::socket_type::dealer);
      set_common_options(socket, kEnrolmentMax, 4, kCurveBytes);
      socket.set(opt::linger, 0);
      socket.set(opt::immediate, true);
      speak_encrypted(socket, own, door.server_key);
      monitor_.open(*context_, socket, "enrolment");
      socket.connect(to);
      socket_.open(std::move(socket), kCurveBytes);
    });
    return failed == 0 ? Status() : system_error(failed, door.address, "cannot be connected to");
  }

  Result<Bytes> ask(ByteView request, Duration timeout) {
    const Waker nobody;
    const Instant end = steady_now() + timeout;
    Instant next = steady_now();
    Received answer;
    Traffic not_counted;
    while (!socket_.take(false, answer, not_counted)) {
      const Instant now = steady_now();
      if (has_other_key(now)) return other_key();
      if (now >= end) return nobody_there();
      if (now >= next && send_message(socket_.use(), nullptr, {to_bytes(request)}))
        next = now + kAskAgain;
      const std::array sockets{&socket_, &monitor_.socket()};
      // Until a connection stands, sending fails and nothing tells when it would not.
      const Instant look = next > now ? next : now + std::chrono::milliseconds(20);
      wait_for(sockets, nobody, std::min(look, end) - now);
    }
    return to_bytes(answer.frames.front()->bytes());
  }

 private:
  bool has_other_key(Instant now) {
    if (monitor_.next() != ConnectionMonitor::News::NoCommonGround) return false;
    if (broken_ == 0) broken_since_ = now;
    return ++broken_ >= kBroken && now - broken_since_ >= kBrokenFor;
  }

  Error other_key() const {
    return {ErrorKind::Denied, address_ +
                                   ": whoever answers there does not have the coordinator's key "
                                   "that the token names; is the token of another coordinator, or "
                                   "of one that has made new keys since?"};
  }
  Error nobody_there() const {
    return {ErrorKind::Unavailable,
            address_ +
                ": no answer; is the coordinator running, is the port open to this board, and does "
                "a firewall stand between?"};
  }

  std::string address_;
  std::optional<zmq::context_t> context_;  // Goes after the sockets.
  WatchedSocket socket_;
  ConnectionMonitor monitor_;
  int broken_ = 0;  // handshakes
  Instant broken_since_{};
};

}  // namespace zeromq

Result<Bytes> ask_for_enrolment(const EnrolmentDoor& door, const KeyPair& own, ByteView request,
                                Duration timeout) {
  zeromq::Asker asker;
  if (auto started = asker.start(door, own); !started) return started.error();
  return asker.ask(request, timeout);
}

}  // namespace signet
