#include "core/platform/metered.hpp"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "tests/core/platform/temporary_folder.hpp"
#include "tests/core/platform/words.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace platform_metered_test {

using test::TemporaryFolder;
using test::words_missing;

int say_hello(sd_bus_message* message, void* /*data*/, sd_bus_error* /*error*/) {
  return ::sd_bus_reply_method_return(message, "s", ":1.1");
}

const sd_bus_vtable kBusTable[] = {
    SD_BUS_VTABLE_START(0), SD_BUS_METHOD("Hello", "", "s", say_hello, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END};
const sd_bus_vtable kManagerTable[] = {
    SD_BUS_VTABLE_START(0), SD_BUS_PROPERTY("Metered", "u", nullptr, 0, 0), SD_BUS_VTABLE_END};

/// A system bus with a NetworkManager on it, for one question.
class FakeBus {
 public:
  explicit FakeBus(std::uint32_t metered)
      : metered_(metered), listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const std::string path = folder_ / "bus";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(listener_, 1) == 0);
    ::setenv("DBUS_SYSTEM_BUS_ADDRESS", ("unix:path=" + path).c_str(), 1);
    server_ = std::thread([this] { serve(); });
  }
  ~FakeBus() {
    ::shutdown(listener_, SHUT_RDWR);
    server_.join();
    ::close(listener_);
    ::unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
  }
  FakeBus(const FakeBus&) = delete;
  FakeBus& operator=(const FakeBus&) = delete;

 private:
  void serve() {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    sd_bus* bus = nullptr;
    sd_id128_t id{};
    id.bytes[0] = 1;
    if (::sd_bus_new(&bus) >= 0 && ::sd_bus_set_fd(bus, fd, fd) >= 0 &&
        ::sd_bus_set_server(bus, 1, id) >= 0 && ::sd_bus_set_anonymous(bus, 1) >= 0 &&
        ::sd_bus_start(bus) >= 0 &&
        ::sd_bus_add_object_vtable(bus, nullptr, "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                   kBusTable, nullptr) >= 0 &&
        ::sd_bus_add_object_vtable(bus, nullptr, "/org/freedesktop/NetworkManager",
                                   "org.freedesktop.NetworkManager", kManagerTable,
                                   &metered_) >= 0) {
      int done = 0;
      while ((done = ::sd_bus_process(bus, nullptr)) >= 0)
        if (done == 0 && ::sd_bus_wait(bus, 5'000'000) <= 0) break;
    }
    ::sd_bus_close_unref(bus);
  }

  std::uint32_t metered_;
  TemporaryFolder folder_;
  int listener_;
  std::thread server_;
};

TEST_CASE("NetworkManager is asked whether the connection is metered", "[core][platform]") {
  for (const std::uint32_t metered : {1U, 2U, 3U, 4U}) {
    INFO(metered);
    const FakeBus bus(metered);
    const auto known = connection_is_metered();
    INFO((known ? "" : known.error().message));
    REQUIRE(known);
    CHECK(*known == (metered == 1 || metered == 3));
  }
}

TEST_CASE("a NetworkManager that does not know says so", "[core][platform]") {
  const FakeBus bus(0);
  const auto known = connection_is_metered();
  REQUIRE_FALSE(known);
  CHECK(known.error().message == "NetworkManager does not know whether the connection is metered");
}

TEST_CASE("a machine without D-Bus cannot tell whether its connection is metered",
          "[core][platform]") {
  const TemporaryFolder folder;
  ::setenv("DBUS_SYSTEM_BUS_ADDRESS", ("unix:path=" + (folder / "none")).c_str(), 1);
  const auto known = connection_is_metered();
  ::unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
  REQUIRE_FALSE(known);
  CHECK(known.error().kind == ErrorKind::Missing);
  CHECK(words_missing(known.error().message, {"NetworkManager", "metered", "No such file"}) == "");
}

}  // namespace platform_metered_test
}  // namespace signet
