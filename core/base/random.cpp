#include "core/base/random.hpp"

#include <cmath>
#include <numbers>

namespace signet {

double Rng::normal() {
  // 1 - u keeps the logarithm's argument in (0, 1].
  const double u = 1.0 - static_cast<double>(next() >> 11) * 0x1p-53;
  const double v = static_cast<double>(next() >> 11) * 0x1p-53;
  return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
}

}  // namespace signet
