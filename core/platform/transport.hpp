#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace signet {

/// One frame of a received message, read in place; frees ZeroMQ's memory when it goes.
class Frame {
 public:
  virtual ~Frame() = default;
  virtual ByteView bytes() const = 0;
};

/// A received message: the peer it came from (coordinator side; the transport's word, not the
/// message's) and its frames.
struct Received {
  std::string peer;        ///< routing id; empty on the agent's side
  bool broadcast = false;  ///< agent's side: came over the SUB socket
  std::vector<std::unique_ptr<Frame>> frames;
};

/// Bytes on the wire since the start: frames with their ZMTP 3 headers, without TCP/IP's own.
struct Traffic {
  std::uint64_t sent = 0, received = 0;
};

/// Wakes a poll from another thread (eventfd).
class Waker {
 public:
  Waker();
  ~Waker();
  Waker(const Waker&) = delete;
  Waker& operator=(const Waker&) = delete;
  void wake();
  void drain();
  int descriptor() const { return fd_; }

 private:
  int fd_ = -1;
};

/// The coordinator's sockets: ROUTER for control and votes, PUB for updates.
class CoordinatorTransport {
 public:
  struct Options {
    std::string listen;          ///< "tcp://0.0.0.0:7300"; port 0: the system chooses
    std::string listen_updates;  ///< "" : same address, next port (or a chosen one)
    std::size_t message_max = 0; ///< bytes of one frame; a larger one closes its connection
    int queue_max = 64;          ///< messages kept per slow peer, both sockets
  };
  /// Fails with Unavailable when the port is in use (naming address and remedy), Malformed when the
  /// address cannot be read, Denied when the system refuses.
  static Result<std::unique_ptr<CoordinatorTransport>> open(const Options& options);
  virtual ~CoordinatorTransport() = default;

  virtual std::string control_endpoint() const = 0;  ///< with the real port
  virtual std::string update_endpoint() const = 0;
  virtual std::uint16_t update_port() const = 0;

  /// Waits until a message, `waker`, a signal or `timeout`; true when there is something to receive.
  virtual bool wait(const Waker& waker, Duration timeout) = 0;
  /// Next message, without waiting; false when there is none.
  virtual bool receive(Received& into) = 0;
  /// Sends to one peer. A peer that is gone, or whose queue is full, loses the message: counted.
  virtual void send(const std::string& peer, const std::vector<Bytes>& frames) = 0;
  virtual void publish(const std::vector<Bytes>& frames) = 0;
  virtual Traffic traffic() const = 0;
};

/// The agent's sockets: DEALER to the ROUTER, SUB to the PUB.
class AgentTransport {
 public:
  struct Options {
    std::string coordinator;  ///< "tcp://host:7300"
    std::size_t message_max = 0;
    int queue_max = 64;
  };
  static Result<std::unique_ptr<AgentTransport>> open(const Options& options);
  virtual ~AgentTransport() = default;

  /// Subscribes to updates at the coordinator's host and this port; a changed port reconnects.
  virtual Status subscribe(std::uint16_t port) = 0;
  /// Drops both connections and what is queued for them, and connects anew.
  virtual Status reconnect() = 0;
  virtual bool wait(const Waker& waker, Duration timeout) = 0;
  virtual bool receive(Received& into) = 0;
  virtual void send(const std::vector<Bytes>& frames) = 0;
  virtual Traffic traffic() const = 0;
};

}  // namespace signet
