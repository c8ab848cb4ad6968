#pragma once

#include <optional>
#include <string>
#include <vector>

namespace signet {

/// A thermal zone: one sensor, as the system names it.
struct ThermalZone {
  std::string type;  ///< "cpu-thermal", "x86_pkg_temp", ...
  double celsius = 0;
};

/// What the firmware or the power supply's sensor says at the moment.
struct PowerFlags {
  bool under_voltage = false;
  bool throttled = false;  ///< the processor is kept below the clock that it was asked for
};

/// All batteries that the board runs on, as one.
struct BatteryState {
  double percent = 100;
  bool discharging = false;
};

/// One look at the board. What is empty the board does not have, or nobody asked for it.
struct BoardState {
  std::vector<ThermalZone> zones;
  std::optional<PowerFlags> power;
  std::optional<BatteryState> battery;
  std::optional<double> others_load;  ///< share of all processors that other processes used: 0 to 1
  std::optional<bool> metered;
  int minute = 0;  ///< of the local day: 0 to 1439
};

}  // namespace signet
