#include "agent/finder/finder.hpp"

#include <chrono>

#include "agent/finder/announcements.hpp"
#include "core/platform/process.hpp"

namespace signet {

namespace {

constexpr Duration kBrowse = std::chrono::seconds(10);

Error cannot_browse(const Error& why) {
  if (why.kind == ErrorKind::Missing)
    return {ErrorKind::Missing,
            "coordinator = \"mdns\" needs Avahi's command avahi-browse; install it with: sudo apt "
            "install avahi-daemon avahi-utils"};
  return {why.kind, why.message +
                        "; does Avahi run? systemctl status avahi-daemon (or install it with: sudo "
                        "apt install avahi-daemon avahi-utils)"};
}

}  // namespace

Result<std::vector<std::string>> find_coordinator(const std::string& server_key) {
  const auto browsed = output_of_program(
      {"avahi-browse", "--parsable", "--resolve", "--terminate", "--no-db-lookup", kServiceType},
      kBrowse);
  if (!browsed) return cannot_browse(browsed.error());
  auto found = announced_addresses(*browsed, server_key);
  if (!found.empty()) return found;
  return Error{ErrorKind::Missing,
               "no coordinator with the key that server_key names is announced in this network; on "
               "its machine see `signet-coordinator announce`, or give its address in place of "
               "mdns"};
}

}  // namespace signet
