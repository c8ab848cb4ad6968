#include "core/platform/zmq_monitor.hpp"

#include <cstring>
#include <utility>

namespace signet::zeromq {

constexpr int kConnectionEvents = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                                  ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                                  ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_CONNECT_RETRIED |
                                  ZMQ_EVENT_DISCONNECTED;

void ConnectionMonitor::open(zmq::context_t& context, zmq::socket_t& socket,
                             const std::string& name) {
  const std::string endpoint = "inproc://monitor-" + name;
  if (zmq_socket_monitor(socket.handle(), endpoint.c_str(), kConnectionEvents) != 0)
    throw zmq::error_t();
  zmq::socket_t events(context, zmq::socket_type::pair);
  events.set(opt::linger, 0);
  events.connect(endpoint);
  events_.open(std::move(events));
  watched_ = socket.handle();
}

void ConnectionMonitor::close_at_once() {
  if (watched_ != nullptr) zmq_socket_monitor(std::exchange(watched_, nullptr), nullptr, 0);
  events_.close_at_once();
}

/// Two parts for each event: its number (16 bits) and value (32 bits), then the address.
ConnectionMonitor::News ConnectionMonitor::next() {
  zmq::message_t part;
  while (events_.pending() && take_part(events_.use(), part)) {
    std::uint16_t event = 0;
    if (part.size() >= sizeof event) std::memcpy(&event, part.data(), sizeof event);
    while (part.more() && take_part(events_.use(), part)) {
    }
    switch (event) {
      case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: return News::Connected;
      case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: return News::Denied;
      case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
      case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: return News::NoCommonGround;
      case ZMQ_EVENT_CONNECT_RETRIED: return News::Failed;
      case ZMQ_EVENT_DISCONNECTED: return News::Lost;
      default: break;
    }
  }
  return News::Nothing;
}

}  // namespace signet::zeromq
