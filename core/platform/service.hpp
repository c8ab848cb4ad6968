#pragma once

#include <string>

#include "core/base/time.hpp"

namespace signet {

/// The service manager that started this process, told by sd_notify(3) how the process does.
/// Without one (NOTIFY_SOCKET is not set) every call does nothing. For one thread.
class ServiceManager {
 public:
  ServiceManager();  ///< reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID

  bool present() const { return present_; }

  /// The process does what it is there for, from now on or again after reloading().
  void ready() const;
  void reloading(Instant now) const;  ///< `now` is steady_now(): the manager reads the same clock
  void stopping() const;

  /// Whether say() would be heard: at most once a second.
  bool listens(Instant now) const { return present_ && now >= next_status_; }
  /// One line on what the process does, for `systemctl status`; told where it differs from the
  /// last.
  void say(Instant now, const std::string& status);

  /// Feeds the watchdog. To be called in every turn of the event loop, and from nowhere else: a
  /// loop that hangs must be seen.
  void alive(Instant now);
  /// The loop must turn again by then; kNever where nobody watches.
  Instant due() const { return due_; }

 private:
  bool present_ = false;
  Duration feed_every_ = Duration::zero();  // a third of what the watchdog waits; zero: none
  Instant due_ = kNever;
  Instant next_status_ = Instant::min();
  std::string said_;
};

}  // namespace signet
