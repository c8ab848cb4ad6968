#include "core/platform/zmq_connections.hpp"

#include <algorithm>
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

bool same(const sockaddr_storage& one, const sockaddr_storage& other) {
  return std::memcmp(&one, &other, sizeof one) == 0;
}

void Connections::note(int descriptor, const std::string& key, const std::string& routing_id) {
  if (descriptor < 0) return;
  const auto at = static_cast<std::size_t>(descriptor);
  if (at >= by_descriptor_.size()) by_descriptor_.resize(at + 1);
  auto& all = by_descriptor_[at];
  const auto is_this = [&](const Connection& known) {
    return known.key == key && known.routing_id == routing_id;
  };
  if (!routing_id.empty() && std::ranges::any_of(all, is_this)) return;
  const sockaddr_storage peer = peer_of(descriptor);
  std::erase_if(all,
                [&](const Connection& known) { return is_this(known) || !same(known.peer, peer); });
  all.push_back({key, routing_id, peer});
}

void Connections::cut_off(const std::string& key) {
  for (std::size_t at = 0; at < by_descriptor_.size(); ++at) {
    auto& all = by_descriptor_[at];
    const auto is_its = [&key](const Connection& known) { return known.key == key; };
    if (std::ranges::none_of(all, is_its)) continue;
    const int descriptor = static_cast<int>(at);
    const sockaddr_storage peer = peer_of(descriptor);
    const bool stands = std::ranges::any_of(all, [&](const Connection& known) {
      return is_its(known) && peer.ss_family != AF_UNSPEC && same(known.peer, peer);
    });
    if (stands) ::shutdown(descriptor, SHUT_RDWR);
    std::erase_if(all, is_its);
  }
}

}  // namespace signet::zeromq
