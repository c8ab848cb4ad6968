#pragma once

#include <optional>
#include <string>

#include "agent/board/board_files.hpp"
#include "agent/guest/guest.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/platform/worker.hpp"

namespace signet {

/// Looks at the board every few seconds, and tells where that changes what the training may have of
/// it. Sensors and D-Bus may be slow: all looks but the first are made on a thread of their own.
class BoardWatch {
 public:
  /// `root`: where the board's /sys and /proc lie; "" for this machine's own. `waker`, which must
  /// outlive this, is woken when a look is done.
  BoardWatch(GuestRules rules, std::string root, Waker& waker);

  /// Looks at once, in the caller's thread, and logs what there is to see.
  Allowance first(Instant now);
  /// For every turn of the event loop: looks where that is due.
  void look(Instant now);
  /// What is allowed from now on, where that is something new.
  std::optional<Allowance> change(Instant now);
  /// look() is due at or after this.
  Instant due() const { return next_look_; }
  /// Other rules from now on; looks at once.
  void set_rules(GuestRules rules, Instant now);

 private:
  BoardState see(const GuestRules& rules);
  void remark_on_metered(const Status& known);

  Guest guest_;
  std::string root_;
  Instant next_look_;
  std::optional<BoardState> seen_;  // not judged yet
  Allowance last_;
  bool described_ = false;
  // Of the thread that looks.
  std::optional<ProcessorTicks> ticks_;
  bool metered_told_ = false;
  Worker worker_;  // last: its thread uses the above
};

}  // namespace signet
