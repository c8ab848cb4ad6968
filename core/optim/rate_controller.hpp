#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/optim/rate_spec.hpp"

namespace signet {

/// What the votes of one round say about the step to take: means over the voters in which none
/// decides alone, and of the curvature the middle.
struct RoundStatistics {
  RoundId round;
  double local = 0, cross = 0;  ///< S of equation (1), two estimates; see sign_statistics.hpp
  double loss = 0;              ///< mean training loss
  double margin = 0;            ///< mean vote margin in [0, 1]
  std::size_t voters = 0;       ///< at least 1
  /// Curvature a coordinate along the step before (agent/trainer/secant.hpp), of the voters that
  /// measured it; none: nobody did.
  std::optional<double> curvature = {};
};

/// Chooses eta_k. Deterministic: the same statistics in the same order give the same rates, and a
/// restored controller goes on as if it had never stopped.
class RateController {
 public:
  /// `dimension`: d, the default smoothness L. `rounds`: K, how many rounds the job has.
  /// Paper is for votes on gradients alone (programmer's error).
  static std::unique_ptr<RateController> create(const RateSpec& spec, std::size_t dimension,
                                                std::uint64_t rounds, const RunFacts& facts = {});
  virtual ~RateController() = default;

  /// The rate of the round that `statistics` describes; finite and not negative. Called once per
  /// round that had voters, in order.
  virtual float rate(const RoundStatistics& statistics) = 0;

  /// Everything rate() remembers, and the way back. restore() fails with Corrupt on other bytes.
  virtual Bytes state() const = 0;
  virtual Status restore(ByteView state) = 0;
};

}  // namespace signet
