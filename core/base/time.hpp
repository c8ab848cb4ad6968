#pragma once

#include <chrono>
#include <cstdint>

namespace signet {

using Duration = std::chrono::microseconds;

/// A monotonic time line without a now(): the pure rooms are told the time, they never read it.
/// The daemons map it to the machine's steady clock, the simulation to its virtual one.
struct RunClock {
  using rep = std::int64_t;
  using period = std::micro;
  using duration = Duration;
  using time_point = std::chrono::time_point<RunClock>;
  static constexpr bool is_steady = true;
};
using Instant = RunClock::time_point;

/// Later than anything that happens: "no deadline".
inline constexpr Instant kNever = Instant::max();

/// Seconds as a number, for reports.
inline double seconds(Duration d) {
  return std::chrono::duration<double>(d).count();
}

}  // namespace signet
