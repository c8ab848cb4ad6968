#pragma once

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/core/platform/temporary_folder.hpp"
#include "tests/support/catch.hpp"

namespace signet::test {

/// The manager's side: a datagram socket, and the variables that tell a service of it.
class Manager {
 public:
  explicit Manager(const char* watchdog_us = nullptr)
      : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    const std::string path = folder_ / "notify";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    REQUIRE(::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    if (watchdog_us != nullptr) ::setenv("WATCHDOG_USEC", watchdog_us, 1);
  }
  ~Manager() {
    ::unsetenv("NOTIFY_SOCKET");
    ::unsetenv("WATCHDOG_USEC");
    ::close(fd_);
  }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  /// What arrived since the last time this was asked.
  std::vector<std::string> heard() const {
    std::vector<std::string> all;
    std::array<char, 256> text{};
    for (ssize_t size = 0; (size = ::recv(fd_, text.data(), text.size(), 0)) >= 0;)
      all.emplace_back(text.data(), static_cast<std::size_t>(size));
    return all;
  }

 private:
  test::TemporaryFolder folder_;
  int fd_;
};

}  // namespace signet::test
