#pragma once

#include <algorithm>

#include "core/base/time.hpp"

namespace signet {

/// Lets events through at a rate, after a first few at once.
class Throttle {
 public:
  Throttle(double per_second, double at_once, Instant now)
      : per_second_(per_second), most_(at_once), left_(at_once), last_(now) {}

  bool admits(Instant now) {
    left_ = std::min(most_, left_ + seconds(now - last_) * per_second_);
    last_ = now;
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

 private:
  double per_second_, most_, left_;
  Instant last_;
};

}  // namespace signet
