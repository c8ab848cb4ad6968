#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace signet {

/// Memory that programs may still have without swapping, in bytes.
/// Fails as read_file() does, or as parse_memory_available() does.
Result<std::uint64_t> memory_available();
/// MemAvailable of the text of /proc/meminfo (proc(5)). Fails with Malformed.
Result<std::uint64_t> parse_memory_available(std::string_view meminfo);

/// Bytes that this user may still write to the file system that holds `folder`. Fails with Missing,
/// Denied or Unavailable, naming it.
Result<std::uint64_t> space_left(const std::string& folder);

/// What the board is called by its maker, such as "Raspberry Pi 4 Model B Rev 1.4"; "" where nobody
/// tells.
std::string board_name();
/// The processor, such as "Cortex-A72" or what an x86-64 one calls itself; "" where nobody tells.
std::string processor_name();
/// The same from the text of /proc/cpuinfo, whose form differs from architecture to architecture.
std::string parse_processor_name(std::string_view cpuinfo);
/// How many threads may run at once, at least 1.
unsigned processors_count();

/// This process is user `name` from now on, for good; only root may. Fails with Missing or Denied.
Status become_user(const std::string& name);

}  // namespace signet
