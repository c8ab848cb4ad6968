#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/platform/keys.hpp"
#include "core/platform/waker.hpp"

namespace signet {

/// One frame of a received message, read in place; frees ZeroMQ's memory when it goes.
/// The bytes may lie at any address: whoever reads numbers or a FlatBuffer from them copies first.
class Frame {
 public:
  virtual ~Frame() = default;
  virtual ByteView bytes() const = 0;
};

/// Most frames one message may have; a message with more, or with none, is refused as a whole.
inline constexpr std::size_t kMessageFramesMax = 8;

/// A received message: the peer it came from (coordinator side; the transport's word, not the
/// message's) and its 1 to kMessageFramesMax frames, each of 0 to message_max bytes.
struct Received {
  std::string peer;        ///< routing id; empty on the agent's side
  std::string key;         ///< coordinator's side: the public key that the sender has proven to
                           ///< have; empty where the socket is not encrypted
  int connection = -1;     ///< of the transport's own: the descriptor it came over
  bool broadcast = false;  ///< agent's side: came over the SUB socket
  std::vector<std::unique_ptr<Frame>> frames;
};

/// May the owner of this public key connect, and send?
using Gate = std::function<bool(const std::string& key)>;

/// Since the start. Bytes are frames with their ZMTP 3 headers (2 bytes, 9 from 256 bytes on) and,
/// where they are encrypted, the 33 bytes that CURVE adds to each,
/// handed to ZeroMQ or taken from it: without handshakes, heartbeats, subscriptions and TCP/IP's
/// own.
struct Traffic {
  std::uint64_t sent = 0, received = 0;  ///< bytes; a broadcast counts once for each subscriber
  std::uint64_t lost = 0;     ///< messages not sent: peer gone, not connected, or its queue full
  std::uint64_t refused = 0;  ///< received messages with no frame, with too many, or of a key that
                              ///< may not send (any more)
};

/// What became of a message that was to be sent. NoPeer: nobody has that routing id, or its
/// connection is closed; Lost: its queue is full, or the connection broke just now.
enum class Sent { Queued, Lost, NoPeer };

/// Most bytes of a question on the control socket.
inline constexpr std::size_t kQuestionMax = 4096;
/// Most bytes of a message on the enrolment socket. A handshake's largest has under 600.
inline constexpr std::size_t kEnrolmentMax = 1024;

/// The coordinator's sockets: ROUTER for control and votes, XPUB (a PUB that knows how many listen)
/// for updates. One thread at a time uses a transport.
class CoordinatorTransport {
 public:
  /// Both sockets speak CURVE only, and only with keys that `gate` lets in: it is asked at each
  /// connection and at each message, on the thread that uses the transport.
  struct Encryption {
    KeyPair keys;  ///< the coordinator's
    Gate gate;
    /// A third port, for boards that have no place in the fleet yet. Any key may connect to it, and
    /// nothing but enrolment is to be had there. "": host of `listen`, the port two on (port 0: the
    /// system chooses).
    std::string listen_enrolment;
  };
  struct Options {
    std::string listen;           ///< "tcp://0.0.0.0:7300"; port 0: the system chooses
    std::string listen_updates;   ///< "": same host, next port (port 0: the system chooses)
    std::size_t message_max = 0;  ///< > 0: bytes of one frame; a larger one closes its connection
    int queue_max = 64;           ///< > 0: messages kept per peer, each way, both sockets
    std::optional<Encryption> encryption = {};  ///< none: anybody may connect, and read along
  };
  /// Fails with Unavailable when the port is in use (naming address and remedy) or is not this
  /// machine's, Malformed when the address cannot be read, Denied when the system refuses.
  static Result<std::unique_ptr<CoordinatorTransport>> open(const Options& options);
  /// Waits at most a second for what was sent last to leave.
  virtual ~CoordinatorTransport() = default;

  virtual std::string control_endpoint() const = 0;  ///< with the real port
  virtual std::string update_endpoint() const = 0;
  virtual std::uint16_t update_port() const = 0;
  virtual std::uint16_t enrolment_port() const = 0;  ///< 0 without encryption

  /// Closes the connections of a key that the gate does not let in any more. Its messages are
  /// refused in any case.
  virtual void cut_off(const std::string& key) = 0;

  /// Next message on the enrolment socket, without waiting; `key` is the sender's.
  virtual bool receive_enrolment(Received& into) = 0;
  /// Without waiting; false when the asker is gone.
  virtual bool answer_enrolment(const std::string& peer, ByteView answer) = 0;

