#pragma once

#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/platform/endpoint.hpp"
#include "core/platform/transport.hpp"

namespace signet {

/// Looks a host up and connects to one of its addresses, closing the connection at once; the
/// address that answered, as digits. Fails with Missing where the name is not known, or Unavailable
/// where nobody answers within `timeout`, which does not count the looking up.
Result<Endpoint> reach(const Endpoint& to, Duration timeout);

/// What becomes of a handshake with whoever answers at an address.
enum class Knock {
  Opened,          ///< it stands: with keys, the coordinator has its own and lets ours in
  KeyDenied,       ///< the coordinator does not let this board's key in
  NoCommonGround,  ///< another key than the coordinator's, or only one of both encrypts
  NoAnswer,        ///< nothing within the time: whoever is there does not speak ZeroMQ
};

/// Connects as an agent does, and goes without a word: a coordinator takes no notice, also where
/// the board's agent is connected meanwhile. Fails with Malformed, or as sockets do.
Result<Knock> knock(const Endpoint& at, const std::optional<AgentTransport::Encryption>& encryption,
                    Duration timeout);

}  // namespace signet
