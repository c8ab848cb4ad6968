#pragma once

// Inside this room only: the one header that shows ZeroMQ's own types.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <zmq.hpp>

#include "core/platform/transport.hpp"

namespace signet::zeromq {

namespace opt = zmq::sockopt;

/// Runs `call`; 0 or libzmq's error number. The only place where its exceptions arrive.
template <typename Call>
int error_of(Call&& call) {
  try {
    call();
    return 0;
  } catch (const zmq::error_t& error) {
    return error.num();
  }
}

/// Bytes that CURVE adds to a frame: a command's name (8), a nonce (8), a code that authenticates
/// (16) and the frame's flags (1).
inline constexpr std::size_t kCurveBytes = 33;

/// What both sides set on every socket. `frame_extra`: 0, or kCurveBytes, which count as well.
void set_common_options(zmq::socket_t& socket, std::size_t message_max, int queue_max,
                        std::size_t frame_extra = 0);

/// Bytes of these frames on the wire.
std::uint64_t wire_size(const std::vector<Bytes>& frames, std::size_t frame_extra);

/// Queues one message, after `peer` where the socket routes.
Sent deliver_message(zmq::socket_t& socket, const std::string* peer,
                     const std::vector<Bytes>& frames);
/// As deliver_message(): whether it is queued.
inline bool send_message(zmq::socket_t& socket, const std::string* peer,
                         const std::vector<Bytes>& frames) {
  return deliver_message(socket, peer, frames) == Sent::Queued;
}

/// One part of a message, without waiting.
bool take_part(zmq::socket_t& socket, zmq::message_t& part);

/// Nothing: the queue is empty. Refused: nothing but messages we do not take, and there may be
/// more.
enum class Taken { Nothing, Message, Refused };

/// The public key that the sender of a message has proven to have; "" without encryption.
std::string key_of(zmq::message_t& message);

/// The next message that has 1 to kMessageFramesMax frames; `routed`: after a routing id.
Taken take_message(zmq::socket_t& socket, bool routed, Received& into, Traffic& traffic,
                   std::size_t frame_extra);

/// A socket that is waited for by its file descriptor, which libzmq makes readable only when
/// something changes (zmq_getsockopt(3), ZMQ_FD). Whoever has sent or received may have eaten that
/// sign, and must look again before the next wait. zmq_poll() looks at every socket twice in every
/// call: on a small model its system calls were half of all.
class WatchedSocket {
 public:
  /// Takes over `socket`.
  void open(zmq::socket_t socket, std::size_t frame_extra = 0);
  /// Drops what is queued.
  void close_at_once();

  explicit operator bool() const { return static_cast<bool>(socket_); }
  /// For sending and receiving: after that there may be something to receive.
  zmq::socket_t& use() {
    look_ = true;
    return socket_;
  }
  /// Next message without waiting, as take_message() says. Free of system calls when nothing has
  /// happened since the queue was found empty.
  bool take(bool routed, Received& into, Traffic& traffic);
  /// Whether there may be something to receive; if not, the descriptor will tell.
  bool pending();
  /// What the last of pending() and take() said, or that something has happened since.
  bool may_have() const { return look_ && socket_; }
  int descriptor() const { return descriptor_; }
  /// The descriptor was readable.
  void changed() { look_ = true; }

 private:
  zmq::socket_t socket_;
  int descriptor_ = -1;
  std::size_t frame_extra_ = 0;
  bool look_ = false;
};

/// Says now and then that a second socket must be looked at, although the first always has
/// something: then wait_for() does not look at descriptors at all.
class NowAndThen {
 public:
  bool due() { return ++count_ % kEvery == 0; }

 private:
  static constexpr unsigned kEvery = 64;  // Looking costs a system call.
  unsigned count_ = 0;
};

/// Waits for one of `sockets` (those that are open), `waker`, a signal or `timeout`; true when
/// there may be something to receive.
bool wait_for(std::span<WatchedSocket* const> sockets, const Waker& waker, Duration timeout);

}  // namespace signet::zeromq