  /// Waits until a message, `waker`, a signal or `timeout` (rounded up to milliseconds; none if
  /// negative); true when there may be something to receive. May return early.
  virtual bool wait(const Waker& waker, Duration timeout) = 0;
  /// Next message, without waiting; false when there is none.
  virtual bool receive(Received& into) = 0;
  /// Sends to one peer, without waiting; copies the frames. What is not Queued is lost, and
  /// counted.
  virtual Sent deliver(const std::string& peer, const std::vector<Bytes>& frames) = 0;
  /// As deliver(): whether it is queued.
  bool send(const std::string& peer, const std::vector<Bytes>& frames) {
    return deliver(peer, frames) == Sent::Queued;
  }
  /// Sends to all subscribers, without waiting; one whose queue is full misses it.
  virtual void publish(const std::vector<Bytes>& frames) = 0;
  virtual Traffic traffic() const = 0;

  /// Drops all connections, with what is queued for them and what has come of them, and listens
  /// anew on the same ports and path; agents come back by themselves. For when memory runs away:
  /// libzmq bounds each frame of a message that comes in, but not how many it may have before the
  /// last. Fails as open() and open_control() do; nobody is listened to then.
  virtual Status reopen() = 0;

  /// Listens for questions of this user (and root) at a Unix path, on a third socket that wait()
  /// looks at as well; the file goes with the transport. What a killed process left there is
  /// replaced. Fails with Malformed (path longer than 107 bytes, or of something that is no
  /// socket), Unavailable (somebody listens there), Missing (folder) or Denied, naming the path;
  /// the rest of the transport then works on. No other thread may create files meanwhile.
  virtual Status open_control(const std::string& path) = 0;
  /// Next question, without waiting; false when there is none. One with more than kQuestionMax
  /// bytes closes its connection.
  virtual bool receive_control(Received& into) = 0;
  /// Answers a question with its last frame replaced (those before it are the asker's own, as of
  /// ZeroMQ's REQ). False when the asker is gone.
  virtual bool answer_control(const Received& question, ByteView answer) = 0;
};

/// The agent's sockets: DEALER to the ROUTER, SUB to the XPUB. Broken connections come back by
/// themselves (after 0.2 s at first, then ever longer up to 10 s), but not after a protocol error:
/// a frame beyond message_max, or something other than ZeroMQ on the port. libzmq then gives up
/// without a word, on either socket: call reconnect() whenever the coordinator has been silent for
/// too long.
class AgentTransport {
 public:
  struct Encryption {
    KeyPair keys;            ///< the board's
    std::string server_key;  ///< public key that the coordinator must prove to have
  };
  struct Options {
    /// "tcp://host:7300", or several with commas between, of one coordinator: tried in turn until a
    /// connection stands. A name is looked up at each attempt. "": see use_found().
    std::string coordinator;
    std::size_t message_max = 0;  ///< as above
    int queue_max = 64;
    std::optional<Encryption> encryption = {};
  };
  /// Fails with Malformed. A coordinator that is not there is no error: see send().
  static Result<std::unique_ptr<AgentTransport>> open(const Options& options);
  virtual ~AgentTransport() = default;  ///< as above

  /// Subscribes to updates at the coordinator's host and this port; a changed port reconnects.
  virtual Status subscribe(std::uint16_t port) = 0;
  /// Drops both connections and what is queued for them, and connects anew, at the next address.
  virtual Status reconnect() = 0;
  virtual bool wait(const Waker& waker, Duration timeout) = 0;  ///< as above
  virtual bool receive(Received& into) = 0;                     ///< as above
  /// Without waiting; copies. False when no connection stands or its queue is full: the message is
  /// lost, and counted. Nothing is queued for a coordinator that is away: say hello again later.
  /// Where no connection comes about, or one is turned down, it reconnects after a while.
  virtual bool send(const std::vector<Bytes>& frames) = 0;
  virtual Traffic traffic() const = 0;
  /// Does a connection stand?
  virtual bool connected() = 0;
  /// Addresses that were found, in place of those found before: tried before those of the options.
  /// A connection that stands stays. Fails with Malformed; then nothing changes.
  virtual Status use_found(const std::vector<std::string>& addresses) = 0;
  /// What the other side did to a connection that was about to stand, since the last call.
  /// Denied: it does not let this board's key in. NoCommonGround: it closed the connection; it has
  /// another key than the one asked for, or only one of both encrypts.
  enum class Trouble { None, Denied, NoCommonGround };
  virtual Trouble trouble() = 0;
};

}  // namespace signet
