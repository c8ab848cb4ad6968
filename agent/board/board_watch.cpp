#include "agent/board/board_watch.hpp"

#include <ctime>
#include <utility>

#include "core/platform/log.hpp"
#include "core/platform/metered.hpp"

namespace signet {

namespace {

constexpr Duration kLookEvery = std::chrono::seconds(5);

int minute_of_day() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  ::tzset();  // the zone may have been changed
  ::localtime_r(&now, &local);
  return local.tm_hour * 60 + local.tm_min;
}

}  // namespace

BoardWatch::BoardWatch(GuestRules rules, std::string root, Waker& waker)
    : guest_(std::move(rules)), root_(std::move(root)), next_look_(Instant{}), worker_(waker) {}

Allowance BoardWatch::first(Instant now) {
  seen_ = see(guest_.rules());
  next_look_ = now + kLookEvery;
  return change(now).value_or(Allowance{});
}

void BoardWatch::look(Instant now) {
  worker_.complete();
  if (now < next_look_) return;
  next_look_ = now + kLookEvery;
  if (!worker_.idle()) return;  // D-Bus takes its time
  worker_.post([this, rules = guest_.rules()]() -> Worker::Completion {
    return [this, seen = see(rules)] { seen_ = seen; };
  });
}

std::optional<Allowance> BoardWatch::change(Instant now) {
  if (!seen_) return std::nullopt;
  if (!std::exchange(described_, true))
    log_debug("watches the board: {}", describe(guest_.rules(), *seen_));
  Allowance allowance = guest_.judge(now, *std::exchange(seen_, std::nullopt));
  if (allowance == last_) return std::nullopt;
  return last_ = std::move(allowance);
}

void BoardWatch::set_rules(GuestRules rules, Instant now) {
  if (rules == guest_.rules()) return;
  guest_.set_rules(std::move(rules));
  described_ = false;
  next_look_ = now;
}

BoardState BoardWatch::see(const GuestRules& rules) {
  BoardState board;
  board.zones = read_thermal_zones(root_);
  if (rules.throttled != WhenThrottled::Ignore) board.power = read_power_flags(root_);
  if (rules.battery_percent > 0) board.battery = read_battery(root_);
  const auto ticks = rules.load < 1 ? read_processor_ticks(root_) : std::nullopt;
  if (ticks && ticks_) board.others_load = others_load(*ticks_, *ticks);
  ticks_ = ticks;
  if (rules.metered == WhenMetered::Pause) {
    const auto metered = connection_is_metered();
    if (metered) board.metered = *metered;
    remark_on_metered(metered ? Status() : metered.error());
  }
  board.minute = minute_of_day();
  return board;
}

// Somebody counts on it: once each time that it is not known any more.
void BoardWatch::remark_on_metered(const Status& known) {
  if (!known && !metered_told_)
    log_warning("guest.metered: {}; taken as not metered", known.error().message);
  metered_told_ = !known;
}

}  // namespace signet
