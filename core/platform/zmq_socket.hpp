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

/// What both sides set on every socket.
void set_common_options(zmq::socket_t& socket, std::size_t message_max, int queue_max);

/// Bytes of these frames on the wire.
std::uint64_t wire_size(const std::vector<Bytes>& frames);

/// Queues one message, after `peer` where the socket routes; false when there is nobody or no room.
bool send_message(zmq::socket_t& socket, const std::string* peer, const std::vector<Bytes>& frames);

/// One part of a message, without waiting.
bool take_part(zmq::socket_t& socket, zmq::message_t& part);

/// The next message that has 1 to kMessageFramesMax frames; `routed`: after a routing id.
bool take_message(zmq::socket_t& socket, bool routed, Received& into, Traffic& traffic);

zmq::pollitem_t readable(zmq::socket_t& socket);
zmq::pollitem_t readable(const Waker& waker);

/// Fills in what each item has; nothing after a signal.
void poll(std::span<zmq::pollitem_t> items, Duration timeout);

}  // namespace signet::zeromq
