#include "agent/board/board_files.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/platform/files.hpp"

namespace signet {

namespace {

constexpr std::size_t kFileMax = 65536;
// No board runs at these; sensors that are off or not connected say such things.
constexpr double kColdest = -40, kHottest = 149;

/// Without the newline at its end; "" where there is no such file.
std::string text_in(const std::string& path) {
  const auto bytes = read_file_start(path, kFileMax);
  std::string text = bytes ? to_text(*bytes) : "";
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

template <typename T>
std::optional<T> number(std::string_view text, int base = 10) {
  T value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  return error == std::errc() && stop == end ? std::optional<T>(value) : std::nullopt;
}

/// The next word of a line, taken off it.
std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const auto word = line.substr(0, line.find_first_of(" \n"));
  line.remove_prefix(word.size());
  return word;
}

std::vector<std::string> names_below(const std::string& folder, std::string_view prefix) {
  auto names = names_in(folder, "");
  if (!names) return {};
  std::erase_if(*names, [&](const std::string& name) { return !name.starts_with(prefix); });
  return std::move(*names);
}

/// What the firmware says; its device is soc/soc:firmware, or with the chip's address in both
/// names, as in soc@107c000000.
std::string throttled_text(const std::string& platform) {
  for (const auto& chip : names_below(platform, "soc")) {
    const std::string folder = platform + "/" + chip;
    for (const auto& name : names_below(folder, chip + ":firmware")) {
      std::string text = text_in(folder + "/" + name + "/get_throttled");
      if (!text.empty()) return text;
    }
  }
  return "";
}

/// The firmware's low bits: under-voltage, capped clock, throttled, soft limit of temperature. The
/// high ones tell of the past.
std::optional<PowerFlags> firmware_flags(const std::string& root) {
  std::string text = throttled_text(root + "/sys/devices/platform");
  if (text.starts_with("0x")) text.erase(0, 2);
  const auto bits = number<std::uint32_t>(text, 16);
  if (!bits) return std::nullopt;
  return PowerFlags{(*bits & 0x1U) != 0, (*bits & 0xEU) != 0};
}

std::optional<PowerFlags> supply_alarm(const std::string& root) {
  const std::string folder = root + "/sys/class/hwmon";
  for (const auto& name : names_below(folder, "hwmon")) {
    const std::string sensor = folder + "/" + name;
    if (text_in(sensor + "/name") != "rpi_volt") continue;
    const auto alarm = number<int>(text_in(sensor + "/in0_lcrit_alarm"));
    if (alarm) return PowerFlags{*alarm != 0, false};
  }
  return std::nullopt;
}

/// utime and stime, the 14th and 15th word; the second one is in brackets and may hold blanks.
std::optional<std::uint64_t> own_ticks(std::string_view stat) {
  const auto bracket = stat.rfind(')');
  if (bracket == std::string_view::npos) return std::nullopt;
  stat.remove_prefix(bracket + 1);
  for (int word = 3; word < 14; ++word) next_word(stat);
  const auto user = number<std::uint64_t>(next_word(stat));
  const auto system = number<std::uint64_t>(next_word(stat));
  if (!user || !system) return std::nullopt;
  return *user + *system;
}

}  // namespace

std::vector<ThermalZone> read_thermal_zones(const std::string& root) {
  std::vector<ThermalZone> zones;
  const std::string folder = root + "/sys/class/thermal";
  for (const auto& name : names_below(folder, "thermal_zone")) {
    const auto millidegrees = number<long>(text_in(folder + "/" + name + "/temp"));
    if (!millidegrees) continue;
    const double celsius = static_cast<double>(*millidegrees) / 1000;
    if (celsius < kColdest || celsius > kHottest) continue;
    zones.push_back({text_in(folder + "/" + name + "/type"), celsius});
  }
  return zones;
}

std::optional<PowerFlags> read_power_flags(const std::string& root) {
  const auto firmware = firmware_flags(root), supply = supply_alarm(root);
  if (!firmware || !supply) return firmware ? firmware : supply;
  return PowerFlags{firmware->under_voltage || supply->under_voltage, firmware->throttled};
}

std::optional<BatteryState> read_battery(const std::string& root) {
  const std::string folder = root + "/sys/class/power_supply";
  double sum = 0;
  std::size_t count = 0;
  bool discharging = false;
  for (const auto& name : names_below(folder, "")) {
    const std::string supply = folder + "/" + name, type = text_in(supply + "/type");
    if ((type != "Battery" && type != "UPS") || text_in(supply + "/scope") == "Device") continue;
    discharging = discharging || text_in(supply + "/status") == "Discharging";
    const auto percent = number<int>(text_in(supply + "/capacity"));
    if (!percent) continue;
    sum += *percent;
    ++count;
  }
  if (count == 0) return std::nullopt;
  return BatteryState{sum / static_cast<double>(count), discharging};
}

std::optional<ProcessorTicks> read_processor_ticks(const std::string& root) {
  const std::string stat = text_in(root + "/proc/stat");
  const auto own = own_ticks(text_in(root + "/proc/self/stat"));
  std::string_view line = stat;
  if (!own || next_word(line) != "cpu") return std::nullopt;
  // user, nice, system, idle, iowait, irq, softirq, steal: guests are in user and nice already.
  std::array<std::uint64_t, 8> ticks{};
  for (auto& each : ticks) {
    const auto value = number<std::uint64_t>(next_word(line));
    if (!value) return std::nullopt;
    each = *value;
  }
  ProcessorTicks now;
  now.own = *own;
  for (const auto each : ticks) now.all += each;
  now.busy = now.all - ticks[3] - ticks[4] - ticks[7];
  return now;
}

std::optional<double> others_load(const ProcessorTicks& before, const ProcessorTicks& now) {
  if (now.all <= before.all) return std::nullopt;
  const auto since = [](std::uint64_t earlier, std::uint64_t later) {
    return later > earlier ? static_cast<double>(later - earlier) : 0.0;
  };
  const double others = since(before.busy, now.busy) - since(before.own, now.own);
  return std::clamp(others / since(before.all, now.all), 0.0, 1.0);
}

}  // namespace signet
