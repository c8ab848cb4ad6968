#include "core/platform/zmq_connections.hpp"

#include <cstddef>
#include <cstring>

namespace signet::zeromq {

/// The other end of a connection; all zero where the descriptor is none.
sockaddr_storage peer_of(int descriptor) {
  sockaddr_storage peer = {};
  socklen_t size = sizeof peer;
  if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) != 0) peer = {};
  return peer;
}

void Connections::note(int descriptor, const std::string& key, const std::string& routing_id) {
  if (descriptor < 0) return;
  const auto at = static_cast<std::size_t>(descriptor);
  if (at >= by_descriptor_.size()) by_descriptor_.resize(at + 1);
  Connection& known = by_descriptor_[at];
  if (!routing_id.empty() && known.key == key && known.routing_id == routing_id) return;
  known = {key, routing_id, peer_of(descriptor)};
}

void Connections::cut_off(const std::string& key) {
  for (std::size_t at = 0; at < by_descriptor_.size(); ++at) {
    Connection& known = by_descriptor_[at];
    if (known.key != key) continue;
    const int descriptor = static_cast<int>(at);
    const sockaddr_storage peer = peer_of(descriptor);
    if (peer.ss_family != AF_UNSPEC && std::memcmp(&peer, &known.peer, sizeof peer) == 0)
      ::shutdown(descriptor, SHUT_RDWR);
    known = {};
  }
}

}  // namespace signet::zeromq
