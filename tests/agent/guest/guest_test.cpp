#include "agent/guest/guest.hpp"

#include "tests/support/catch.hpp"

namespace signet {

namespace {

Instant at(int second) {
  return Instant(std::chrono::seconds(second));
}

BoardState warm(const std::string& type, double celsius) {
  BoardState board;
  board.zones = {{type, celsius}};
  return board;
}

BoardState powered(bool under_voltage, bool throttled) {
  BoardState board;
  board.power = PowerFlags{under_voltage, throttled};
  return board;
}

BoardState charged(double percent, bool discharging) {
  BoardState board;
  board.battery = BatteryState{percent, discharging};
  return board;
}

BoardState loaded(double share) {
  BoardState board;
  board.others_load = share;
  return board;
}

}  // namespace

TEST_CASE("a board that tells nothing of itself is trained on at full pace", "[agent][guest]") {
  GuestRules all;
  all.too_hot_c = 60;
  all.throttled = WhenThrottled::Pause;
  all.battery_percent = 100;
  all.metered = WhenMetered::Pause;
  all.load = 0.1;
  CHECK(Guest(all).judge(at(0), {}) == Allowance{});
  CHECK(Guest(GuestRules{}).judge(at(0), {}) == Allowance{});
}

TEST_CASE("heat pauses at the limit and until it is five degrees cooler", "[agent][guest]") {
  GuestRules rules;
  rules.too_hot_c = 70;
  Guest guest(rules);
  const auto why = [&](double celsius) { return guest.judge(at(0), warm("x", celsius)).why; };
  CHECK(why(69.9) == "");
  CHECK(why(70) == "too hot (70 C)");
  CHECK(guest.judge(at(0), warm("x", 70)).pace == Pace::Paused);
  CHECK(why(82.4) == "too hot (82 C)");
  CHECK(why(65) == "too hot (65 C)");
  CHECK(why(64.9) == "");
  CHECK(why(69.9) == "");
}

TEST_CASE("without a limit of one's own only the zones of boards are too hot, at 80 degrees",
          "[agent][guest]") {
  for (const char* type : {"cpu-thermal", "cpu_thermal", "gpu-thermal"}) {
    INFO(type);
    CHECK(Guest({}).judge(at(0), warm(type, 79)).pace == Pace::Full);
    CHECK(Guest({}).judge(at(0), warm(type, 80)).pace == Pace::Paused);
  }
  for (const char* type : {"x86_pkg_temp", "acpitz", "iwlwifi_1", "INT3400 Thermal", ""}) {
    INFO(type);
    CHECK(Guest({}).judge(at(0), warm(type, 99)).pace == Pace::Full);
    GuestRules own;
    own.too_hot_c = 90;
    CHECK(Guest(own).judge(at(0), warm(type, 99)).pace == Pace::Paused);
  }
  GuestRules never;
  never.too_hot_c = Guest::kNeverTooHot;
  CHECK(Guest(never).judge(at(0), warm("cpu-thermal", 149)).pace == Pace::Full);
}

TEST_CASE("the hottest zone counts, wherever it stands", "[agent][guest]") {
  BoardState board;
  board.zones = {{"cpu-thermal", 50}, {"gpu-thermal", 85}, {"x86_pkg_temp", 99}};
  CHECK(Guest({}).judge(at(0), board).why == "too hot (85 C)");
}

TEST_CASE("under-voltage slows, or pauses, or is ignored, until a minute after", "[agent][guest]") {
  GuestRules rules;
  for (const bool pauses : {false, true}) {
    rules.throttled = pauses ? WhenThrottled::Pause : WhenThrottled::Slow;
    const Pace pace = pauses ? Pace::Paused : Pace::Slow;
    Guest guest(rules);
    CHECK(guest.judge(at(0), powered(false, false)) == Allowance{});
    CHECK(guest.judge(at(5), powered(true, true)) == Allowance{pace, "under-voltage"});
    CHECK(guest.judge(at(10), powered(false, false)) == Allowance{pace, "under-voltage"});
    CHECK(guest.judge(at(64), powered(false, false)) == Allowance{pace, "under-voltage"});
    CHECK(guest.judge(at(65), powered(false, false)) == Allowance{});
    CHECK(guest.judge(at(70), powered(false, true)).why == "throttled by the firmware");
  }
  rules.throttled = WhenThrottled::Ignore;
  CHECK(Guest(rules).judge(at(0), powered(true, true)) == Allowance{});
}

TEST_CASE("a battery pauses below its limit while it is discharged", "[agent][guest]") {
  GuestRules rules;
  rules.battery_percent = 30;
  Guest guest(rules);
  const auto pace = [&](double percent, bool discharging) {
    return guest.judge(at(0), charged(percent, discharging)).pace;
  };
  CHECK(pace(30, true) == Pace::Full);
  CHECK(guest.judge(at(0), charged(29, true)).why == "on battery (29 %)");
  CHECK(pace(34, true) == Pace::Paused);
  CHECK(pace(35, true) == Pace::Full);
  CHECK(pace(34, true) == Pace::Full);
  CHECK(pace(5, true) == Pace::Paused);
  CHECK(pace(5, false) == Pace::Full);
  CHECK(Guest({}).judge(at(0), charged(1, true)).pace == Pace::Full);
}

TEST_CASE("the load of others pauses above its limit and until it is a quarter less",
          "[agent][guest]") {
  GuestRules rules;
  rules.load = 0.4;
  Guest guest(rules);
  const auto pace = [&](double share) { return guest.judge(at(0), loaded(share)).pace; };
  CHECK(pace(0.4) == Pace::Full);
  CHECK(guest.judge(at(0), loaded(0.5)).why == "other processes use 50 % of the processors");
  CHECK(pace(0.31) == Pace::Paused);
  CHECK(pace(0.3) == Pace::Full);
  CHECK(pace(0.39) == Pace::Full);
  CHECK(Guest({}).judge(at(0), loaded(1)).pace == Pace::Full);
}

TEST_CASE("a metered connection pauses where that is asked for", "[agent][guest]") {
  BoardState board;
  board.metered = true;
  CHECK(Guest({}).judge(at(0), board) == Allowance{});
  GuestRules rules;
  rules.metered = WhenMetered::Pause;
  CHECK(Guest(rules).judge(at(0), board) == Allowance{Pace::Paused, "the connection is metered"});
  board.metered = false;
  CHECK(Guest(rules).judge(at(0), board) == Allowance{});
}

TEST_CASE("hours are those of any span, to the minute", "[agent][guest]") {
  GuestRules rules;
  rules.hours = "22:00-07:00,12:30-13:30";
  Guest guest(rules);
  for (int minute = 0; minute < 1440; ++minute) {
    const bool within = minute >= 22 * 60 || minute < 7 * 60 || (minute >= 750 && minute < 810);
    BoardState board;
    board.minute = minute;
    const Allowance allowance = guest.judge(at(0), board);
    CHECK((allowance.pace == Pace::Full) == within);
    if (!within) CHECK(allowance.why == "not its hours (22:00-07:00,12:30-13:30)");
  }
}

TEST_CASE("all reasons are told, and a pause goes before slowness", "[agent][guest]") {
  GuestRules rules;
  rules.battery_percent = 50;
  BoardState board = warm("cpu-thermal", 90);
  board.power = PowerFlags{true, false};
  board.battery = BatteryState{20, true};
  Guest guest(rules);
  CHECK(guest.judge(at(0), board) == Allowance{Pace::Paused, "too hot (90 C); on battery (20 %)"});
  board.zones.clear();
  board.battery.reset();
  CHECK(guest.judge(at(1), board) == Allowance{Pace::Slow, "under-voltage"});
}

TEST_CASE("other rules count from the next look on", "[agent][guest]") {
  Guest guest({});
  CHECK(guest.judge(at(0), warm("cpu-thermal", 75)).pace == Pace::Full);
  GuestRules rules;
  rules.too_hot_c = 60;
  guest.set_rules(rules);
  CHECK(guest.judge(at(1), warm("cpu-thermal", 75)).pace == Pace::Paused);
  guest.set_rules({});
  // It goes on at five degrees below the new limit, as after any heat.
  CHECK(guest.judge(at(2), warm("cpu-thermal", 75)).pace == Pace::Paused);
  CHECK(guest.judge(at(3), warm("cpu-thermal", 74)).pace == Pace::Full);
}

TEST_CASE("the log tells what is watched and what the board does not have", "[agent][guest]") {
  CHECK(describe({}, {}) == "no thermal zone of a board; no flags of throttling or under-voltage");
  BoardState board = warm("cpu-thermal", 51.2);
  board.power = PowerFlags{};
  board.battery = BatteryState{70, false};
  GuestRules rules;
  rules.battery_percent = 20;
  rules.metered = WhenMetered::Pause;
  rules.load = 0.5;
  rules.hours = "1:00-2:00";
  CHECK(describe(rules, board) ==
        "cpu-thermal 51 C; neither throttled nor under-voltage; battery at 70 %; nobody who knows "
        "whether the connection is metered; the load of other processes; hours 1:00-2:00");
  rules = {};
  rules.too_hot_c = Guest::kNeverTooHot;
  rules.throttled = WhenThrottled::Ignore;
  CHECK(describe(rules, board) == "nothing");
}

}  // namespace signet
