#pragma once

#include <cstdint>
#include <string>

#include "core/base/result.hpp"

namespace signet {

/// "tcp://HOST:PORT" taken apart. HOST: a name, an IPv4 address, "*", or an IPv6 address in
/// brackets.
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;

  std::string text() const { return "tcp://" + host + ":" + std::to_string(port); }
};

/// Whether a host has to be looked up: it is no address itself.
bool is_host_name(const std::string& host);

/// Fails with Malformed, naming the text, what is wrong with it, and an example.
Result<Endpoint> parse_endpoint(const std::string& text);

}  // namespace signet
