#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/data/dataset.hpp"
#include "core/job/job.hpp"
#include "core/signs/sign_vector.hpp"

namespace signet {

/// A board's contribution to one round.
struct Contribution {
  RoundId round;
  double loss = 0;  ///< mean over the batch
  /// Equation (1)'s sum, see sign_statistics.hpp; of a vote on a change both are its mean absolute
  /// value.
  double local = 0, cross = 0;
  std::optional<double> curvature;  ///< see secant.hpp; none: not measured in this round
  std::size_t samples = 0;
  bool finite = true;  ///< false: loss or gradient is NaN or infinite; no signs
  std::string reason;  ///< of an abstention
  PackedSigns signs;
};

/// What turns parameters into votes: the board's Learner, or a stand-in of a test or benchmark.
/// Used by one thread at a time, not always the same.
class Trainer {
 public:
  virtual ~Trainer() = default;

  /// What the board tells about its data.
  virtual DataSummary summary() const = 0;
  /// x_0 of the job's model and seed: [dimension].
  virtual std::vector<float> initial_parameters() const = 0;
  virtual void set_normalisation(Normalisation normalisation) = 0;
  /// The vote of `round` at `parameters` ([dimension]). The reference is valid until the next call.
  virtual const Contribution& learn(RoundId round, std::span<const float> parameters) = 0;
};

/// Makes the trainer of a job, for the board that has this name in the fleet; may take long (it
/// reads the data), so it runs in the background. An error ends the agent with exit code Data.
using TrainerFactory =
    std::function<Result<std::unique_ptr<Trainer>>(const Job& job, const std::string& name)>;

}  // namespace signet
