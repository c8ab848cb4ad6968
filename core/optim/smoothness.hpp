#pragma once

#include <cstddef>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/optim/rate_spec.hpp"

namespace signet {

/// L of equation (1), as far as it is known. By secant it is d times a moving mean of the measured
/// curvatures' absolute values, for L bounds both directions of the curve (the paper's assumption
/// 2); before the first one it is d.
class SmoothnessEstimate {
 public:
  SmoothnessEstimate(const Smoothness& told, std::size_t dimension);

  /// Of one round; none: not measured, which changes nothing.
  void hear(std::optional<double> curvature);
  double value() const;

  /// Empty unless by secant. restore() fails with Corrupt on bytes of another size.
  Bytes state() const;
  Status restore(ByteView state);

 private:
  bool secant_;
  double told_;                 // L, or d by secant
  double seen_ = 0, mean_ = 0;  // measurements, and their moving mean
};

}  // namespace signet
