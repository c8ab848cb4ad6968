#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace signet {

/// A part of each day, from the minute `from` to before `to`; where `to` is less it crosses
/// midnight.
struct HourSpan {
  int from = 0;  ///< minutes since midnight: 0 to 1439
  int to = 0;    ///< 1 to 1440

  bool holds(int minute) const {
    return from < to ? from <= minute && minute < to : minute >= from || minute < to;
  }
  bool operator==(const HourSpan&) const = default;
};

/// "22:00-07:00, 12:30-13:30"; "" is no span at all. None: it cannot be read, or a span is empty.
std::optional<std::vector<HourSpan>> parse_hours(std::string_view text);

}  // namespace signet
