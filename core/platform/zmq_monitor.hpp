#pragma once

// Inside this room only.

#include <string>

#include "core/platform/zmq_socket.hpp"

namespace signet::zeromq {

/// What becomes of a socket's one connection, as libzmq tells it.
class ConnectionMonitor {
 public:
  /// Failed: nobody was reached, for now. Lost: a connection that stood.
  enum class News { Nothing, Connected, Failed, Lost, Denied, NoCommonGround };

  /// From now on for `socket`, which has not been connected yet.
  void open(zmq::context_t& context, zmq::socket_t& socket, const std::string& name);
  /// Before that socket is closed, which takes libzmq a while: what still happens to it would be
  /// told to nobody, and libzmq's thread, which serves all sockets, would wait for ever to tell it.
  void close_at_once();
  News next();
  WatchedSocket& socket() { return events_; }

 private:
  WatchedSocket events_;
  void* watched_ = nullptr;  // libzmq's name of the socket
};

}  // namespace signet::zeromq
