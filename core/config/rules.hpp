#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/config/checks.hpp"

namespace signet::config {

/// 1 to 64 characters of A-Z a-z 0-9 . _ - : safe as a file name, in a log and in a label.
bool is_name(std::string_view text);

/// A network address as ZeroMQ writes it.
struct Address {
  std::string host;  ///< as given: name, IPv4, [IPv6], interface, or *
  std::uint16_t port = 0;

  bool operator==(const Address&) const = default;
};

/// "tcp://host:port", or none.
std::optional<Address> parse_address(std::string_view text);

/// "tcp://a:1, tcp://b:2": each part without its blanks.
std::vector<std::string_view> split_addresses(std::string_view text);

/// Nothing but this machine can be behind it: 127.0.0.0/8, [::1] or localhost.
bool is_loopback(std::string_view address);

/// May traffic be encrypted? Auto: everywhere but on loopback.
enum class EncryptionMode { Auto, On, Off };

// Rules of text keys, with what they tell people.
TextRule name_rule();             ///< is_name()
TextRule optional_name_rule();    ///< "" or is_name()
TextRule connect_rule();          ///< an address somebody listens on: no "*", no port 0
TextRule listen_rule();           ///< an address to listen on; port 0: the system chooses
TextRule optional_listen_rule();  ///< "" or listen_rule()
/// The words of an encryption key.
std::vector<std::pair<std::string, EncryptionMode>> encryption_words();
TextRule path_rule();  ///< "" or a path of at most 4000 bytes

}  // namespace signet::config
