#pragma once

#include <string>

namespace signet {

/// How much of its board the training may have.
enum class Pace {
  Full,
  Slow,    ///< gradients with rests between
  Paused,  ///< none; rounds are answered all the same
};

struct Allowance {
  Pace pace = Pace::Full;
  std::string why;  ///< for people: "too hot (82 C)"; "" at full pace

  bool operator==(const Allowance&) const = default;
};

}  // namespace signet
