#pragma once

#include <variant>

namespace signet {

enum class ControllerKind {
  Guarded,      ///< the default: equation (1) with a bound on its positive feedback
  Paper,        ///< equation (1) as it stands
  Fixed,        ///< one rate
  InverseSqrt,  ///< value / sqrt(K) of Theorem 1 (K: the job's rounds)
  Cosine,       ///< value (1 + cos(pi k / K)) / 2
};

/// Two estimates of equation (1)'s sum from micro-batches; see core/optim/sign_statistics.hpp.
enum class Statistic { Local, Cross };

/// What a controller may know of a run before its first round.
struct RunFacts {
  /// Root mean square of x_0, the starting point; 0: not known.
  double parameter_rms = 0;
  /// Agents vote on changes by local steps, which say nothing of equation (1)'s sum.
  bool votes_on_changes = false;

  bool operator==(const RunFacts&) const = default;
};

/// What Guarded knows of the end.
enum class Horizon {
  Rounds,  ///< the job's rounds are the end: it anneals towards it
  Open,    ///< the run may end at any time
};

/// L of equation (1): the dimension d, a number, or d times the curvature a coordinate that agents
/// measure along the voted steps.
struct ByDimension {
  bool operator==(const ByDimension&) const = default;
};
struct BySecant {
  bool operator==(const BySecant&) const = default;
};
using Smoothness = std::variant<ByDimension, double, BySecant>;

struct RateSpec {
  ControllerKind controller = ControllerKind::Guarded;
  double value = 0;  ///< Fixed: the rate; InverseSqrt: the numerator
  Smoothness smoothness;
  Statistic statistic = Statistic::Local;
  Horizon horizon = Horizon::Rounds;

  bool operator==(const RateSpec&) const = default;
};

}  // namespace signet
