#include "agent/guest/hours.hpp"

namespace signet {

namespace {

constexpr int kDay = 24 * 60;

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// "7:05" or "07:05"; 24:00 is the end of the day.
std::optional<int> parse_minute(std::string_view text) {
  const auto colon = text.find(':');
  if (colon != 1 && colon != 2) return std::nullopt;
  if (text.size() != colon + 3) return std::nullopt;
  const auto number = [](std::string_view digits) {
    int value = 0;
    for (const char c : digits) {
      if (c < '0' || c > '9') return kDay;
      value = value * 10 + (c - '0');
    }
    return value;
  };
  const int hour = number(text.substr(0, colon)), minute = number(text.substr(colon + 1));
  if (minute > 59 || hour * 60 + minute > kDay) return std::nullopt;
  return hour * 60 + minute;
}

std::optional<HourSpan> parse_span(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto from = parse_minute(trimmed(text.substr(0, dash)));
  const auto to = parse_minute(trimmed(text.substr(dash + 1)));
  if (!from || !to || *from == kDay || *from == *to) return std::nullopt;
  return HourSpan{*from, *to == 0 ? kDay : *to};
}

}  // namespace

std::optional<std::vector<HourSpan>> parse_hours(std::string_view text) {
  std::vector<HourSpan> spans;
  if (trimmed(text).empty()) return spans;
  while (true) {
    const auto comma = text.find(',');
    const auto span = parse_span(trimmed(text.substr(0, comma)));
    if (!span) return std::nullopt;
    spans.push_back(*span);
    if (comma == std::string_view::npos) return spans;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace signet
