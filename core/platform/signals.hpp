#pragma once

#include "core/platform/waker.hpp"

namespace signet {

/// What SIGHUP does: a service reads its configuration again, and a program whose terminal was
/// closed ends, as any program does.
enum class Hangup { Ends, Reloads };

/// Turns SIGINT and SIGTERM into a flag and a wake-up for as long as it lives, and ignores SIGPIPE
/// (a reader that went away is an error of its write). A second SIGINT ends the process at once
/// with status 130, so that a person is never held up by an orderly end. One at a time.
class StopSignals {
 public:
  /// `waker` must outlive this.
  explicit StopSignals(Waker& waker, Hangup hangup = Hangup::Ends);
  ~StopSignals();  ///< puts the former handlers back
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// 0, or the first signal that asked us to stop (SIGINT or SIGTERM).
  int received() const;
  /// Whether SIGHUP came since the last time this was asked; never with Hangup::Ends.
  bool take_reload() const;
};

}  // namespace signet
