#pragma once

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/base/check.hpp"

// TUN devices in network namespaces, for tun_wire: link i is 10.77.i.1 at the hub and 10.77.i.2 at
// its leaf.
namespace signet::test {

[[noreturn]] inline void die(const std::string& what) {
  std::fprintf(stderr, "tun_wire: %s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

inline ifreq request_for(const std::string& device) {
  ifreq request = {};
  SIGNET_CHECK(device.size() < IFNAMSIZ, "our device names are short");
  device.copy(static_cast<char*>(request.ifr_name), device.size());
  return request;
}

inline sockaddr address_of(int link, int host) {
  sockaddr_in at = {};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr =
      htonl(0x0a4d0000U | static_cast<unsigned>(link) << 8U | static_cast<unsigned>(host));
  sockaddr address = {};
  std::memcpy(&address, &at, sizeof at);
  return address;
}

/// Gives the device its address, its peer's address, and switches it on.
inline void configure(const std::string& device, int link, int host) {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request = request_for(device);
  request.ifr_addr = address_of(link, host);
  if (::ioctl(fd, SIOCSIFADDR, &request) != 0) die(device + ": address");
  request.ifr_dstaddr = address_of(link, 3 - host);
  if (::ioctl(fd, SIOCSIFDSTADDR, &request) != 0) die(device + ": address of the peer");
  for (const std::string& name : {device, std::string("lo")}) {
    request = request_for(name);
    if (::ioctl(fd, SIOCGIFFLAGS, &request) != 0) die(name + ": flags");
    request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
    if (::ioctl(fd, SIOCSIFFLAGS, &request) != 0) die(name + ": up");
  }
  ::close(fd);
}

/// A TUN device in a namespace of `ip netns`; its end on our side.
inline int open_tun(const std::string& space, const std::string& device, int link, int host) {
  const int home = ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  const int there = ::open(("/run/netns/" + space).c_str(), O_RDONLY | O_CLOEXEC);
  if (home < 0 || there < 0) die("namespace " + space);
  if (::setns(there, CLONE_NEWNET) != 0) die("namespace " + space);
  const int fd = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) die("/dev/net/tun");
  ifreq request = request_for(device);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (::ioctl(fd, TUNSETIFF, &request) != 0) die(device);
  configure(device, link, host);
  if (::setns(home, CLONE_NEWNET) != 0) die("own namespace");
  ::close(home);
  ::close(there);
  return fd;
}

}  // namespace signet::test
