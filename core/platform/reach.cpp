#include "core/platform/reach.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <memory>
#include <system_error>

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace signet {
namespace {

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

/// A host as the resolver wants it.
std::string without_brackets(const std::string& host) {
  return host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
}

std::string digits_of(const addrinfo& address) {
  std::array<char, NI_MAXHOST> text{};
  ::getnameinfo(address.ai_addr, address.ai_addrlen, text.data(), text.size(), nullptr, 0,
                NI_NUMERICHOST);
  const std::string digits = text.data();
  return digits.find(':') == std::string::npos ? digits : "[" + digits + "]";
}

/// 0, or the errno that connecting ended with.
int connect_once(const addrinfo& to, Duration timeout) {
  const int fd = ::socket(to.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  int failed = ::connect(fd, to.ai_addr, to.ai_addrlen) == 0 ? 0 : errno;
  if (failed == EINPROGRESS) {
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(timeout);
    pollfd item{fd, POLLOUT, 0};
    socklen_t size = sizeof failed;
    if (::poll(&item, 1, static_cast<int>(wait.count())) <= 0) {
      failed = ETIMEDOUT;
    } else {
      ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &size);
    }
  }
  ::close(fd);
  return failed;
}

Error not_found(const std::string& host, int why) {
  const bool mdns = host.ends_with(".local");
  return {ErrorKind::Missing,
          "the name " + host + " is not known (" + ::gai_strerror(why) + "); " +
              (mdns ? "names that end with .local need the package libnss-mdns (sudo apt install "
                      "libnss-mdns), and the other machine avahi-daemon"
                    : "is there a network, and is it spelled as the coordinator's machine?")};
}

}  // namespace

Result<Endpoint> reach(const Endpoint& to, Duration timeout) {
  const std::string host = without_brackets(to.host);
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int why = ::getaddrinfo(host.c_str(), std::to_string(to.port).c_str(), &hints, &found);
  if (why != 0) return not_found(host, why);
  const Addresses addresses(found, &::freeaddrinfo);
  int failed = 0;
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    const int now = connect_once(*address, timeout);
    if (now == 0) return Endpoint{digits_of(*address), to.port};
    if (failed == 0) failed = now;
  }
  return Error{ErrorKind::Unavailable,
               "nobody answers (" + std::generic_category().message(failed) +
                   "); is the coordinator running, is this its port, and does a firewall stand "
                   "between?"};
}

}  // namespace signet
