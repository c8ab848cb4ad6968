#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/platform/service.hpp"
#include "core/platform/signals.hpp"

namespace signet {

/// Starts of a service in a row none of which lasted.
struct ShortRuns {
  unsigned count = 0;
  Instant started{};  ///< of the last one, waiting included

  bool operator==(const ShortRuns&) const = default;
};

/// What a start at `now` makes of those before: one more, or the first again where the last one
/// went on for a minute after its wait.
ShortRuns after_another_start(const ShortRuns& before, Instant now);
/// How long the last of these starts waits: 0, then 1, 2, 4 ... seconds, at most five minutes.
Duration pause_of(const ShortRuns& runs);

std::string to_text(const ShortRuns& runs);
/// None: not what to_text() writes.
std::optional<ShortRuns> parse_short_runs(std::string_view text);

/// The short runs of a service, kept in a file of its runtime folder: systemd before 254 restarts
/// after the same time always, and a program that fails at once would be started all day. The
/// folder outlives a restart, not a stop and not a boot, after which the machine's clock is
/// another.
class Restarts {
 public:
  /// RUNTIME_DIRECTORY, which the manager sets for RuntimeDirectory=; "" without one.
  static std::string folder();

  /// Counts a start; `folder` "" counts nothing. A file that cannot be read counts as none.
  Restarts(const std::string& folder, Instant now);

  Duration pause() const { return pause_of(runs_); }
  unsigned count() const { return runs_.count; }
  /// Fails as write_file_atomically() does: then the next start does not know of this one.
  const Status& saved() const { return saved_; }
  /// The process was asked to end: the next start is the first.
  void forget() const;

 private:
  std::string file_;
  ShortRuns runs_;
  Status saved_;
};

/// Waits as the short runs ask for, and tells the manager why; false when a signal ended the wait.
bool wait_out(const Restarts& restarts, ServiceManager& service, Waker& waker,
              const StopSignals& signals);

}  // namespace signet
