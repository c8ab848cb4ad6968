#include "coordinator/control/words.hpp"

#include <algorithm>
#include <cmath>

namespace signet {

namespace {

std::string rounded(double value) {
  return std::to_string(std::llround(value));
}

}  // namespace

std::string counted(std::uint64_t n, const std::string& what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

std::string time_text(double seconds) {
  constexpr double kMinute = 60, kHour = 3600;
  const double s = std::max(0.0, seconds);
  if (s < 2 * kMinute) return rounded(s) + " s";
  if (s < 2 * kHour) return rounded(s / kMinute) + " min";
  return rounded(s / kHour) + " h";
}

std::string percent_text(double share) {
  return rounded(100 * share) + " %";
}

}  // namespace signet
