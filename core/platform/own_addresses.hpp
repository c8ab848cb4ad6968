#pragma once

#include <string>
#include <vector>

namespace signet {

/// Hosts under which other machines may reach this one: the addresses of its interfaces that are
/// up (IPv4, then IPv6 in brackets; none of loopback, none that holds on one link only), 6 at most,
/// and its name.
std::vector<std::string> own_hosts();

}  // namespace signet
