#pragma once

#include <cstdint>
#include <string>

namespace signet {

/// "1 agent", "3 agents".
std::string counted(std::uint64_t n, const std::string& what);
/// "40 s", "12 min", "5 h": as exact as a remark needs it.
std::string time_text(double seconds);
/// "71 %".
std::string percent_text(double share);

}  // namespace signet
