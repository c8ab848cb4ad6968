#pragma once

#include <memory>
#include <span>

#include "core/base/ids.hpp"
#include "core/job/job.hpp"
#include "fleet/baselines/baseline.hpp"
#include "fleet/baselines/cohort.hpp"

namespace signet {

struct BaselineRound {
  double loss = 0;    ///< at the parameters before the step
  double rate = 0;    ///< that was used
  double margin = 0;  ///< see TraceRow
};

/// A method under way: what it remembers from round to round.
class BaselineMethod {
 public:
  virtual ~BaselineMethod() = default;
  /// Takes one step: x ([dimension]) is x_k before and x_{k+1} after it.
  virtual BaselineRound run(RoundId round, double rate, std::span<float> x) = 0;
};

// `cohort` must outlive the method.

/// Sgd, Adam and SignSgd.
std::unique_ptr<BaselineMethod> make_mean_gradient(const BaselineSpec& spec, Cohort& cohort);
/// FedAvg, FedProx and Scaffold.
std::unique_ptr<BaselineMethod> make_local_steps(const BaselineSpec& spec, Cohort& cohort);
/// Centralised; looks at the rates, ties and zeros of `job`.
std::unique_ptr<BaselineMethod> make_centralised(const Job& job, Cohort& cohort);

std::unique_ptr<BaselineMethod> make_method(const BaselineSpec& spec, const Job& job,
                                            Cohort& cohort);

}  // namespace signet
