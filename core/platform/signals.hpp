#pragma once

#include "core/platform/waker.hpp"

namespace signet {

/// Turns SIGINT and SIGTERM into a flag and a wake-up for as long as it lives, and ignores SIGPIPE
/// (a reader that went away is an error of its write). A second SIGINT ends the process at once
/// with status 130, so that a person is never held up by an orderly end. One at a time.
class StopSignals {
 public:
  explicit StopSignals(Waker& waker);  ///< `waker` must outlive this
  ~StopSignals();                      ///< puts the former handlers back
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// 0, or the first signal that asked us to stop (SIGINT or SIGTERM).
  int received() const;
};

}  // namespace signet
