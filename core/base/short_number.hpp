#pragma once

#include <array>
#include <cstdio>
#include <string>

namespace signet {

/// Three significant digits, for people: "0.31", "2.3", "1.2e-05".
inline std::string short_number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g", value);
  return text.data();
}

}  // namespace signet
