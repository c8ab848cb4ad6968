#pragma once

#include <optional>

namespace signet {

enum class ControllerKind {
  Guarded,      ///< the default: equation (1) with a bound on its positive feedback
  Paper,        ///< equation (1) as it stands
  Fixed,        ///< one rate
  InverseSqrt,  ///< value / sqrt(K) of Theorem 1 (K: the job's rounds)
};

/// Two estimates of equation (1)'s sum from micro-batches; see core/optim/sign_statistics.hpp.
enum class Statistic { Local, Cross };

struct RateSpec {
  ControllerKind controller = ControllerKind::Guarded;
  double value = 0;                  ///< Fixed: the rate; InverseSqrt: the numerator
  std::optional<double> smoothness;  ///< L of equation (1); none: the dimension d
  Statistic statistic = Statistic::Local;

  bool operator==(const RateSpec&) const = default;
};

}  // namespace signet
