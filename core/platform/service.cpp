#include "core/platform/service.hpp"

#include <cstdint>
#include <cstdlib>

#include <systemd/sd-daemon.h>

namespace signet {
namespace {

constexpr Duration kStatusEvery = std::chrono::seconds(1);

// A manager that does not hear is no reason to stop training; it will say so itself.
void tell_manager(const std::string& state) {
  ::sd_notify(0, state.c_str());
}

}  // namespace

ServiceManager::ServiceManager() : present_(std::getenv("NOTIFY_SOCKET") != nullptr) {
  std::uint64_t microseconds = 0;
  if (!present_ || ::sd_watchdog_enabled(0, &microseconds) <= 0) return;
  feed_every_ = std::chrono::microseconds(microseconds / 3);
  due_ = Instant{};  // At once; of the earliest instant there is no distance to be told.
}

void ServiceManager::ready() const {
  if (present_) tell_manager("READY=1");
}

void ServiceManager::reloading(Instant now) const {
  if (!present_) return;
  const auto since_boot = std::chrono::duration_cast<std::chrono::microseconds>(now - Instant{});
  tell_manager("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(since_boot.count()));
}

void ServiceManager::stopping() const {
  if (present_) tell_manager("STOPPING=1");
}

void ServiceManager::say(Instant now, const std::string& status) {
  if (!listens(now) || status == said_) return;
  next_status_ = now + kStatusEvery;
  said_ = status;
  tell_manager("STATUS=" + status);
}

void ServiceManager::alive(Instant now) {
  if (now < due_ || due_ == kNever) return;
  due_ = now + feed_every_;
  tell_manager("WATCHDOG=1");
}

}  // namespace signet
