#include "agent/config_keys.hpp"

namespace signet {

namespace agent_guest_keys {

config::TextRule hours_rule() {
  return {
      "\"\" (all day), or parts of the day as from HH:MM to HH:MM with commas between, such as "
      "22:00-07:00 or 00:00-06:30,12:00-13:00",
      [](std::string_view text) { return parse_hours(text).has_value(); }};
}

}  // namespace agent_guest_keys

void add_guest_keys(config::KeyTable<AgentConfig>& keys) {
  const auto now = [](config::KeyInfo& info) { info.may_change = true; };
  auto& hot = keys.integer(
      {"guest.too_hot_c",
       "Pause where a thermal zone reaches this temperature, until all are 5 degrees below it. "
       "Left "
       "out, it is 80 for the zones of boards (cpu-thermal and the like), and a PC's do not count; "
       "150 is never.",
       "75"},
      {30, Guest::kNeverTooHot, "C"}, [](auto& c) -> auto& { return c.guest.too_hot_c; });
  now(hot);
  now(keys.word<WhenThrottled>(
      {"guest.throttled",
       "What to do about under-voltage, and a clock that the firmware keeps down, as a Raspberry "
       "Pi "
       "tells them, until a minute after: slow rests after each gradient three times as long as it "
       "took."},
      {{"pause", WhenThrottled::Pause},
       {"slow", WhenThrottled::Slow},
       {"ignore", WhenThrottled::Ignore}},
      [](auto& c) -> auto& { return c.guest.throttled; }));
  now(keys.integer(
      {"guest.battery_percent",
       "Pause while on battery with less charge than this, until there are 5 percent "
       "more or a charger; 0 is never."},
      {0, 100, "%"}, [](auto& c) -> auto& { return c.guest.battery_percent; }));
  now(keys.word<WhenMetered>(
      {"guest.metered",
       "What to do on a connection that NetworkManager takes for a metered one. pause sends no "
       "votes; updates still arrive."},
      {{"vote", WhenMetered::Vote}, {"pause", WhenMetered::Pause}},
      [](auto& c) -> auto& { return c.guest.metered; }));
  now(keys.number(
      {"guest.load",
       "Pause where other processes use a larger share of all processors than this, "
       "until it is a quarter less; 1 is never."},
      {0, 1, "", true}, [](auto& c) -> auto& { return c.guest.load; }));
  now(keys.text(
      {"guest.hours", "The hours in which to train, in local time; they may cross midnight.",
       "\"22:00-07:00\""},
      agent_guest_keys::hours_rule(), [](auto& c) -> auto& { return c.guest.hours; }));
}

}  // namespace signet
