#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/guest/allowance.hpp"
#include "agent/guest/board_state.hpp"
#include "agent/guest/hours.hpp"
#include "core/base/time.hpp"

namespace signet {

enum class WhenThrottled { Pause, Slow, Ignore };
enum class WhenMetered { Vote, Pause };

/// When the training steps back behind the board's own business. The defaults do nothing on a PC.
struct GuestRules {
  /// Pause at this temperature, in degrees Celsius, of any zone. None: at kBoardTooHot of a zone
  /// that a device tree names, which are those of boards; a PC runs hotter, and looks after itself.
  std::optional<int> too_hot_c;
  WhenThrottled throttled = WhenThrottled::Slow;
  int battery_percent = 0;  ///< pause below it while on battery; 0: never
  WhenMetered metered = WhenMetered::Vote;
  double load = 1;    ///< pause where other processes use a larger share of the processors
  std::string hours;  ///< of the day in which to train, as for parse_hours(); "": all

  bool operator==(const GuestRules&) const = default;
};

/// Decides, look by look, how much of the board the training may have. Each rule comes back later
/// than it went, so that the training does not go on and off around a limit.
///
/// Deterministic: reads no clock and no file; time and the board's state come as values.
class Guest {
 public:
  static constexpr int kBoardTooHot = 80;    ///< where a Raspberry Pi's firmware begins to throttle
  static constexpr int kNeverTooHot = 150;   ///< as a limit: heat is not looked at
  static constexpr double kCooler = 5;       ///< degrees below the limit, to go on
  static constexpr double kFuller = 5;       ///< percent of battery above the limit, to go on
  static constexpr double kLessLoad = 0.75;  ///< part of the limit, to go on
  /// Under-voltage is over when it has not been seen for so long: the training itself brings it on.
  static constexpr Duration kCalm = std::chrono::minutes(1);

  /// `rules.hours` must be readable.
  explicit Guest(GuestRules rules);

  /// Other rules from now on; what they have in common with the old ones goes on.
  void set_rules(GuestRules rules);
  const GuestRules& rules() const { return rules_; }

  Allowance judge(Instant now, const BoardState& board);

 private:
  std::string heat(const BoardState& board);
  std::string throttling(Instant now, const BoardState& board);
  std::string battery(const BoardState& board);
  std::string load(const BoardState& board);
  std::string metered(const BoardState& board) const;
  std::string hours(const BoardState& board) const;

  GuestRules rules_;
  std::vector<HourSpan> spans_;
  bool hot_ = false, low_ = false, loaded_ = false;
  Instant throttled_until_ = Instant::min();
  std::string throttled_why_;
};

/// What is looked at and what it says, for the log: "cpu-thermal 51 C, no battery". `board` is a
/// look by `rules`.
std::string describe(const GuestRules& rules, const BoardState& board);

}  // namespace signet
