#pragma once

#include <filesystem>
#include <string>

#include "core/base/bytes.hpp"
#include "core/platform/files.hpp"
#include "tests/core/platform/temporary_folder.hpp"
#include "tests/support/catch.hpp"

namespace signet::test {

/// A folder with files as the kernel shows a board in /sys and /proc.
class FakeBoard {
 public:
  std::string root() const { return folder_.path(); }

  void put(const std::string& path, const std::string& text) {
    const std::string whole = folder_ / path;
    std::filesystem::create_directories(folder_of(whole));
    REQUIRE(write_file_atomically(whole, view_bytes(text)));
  }
  void put_zone(int number, const std::string& type, const std::string& temp) {
    const std::string zone = "sys/class/thermal/thermal_zone" + std::to_string(number);
    put(zone + "/type", type + "\n");
    put(zone + "/temp", temp + "\n");
  }
  void put_supply(const std::string& name, const std::string& type, const std::string& status,
                  const std::string& capacity) {
    const std::string supply = "sys/class/power_supply/" + name;
    put(supply + "/type", type + "\n");
    if (!status.empty()) put(supply + "/status", status + "\n");
    if (!capacity.empty()) put(supply + "/capacity", capacity + "\n");
  }
  void put_throttled(const std::string& flags) {
    put("sys/devices/platform/soc/soc:firmware/get_throttled", flags + "\n");
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace signet::test
