#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/guest/board_state.hpp"

namespace signet {

// What the kernel's files say of a board, below `root` ("" is this machine's own). A file that is
// missing or says nothing readable is a sensor that the board does not have.

/// /sys/class/thermal. Readings that no chip survives are left out.
std::vector<ThermalZone> read_thermal_zones(const std::string& root);

/// A Raspberry Pi's firmware flags, and the alarm of its power supply's sensor.
std::optional<PowerFlags> read_power_flags(const std::string& root);

/// /sys/class/power_supply, without those of mice and the like.
std::optional<BatteryState> read_battery(const std::string& root);

/// Processor time since the start of the machine and of this process, in ticks.
struct ProcessorTicks {
  std::uint64_t all = 0, busy = 0, own = 0;
};
/// /proc/stat and /proc/self/stat.
std::optional<ProcessorTicks> read_processor_ticks(const std::string& root);
/// Share of all processors that others used in between, 0 to 1; none where no time went by.
std::optional<double> others_load(const ProcessorTicks& before, const ProcessorTicks& now);

}  // namespace signet
