#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/doctor/finding.hpp"
#include "core/base/result.hpp"
#include "core/data/source.hpp"
#include "core/platform/reach.hpp"

namespace signet {

// What to think of what was seen. Nothing here looks at the machine.

/// Bytes that an agent takes for each parameter while it trains: replica, momentum, gradient and
/// statistics are 21, and a snapshot that arrives, or the update under way, the rest.
inline constexpr std::uint64_t kBytesPerParameter = 32;

/// What a board's files hold, whatever a job will make of it: load_dataset() with each format in
/// turn. Every column of a CSV file counts as a feature, as only a job knows better.
Finding look_at_data(const std::string& path, const ReadFile& read_file);

Finding judge_memory(const Result<std::uint64_t>& available);

/// `folder` is where the service keeps its state; `writable`: whether it may be written to.
Finding judge_disk(const std::string& folder, const Result<std::uint64_t>& left,
                   const Status& writable);

/// Seconds since 1970 by the board's clock.
Finding judge_clock(std::int64_t now);

/// One address of the coordinator, as far as it came.
struct DoorSeen {
  std::string address;
  Result<Endpoint> reached;  ///< by TCP: the address as digits
  std::optional<Result<Knock>> knock = {};
  bool encrypted = false;
};
Finding judge_door(const DoorSeen& seen);
/// One address is enough: where one answers, the problems of the others are warnings.
void settle_doors(Findings& doors);

/// `shown` is what `systemctl show` says of the unit, one KEY=VALUE a line; `data_path` may be
/// hidden from it.
Finding judge_service(std::string_view shown, const std::string& data_path);

/// "1.5 GB"; powers of 1000.
std::string bytes_text(std::uint64_t bytes);

}  // namespace signet
