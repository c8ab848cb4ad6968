#include "core/platform/own_addresses.hpp"

#include <array>
#include <cstddef>
#include <cstring>
#include <memory>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "core/platform/files.hpp"

namespace signet {
namespace {

constexpr std::size_t kAddressesMax = 6;

/// "" for one that is not of `family` or of no use to other machines.
std::string host_of(const sockaddr* address, int family) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address == nullptr || address->sa_family != family) return "";
  if (family == AF_INET) {
    sockaddr_in v4 = {};
    std::memcpy(&v4, address, sizeof v4);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return text.data();
  }
  sockaddr_in6 v6 = {};
  std::memcpy(&v6, address, sizeof v6);
  if (IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr)) return "";
  ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
  return std::string("[") + text.data() + "]";
}

}  // namespace

std::vector<std::string> own_hosts() {
  std::vector<std::string> hosts;
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) == 0) {
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owned(all, ::freeifaddrs);
    for (const int family : {AF_INET, AF_INET6})
      for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
        if ((one->ifa_flags & IFF_LOOPBACK) != 0 || (one->ifa_flags & IFF_UP) == 0) continue;
        const std::string host = host_of(one->ifa_addr, family);
        if (!host.empty() && hosts.size() < kAddressesMax) hosts.push_back(host);
      }
  }
  hosts.push_back(host_name());
  return hosts;
}

}  // namespace signet
