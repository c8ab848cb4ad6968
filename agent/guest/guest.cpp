#include "agent/guest/guest.hpp"

#include <cmath>
#include <utility>

#include "core/base/check.hpp"

namespace signet {

namespace {

std::string rounded(double value) {
  return std::to_string(std::lround(value));
}

/// As device trees name their zones: "cpu-thermal", in older kernels "cpu_thermal".
bool is_of_a_board(const ThermalZone& zone) {
  return zone.type.ends_with("-thermal") || zone.type.ends_with("_thermal");
}

const ThermalZone* hottest(const GuestRules& rules, const BoardState& board) {
  const ThermalZone* found = nullptr;
  for (const auto& zone : board.zones) {
    if (!rules.too_hot_c && !is_of_a_board(zone)) continue;
    if (found == nullptr || zone.celsius > found->celsius) found = &zone;
  }
  return found;
}

int limit_of(const GuestRules& rules) {
  return rules.too_hot_c.value_or(Guest::kBoardTooHot);
}

void add(std::string& list, const std::string& item) {
  if (!item.empty()) list += (list.empty() ? "" : "; ") + item;
}

std::string heat_seen(const GuestRules& rules, const BoardState& board) {
  if (limit_of(rules) >= Guest::kNeverTooHot) return "";
  const ThermalZone* zone = hottest(rules, board);
  return zone == nullptr ? "no thermal zone of a board"
                         : zone->type + " " + rounded(zone->celsius) + " C";
}

std::string power_seen(const BoardState& board) {
  if (!board.power) return "no flags of throttling or under-voltage";
  return board.power->under_voltage ? "under-voltage"
         : board.power->throttled   ? "throttled"
                                    : "neither throttled nor under-voltage";
}

}  // namespace

Guest::Guest(GuestRules rules) {
  set_rules(std::move(rules));
}

void Guest::set_rules(GuestRules rules) {
  auto spans = parse_hours(rules.hours);
  SIGNET_CHECK(spans, "the configuration's rules were checked when it was read");
  spans_ = std::move(*spans);
  rules_ = std::move(rules);
}

Allowance Guest::judge(Instant now, const BoardState& board) {
  std::string paused;
  add(paused, heat(board));
  const std::string throttled = throttling(now, board);
  if (rules_.throttled == WhenThrottled::Pause) add(paused, throttled);
  add(paused, battery(board));
  add(paused, metered(board));
  add(paused, load(board));
  add(paused, hours(board));
  if (!paused.empty()) return {Pace::Paused, std::move(paused)};
  if (!throttled.empty()) return {Pace::Slow, throttled};
  return {};
}

std::string Guest::heat(const BoardState& board) {
  const ThermalZone* zone = hottest(rules_, board);
  const int limit = limit_of(rules_);
  hot_ =
      limit < kNeverTooHot && zone != nullptr && zone->celsius >= (hot_ ? limit - kCooler : limit);
  return hot_ ? "too hot (" + rounded(zone->celsius) + " C)" : "";
}

std::string Guest::throttling(Instant now, const BoardState& board) {
  if (rules_.throttled == WhenThrottled::Ignore || !board.power) return "";
  if (board.power->under_voltage || board.power->throttled) {
    throttled_until_ = now + kCalm;
    throttled_why_ = board.power->under_voltage ? "under-voltage" : "throttled by the firmware";
  }
  return now < throttled_until_ ? throttled_why_ : "";
}

std::string Guest::battery(const BoardState& board) {
  const double limit = rules_.battery_percent;
  low_ = limit > 0 && board.battery && board.battery->discharging &&
         board.battery->percent < (low_ ? limit + kFuller : limit);
  return low_ ? "on battery (" + rounded(board.battery->percent) + " %)" : "";
}

std::string Guest::load(const BoardState& board) {
  loaded_ = rules_.load < 1 && board.others_load &&
            *board.others_load > (loaded_ ? kLessLoad * rules_.load : rules_.load);
  return loaded_
             ? "other processes use " + rounded(100 * *board.others_load) + " % of the processors"
             : "";
}

std::string Guest::metered(const BoardState& board) const {
  const bool pauses = rules_.metered == WhenMetered::Pause && board.metered.value_or(false);
  return pauses ? "the connection is metered" : "";
}

std::string Guest::hours(const BoardState& board) const {
  if (spans_.empty()) return "";
  for (const auto& span : spans_)
    if (span.holds(board.minute)) return "";
  return "not its hours (" + rules_.hours + ")";
}

std::string describe(const GuestRules& rules, const BoardState& board) {
  std::string all;
  add(all, heat_seen(rules, board));
  if (rules.throttled != WhenThrottled::Ignore) add(all, power_seen(board));
  if (rules.battery_percent > 0)
    add(all, board.battery ? "battery at " + rounded(board.battery->percent) + " %" : "no battery");
  if (rules.metered == WhenMetered::Pause)
    add(all, !board.metered   ? "nobody who knows whether the connection is metered"
             : *board.metered ? "a metered connection"
                              : "a connection that is not metered");
  if (rules.load < 1) add(all, "the load of other processes");
  if (!rules.hours.empty()) add(all, "hours " + rules.hours);
  return all.empty() ? "nothing" : all;
}

}  // namespace signet
