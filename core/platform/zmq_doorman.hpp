#pragma once

// Inside this room only.

#include <string>

#include "core/platform/zmq_socket.hpp"

namespace signet::zeromq {

// Sockets that only enrolled keys may use, and the one that any key may.
inline constexpr const char* kFleetDomain = "fleet";
inline constexpr const char* kEnrolmentDomain = "enrolment";

/// Answers libzmq's question whether the owner of a key may connect (ZAP, rfc.zeromq.org/spec/27).
/// A key that may is the connection's User-Id from then on.
class Doorman {
 public:
  /// Before any socket that asks is bound. `gate` is called by answer() only.
  void open(zmq::context_t& context, Gate gate);
  /// Answers what was asked since the last call.
  void answer();
  WatchedSocket& socket() { return socket_; }

 private:
  WatchedSocket socket_;
  Gate gate_;
};

/// Turns a socket into one that speaks CURVE only, and asks a doorman about each connection.
void serve_encrypted(zmq::socket_t& socket, const KeyPair& keys, const char* domain);

/// Turns a socket into one that speaks CURVE only, with the server that has `server_key`.
void speak_encrypted(zmq::socket_t& socket, const KeyPair& own, const std::string& server_key);

}  // namespace signet::zeromq
