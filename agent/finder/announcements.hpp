#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace signet {

/// DNS-SD's name of what coordinators announce in a local network, and the entry of its TXT record
/// that holds the coordinator's public key (docs/boards.md).
inline constexpr const char* kServiceType = "_signet._tcp";
inline constexpr std::string_view kKeyEntry = "key=";

/// Most addresses that one look takes: whoever announces more, in a network where everybody may,
/// only keeps agents busy.
inline constexpr std::size_t kFoundMax = 16;

/// Addresses ("tcp://192.168.1.10:7300") at which a coordinator with `server_key` is announced,
/// without repeats, those of IPv4 first; at most kFoundMax. `browsed` is what
/// `avahi-browse --parsable --resolve` wrote; lines that say something else are left out. Anybody
/// may announce anything: only the handshake proves who answers.
std::vector<std::string> announced_addresses(std::string_view browsed, std::string_view server_key);

}  // namespace signet
