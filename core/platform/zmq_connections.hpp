#pragma once

// Inside this room only.

#include <string>
#include <vector>

#include <sys/socket.h>

namespace signet::zeromq {

/// Which connection belongs to which key, so that one can be closed. libzmq 4.3.4 itself closes
/// none of a bound socket; but it tells the descriptor of a message's connection (ZMQ_SRCFD), and
/// shutdown(2) on it is what a broken line looks like.
class Connections {
 public:
  /// A message came over `descriptor`. `routing_id`: changes with each connection; "" where it is
  /// not known, and then each message may be the first of one.
  void note(int descriptor, const std::string& key, const std::string& routing_id);
  /// Closes all connections of `key`.
  void cut_off(const std::string& key);

 private:
  struct Connection {
    std::string key, routing_id;
    sockaddr_storage peer{};  // A descriptor may be another connection's by now; the peer is not.
  };
  // Mostly one. A message of a connection that is gone may come after the descriptor is another's:
  // then both are kept, and cutting off either closes it, at worst for nothing.
  std::vector<std::vector<Connection>> by_descriptor_;
};

}  // namespace signet::zeromq
