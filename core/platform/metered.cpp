#include "core/platform/metered.hpp"

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include <systemd/sd-bus.h>

namespace signet {
namespace {

constexpr std::uint64_t kPatienceUs = 1'000'000;

struct CloseBus {
  void operator()(sd_bus* bus) const { ::sd_bus_close_unref(bus); }
};
using Bus = std::unique_ptr<sd_bus, CloseBus>;

Error no_answer(int number) {
  // What sd-bus makes of a name that nobody on the bus has.
  const bool not_there = number == -EHOSTUNREACH;
  return {ErrorKind::Missing,
          std::string("NetworkManager cannot be asked whether the connection is metered: ") +
              (not_there ? "it does not run" : std::strerror(-number))};
}

}  // namespace

Result<bool> connection_is_metered() {
  sd_bus* opened = nullptr;
  if (const int failed = ::sd_bus_open_system(&opened); failed < 0) return no_answer(failed);
  const Bus bus(opened);
  ::sd_bus_set_method_call_timeout(bus.get(), kPatienceUs);
  std::uint32_t metered = 0;
  const int failed = ::sd_bus_get_property_trivial(
      bus.get(), "org.freedesktop.NetworkManager", "/org/freedesktop/NetworkManager",
      "org.freedesktop.NetworkManager", "Metered", nullptr, 'u', &metered);
  if (failed < 0) return no_answer(failed);
  // NMMetered: unknown, yes, no, guessed yes, guessed no.
  if (metered == 1 || metered == 3) return true;
  if (metered == 2 || metered == 4) return false;
  return Error{ErrorKind::Malformed,
               "NetworkManager does not know whether the connection is metered"};
}

}  // namespace signet
