#include "agent/board/board_files.hpp"

#include "tests/support/fake_board.hpp"

namespace signet {

namespace {

using test::FakeBoard;

}  // namespace

TEST_CASE("a machine without sensors has none", "[agent][board]") {
  const FakeBoard board;
  CHECK(read_thermal_zones(board.root()).empty());
  CHECK_FALSE(read_power_flags(board.root()));
  CHECK_FALSE(read_battery(board.root()));
  CHECK_FALSE(read_processor_ticks(board.root()));
}

TEST_CASE("thermal zones are read in degrees, and nonsense is left out", "[agent][board]") {
  FakeBoard board;
  board.put_zone(0, "cpu-thermal", "51121");
  board.put_zone(1, "off", "-274000");
  board.put_zone(2, "broken", "warm");
  board.put_zone(3, "silent", "");
  board.put_zone(4, "unconnected", "200000");
  board.put_zone(10, "gpu-thermal", "-5500");
  board.put("sys/class/thermal/cooling_device0/type", "Fan\n");
  board.put("sys/class/thermal/thermal_zone5/type", "no reading\n");
  const auto zones = read_thermal_zones(board.root());
  REQUIRE(zones.size() == 2);
  CHECK(zones[0].type == "cpu-thermal");
  CHECK(zones[0].celsius == Approx(51.121));
  CHECK(zones[1].type == "gpu-thermal");
  CHECK(zones[1].celsius == Approx(-5.5));
}

TEST_CASE("of the firmware's flags those of the moment count", "[agent][board]") {
  struct Case {
    const char* text;
    bool under_voltage, throttled;
  };
  for (const Case& c :
       {Case{"0", false, false}, Case{"0x0", false, false}, Case{"1", true, false},
        Case{"0x50005", true, true}, Case{"50000", false, false}, Case{"2", false, true},
        Case{"8", false, true}, Case{"f0004", false, true}}) {
    INFO(c.text);
    FakeBoard board;
    board.put_throttled(c.text);
    const auto flags = read_power_flags(board.root());
    REQUIRE(flags);
    CHECK(flags->under_voltage == c.under_voltage);
    CHECK(flags->throttled == c.throttled);
  }
  FakeBoard board;
  board.put_throttled("no number");
  CHECK_FALSE(read_power_flags(board.root()));
}

TEST_CASE("the firmware's flags are found where its device is called by the chip's address",
          "[agent][board]") {
  FakeBoard board;
  board.put("sys/devices/platform/soc@107c000000/uevent", "of a Raspberry Pi 5\n");
  board.put("sys/devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled", "4\n");
  const auto flags = read_power_flags(board.root());
  REQUIRE(flags);
  CHECK(flags->throttled);
  CHECK_FALSE(flags->under_voltage);
}

TEST_CASE("the alarm of a Raspberry Pi's supply is under-voltage", "[agent][board]") {
  FakeBoard board;
  board.put("sys/class/hwmon/hwmon0/name", "cpu_thermal\n");
  board.put("sys/class/hwmon/hwmon0/in0_lcrit_alarm", "1\n");
  CHECK_FALSE(read_power_flags(board.root()));
  board.put("sys/class/hwmon/hwmon1/name", "rpi_volt\n");
  board.put("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n");
  REQUIRE(read_power_flags(board.root()));
  CHECK(read_power_flags(board.root())->under_voltage);
  board.put("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "0\n");
  CHECK_FALSE(read_power_flags(board.root())->under_voltage);
  board.put_throttled("4");
  CHECK(read_power_flags(board.root())->throttled);
  board.put_throttled("1");
  CHECK(read_power_flags(board.root())->under_voltage);
}

TEST_CASE("a board's batteries are one, and a mouse's is none of them", "[agent][board]") {
  FakeBoard board;
  board.put_supply("AC", "Mains", "", "");
  board.put("sys/class/power_supply/AC/online", "0\n");
  board.put_supply("hidpp_battery_0", "Battery", "Discharging", "3");
  board.put("sys/class/power_supply/hidpp_battery_0/scope", "Device\n");
  CHECK_FALSE(read_battery(board.root()));
  board.put_supply("BAT0", "Battery", "Not charging", "10");
  REQUIRE(read_battery(board.root()));
  CHECK(read_battery(board.root())->percent == 10);
  CHECK_FALSE(read_battery(board.root())->discharging);
  board.put_supply("BAT1", "Battery", "Discharging", "80");
  CHECK(read_battery(board.root())->percent == 45);
  CHECK(read_battery(board.root())->discharging);
  board.put_supply("BAT1", "Battery", "Charging", "80");
  CHECK_FALSE(read_battery(board.root())->discharging);
}

TEST_CASE("the load of others is what all use less what this process does", "[agent][board]") {
  FakeBoard board;
  // user nice system idle iowait irq softirq steal guest guest_nice
  board.put("proc/stat", "cpu  100 20 30 1000 50 5 5 40 9 9\ncpu0 1 1 1 1 1 1 1 1 1 1\n");
  board.put("proc/self/stat",
            "7 (a (b) c) S 1 7 7 0 -1 4194560 1 0 0 0 60 10 0 0 20 0 1 0 5 6 7\n");
  const auto before = read_processor_ticks(board.root());
  REQUIRE(before);
  CHECK(before->all == 1250);
  CHECK(before->busy == 160);
  CHECK(before->own == 70);
  board.put("proc/stat", "cpu  180 40 50 1040 60 5 5 70 9 9\n");
  board.put("proc/self/stat",
            "7 (a (b) c) S 1 7 7 0 -1 4194560 1 0 0 0 100 20 0 0 20 0 1 0 5 6 7\n");
  const auto now = read_processor_ticks(board.root());
  REQUIRE(now);
  // Of 200 ticks 120 were busy, 50 of them ours.
  REQUIRE(others_load(*before, *now));
  CHECK(*others_load(*before, *now) == Approx(0.35));
  CHECK_FALSE(others_load(*now, *now));
  CHECK_FALSE(others_load(*now, *before));
  // Its own time is counted a little later.
  CHECK(*others_load({0, 0, 0}, {100, 10, 12}) == 0);
}

TEST_CASE("processor times that break off are none", "[agent][board]") {
  for (const char* stat :
       {"", "cpu", "cpu  1 2 3", "cpu 1 2 3 4 5 6 7 x", "intr 1 2 3 4 5 6 7 8"}) {
    INFO(stat);
    FakeBoard board;
    board.put("proc/stat", stat);
    board.put("proc/self/stat", "7 (a) S 1 7 7 0 -1 4194560 1 0 0 0 60 10 0 0\n");
    CHECK_FALSE(read_processor_ticks(board.root()));
  }
  FakeBoard board;
  board.put("proc/stat", "cpu  100 20 30 1000 50 5 5 40 9 9\n");
  for (const char* self : {"", "7 (a) S 1 7", "7 a S 1 7 7 0 -1 4194560 1 0 0 0 60 10 0 0"}) {
    INFO(self);
    board.put("proc/self/stat", self);
    CHECK_FALSE(read_processor_ticks(board.root()));
  }
}

TEST_CASE("this very machine can be looked at", "[agent][board]") {
  const auto ticks = read_processor_ticks("");
  REQUIRE(ticks);
  CHECK(ticks->all > ticks->busy);
  for (const auto& zone : read_thermal_zones("")) CHECK_FALSE(zone.type.empty());
}

}  // namespace signet
