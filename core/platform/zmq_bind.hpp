#pragma once

// Inside this room only.

#include <string>

#include "core/platform/endpoint.hpp"
#include "core/platform/zmq_socket.hpp"

namespace signet::zeromq {

/// Binds, and puts the real port into `address`. Fails as CoordinatorTransport::open() says;
/// `option` is where the address can be changed.
Status bind_to(zmq::socket_t& socket, Endpoint& address, const std::string& option);

/// Where a socket beside the main one listens: at `given`, "": the host of `main`, the port
/// `steps` on; or one that the system chooses, where it chose that of `main`. Fails with Malformed.
Result<Endpoint> address_beside(const std::string& given, const Endpoint& main, std::uint16_t steps,
                                bool chosen_by_system);

}  // namespace signet::zeromq
