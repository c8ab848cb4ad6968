#include "core/platform/zmq_socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include <poll.h>

#include "core/platform/clock.hpp"

namespace signet::zeromq {

using std::chrono::milliseconds;

constexpr int kRefusedPerCall = 64;  // A flood of bad messages must not hold receive() up.
constexpr int kLastWords = 1000;     // ms that closing waits for queued messages.

/// A message must not be torn apart by a signal between two of its parts.
template <typename Call>
int error_unless_interrupted(Call&& call) {
  int failed = error_of(call);
  while (failed == EINTR) failed = error_of(call);
  return failed;
}

class MessageFrame final : public Frame {
 public:
  explicit MessageFrame(zmq::message_t message) : message_(std::move(message)) {}
  ByteView bytes() const override { return {message_.data<std::byte>(), message_.size()}; }

 private:
  zmq::message_t message_;
};

/// ZMTP 3.0, section 2 (framing): flags, then a length of 1 byte, or of 8.
std::uint64_t frame_wire_size(std::size_t frame) {
  return frame + (frame < 256 ? 2U : 9U);
}

void set_common_options(zmq::socket_t& socket, std::size_t message_max, int queue_max,
                        std::size_t frame_extra) {
  socket.set(opt::maxmsgsize, static_cast<std::int64_t>(message_max + frame_extra));
  socket.set(opt::sndhwm, queue_max);
  socket.set(opt::rcvhwm, queue_max);
  socket.set(opt::linger, kLastWords);
  socket.set(opt::ipv6, true);
  socket.set(opt::handshake_ivl, 10'000);
  // A connection that is dead without a word is found by TCP within a minute, whether or not
  // something waits to be acknowledged. Not by ZMTP's heartbeats: libzmq 4.3.4 ends the process
  // (assertion
  // !_io_error) when one is due on a connection that broke while its received messages waited.
  socket.set(opt::tcp_maxrt, 60'000);
  socket.set(opt::tcp_keepalive, 1);
  socket.set(opt::tcp_keepalive_idle, 30);  // seconds
  socket.set(opt::tcp_keepalive_intvl, 10);
  socket.set(opt::tcp_keepalive_cnt, 3);
  socket.set(opt::reconnect_ivl, 200);
  socket.set(opt::reconnect_ivl_max, 10'000);
  // The system's own limit is minutes: too long when a switched-off machine comes back.
  socket.set(opt::connect_timeout, 10'000);
}

Sent deliver_message(zmq::socket_t& socket, const std::string* peer,
                     const std::vector<Bytes>& frames) {
  SIGNET_CHECK(!frames.empty() && frames.size() <= kMessageFramesMax, "1 to 8 frames in a message");
  bool begun = false, whole = true, nobody = false;
  const auto put = [&](const void* data, std::size_t size, bool more) {
    if (!begun && !whole) return;  // The first part was refused: nothing of the message is queued.
    // A copy, and not our memory with a function that frees it: libzmq would run that in its own
    // thread, and 3 MB (25 million signs) copy in well under a millisecond.
    zmq::message_t part(data, size);
    const auto flags =
        zmq::send_flags::dontwait | (more ? zmq::send_flags::sndmore : zmq::send_flags::none);
    std::optional<std::size_t> queued;
    const int failed = error_unless_interrupted([&] { queued = socket.send(part, flags); });
    whole = whole && failed == 0 && queued.has_value();
    nobody = nobody || failed == EHOSTUNREACH;
    // When a connection dies between two parts, the rest must still be handed over: libzmq drops
    // all parts up to the last, of this message or, if we stopped here, of the next.
    begun = begun || whole;
  };
  if (peer != nullptr) put(peer->data(), peer->size(), true);
  for (std::size_t i = 0; i < frames.size(); ++i)
    put(frames[i].data(), frames[i].size(), i + 1 < frames.size());
  if (whole) return Sent::Queued;
  return nobody ? Sent::NoPeer : Sent::Lost;
}

std::uint64_t wire_size(const std::vector<Bytes>& frames, std::size_t frame_extra) {
  std::uint64_t sum = 0;
  for (const auto& frame : frames) sum += frame_wire_size(frame.size() + frame_extra);
  return sum;
}

bool take_part(zmq::socket_t& socket, zmq::message_t& part) {
  std::optional<std::size_t> got;
  const int failed =
      error_unless_interrupted([&] { got = socket.recv(part, zmq::recv_flags::dontwait); });
  return failed == 0 && got.has_value();
}

std::string key_of(zmq::message_t& message) {
  // What the doorman said of the connection; a peer cannot set it.
  const char* key = zmq_msg_gets(message.handle(), "User-Id");
  return key == nullptr ? "" : key;
}

/// Takes one message. libzmq reads a peer that sends no ZMTP 3 greeting as ZMTP 1.0, so that any
/// bytes may come out as any number of frames, also as a routing id followed by none.
Taken take_one_message(zmq::socket_t& socket, bool routed, Received& into, Traffic& traffic,
                       std::size_t frame_extra) {
  into.peer.clear();
  into.key.clear();
  into.frames.clear();
  zmq::message_t part;
  if (!take_part(socket, part)) return Taken::Nothing;
  bool too_many = false, more = part.more();
  if (routed) {
    into.peer = part.to_string();
    if (more && !take_part(socket, part)) more = false;
  }
  for (bool payload = !routed || more; payload; payload = more && take_part(socket, part)) {
    more = part.more();
    if (routed && frame_extra > 0 && into.frames.empty()) {
      into.key = key_of(part);
      into.connection = zmq_msg_get(part.handle(), ZMQ_SRCFD);
    }
    traffic.received += frame_wire_size(part.size() + frame_extra);
    too_many = too_many || into.frames.size() == kMessageFramesMax;
    if (!too_many)
      into.frames.push_back(std::make_unique<MessageFrame>(std::exchange(part, zmq::message_t())));
  }
  if (!too_many && !into.frames.empty()) return Taken::Message;
  into.frames.clear();
  ++traffic.refused;
  return Taken::Refused;
}

Taken take_message(zmq::socket_t& socket, bool routed, Received& into, Traffic& traffic,
                   std::size_t frame_extra) {
  // After the limit wait() says at once that there are more.
  for (int i = 0; i < kRefusedPerCall; ++i) {
    const Taken taken = take_one_message(socket, routed, into, traffic, frame_extra);
    if (taken != Taken::Refused) return taken;
  }
  return Taken::Refused;
}

void WatchedSocket::open(zmq::socket_t socket, std::size_t frame_extra) {
  socket_ = std::move(socket);
  frame_extra_ = frame_extra;
  descriptor_ = static_cast<int>(socket_.get(opt::fd));
  look_ = true;
}

void WatchedSocket::close_at_once() {
  if (!socket_) return;
  error_of([&] { socket_.set(opt::linger, 0); });
  socket_.close();
}

bool WatchedSocket::take(bool routed, Received& into, Traffic& traffic) {
  if (!look_ || !socket_) return false;
  const Taken taken = take_message(socket_, routed, into, traffic, frame_extra_);
  // At the end of its queue libzmq has read all that its descriptor stood for.
  look_ = taken != Taken::Nothing;
  return taken == Taken::Message;
}

bool WatchedSocket::pending() {
  if (!look_ || !socket_) return false;
  int events = ZMQ_POLLIN;
  error_of([&] { events = socket_.get(opt::events); });
  look_ = (events & ZMQ_POLLIN) != 0;
  return look_;
}

namespace {

/// Something may be received from one of `sockets`.
bool any_pending(std::span<WatchedSocket* const> sockets) {
  bool any = false;
  for (WatchedSocket* socket : sockets) any = socket->pending() || any;
  return any;
}

/// Time left as poll(2) counts it. Callers look again after a day.
int left_ms(Instant end) {
  constexpr Duration kLongest = std::chrono::hours(24);
  const auto left = std::clamp<Duration>(end - steady_now(), Duration(0), kLongest);
  return static_cast<int>(std::chrono::ceil<milliseconds>(left).count());
}

}  // namespace

bool wait_for(std::span<WatchedSocket* const> sockets, const Waker& waker, Duration timeout) {
  constexpr std::size_t kMost = 5;
  SIGNET_CHECK(sockets.size() <= kMost, "a transport has at most five sockets");
  const Instant end =
      steady_now() + std::clamp(timeout, Duration(0), Duration(std::chrono::hours(24)));
  std::array<pollfd, kMost + 1> items{};
  items[0] = {waker.descriptor(), POLLIN, 0};
  while (!any_pending(sockets)) {
    for (std::size_t i = 0; i < sockets.size(); ++i)  // poll(2) skips -1
      items.at(i + 1) = {*sockets[i] ? sockets[i]->descriptor() : -1, POLLIN, 0};
    const int ready = ::poll(items.data(), sockets.size() + 1, left_ms(end));
    SIGNET_CHECK(ready >= 0 || errno == EINTR, "poll(2) refuses our own descriptors");
    if (ready <= 0 || items[0].revents != 0) return false;
    // Often it is news of libzmq's own, a connection for one, and there is nothing to receive.
    for (std::size_t i = 0; i < sockets.size(); ++i)
      if (items.at(i + 1).revents != 0) sockets[i]->changed();
  }
  return true;
}

}  // namespace signet::zeromq
