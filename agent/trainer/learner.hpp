#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/trainer/secant.hpp"
#include "agent/trainer/trainer.hpp"
#include "agent/trainer/workspace.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/data/dataset.hpp"
#include "core/data/sampler.hpp"
#include "core/job/job.hpp"
#include "core/signs/noisy_signs.hpp"

namespace signet {

/// The local step of Algorithm 1, line 3: batch -> gradient -> momentum -> signs; or, where the
/// job has local steps, batches -> change of the parameters -> signs. Owns the board's data and
/// momentum; parameters are passed in. Single-threaded.
///
/// Memory: d floats each of momentum and error feedback + d / 8 bytes + the data, which may be
/// shared; 2 d floats more in one round of eight where the job's smoothness is measured; and a
/// Workspace of its own from the first learn() on that is not lent one.
class Learner final : public Trainer {
 public:
  /// Fails with Mismatch when model and data do not fit, or the data are empty.
  static Result<Learner> create(const Job& job, const std::string& agent_name, Dataset data);
  static Result<Learner> create(const Job& job, const std::string& agent_name,
                                std::shared_ptr<const Dataset> data);

  /// Seed of the sampler that draws an agent's batches: with the job and the agent's name all that
  /// it takes to draw them again.
  static std::uint64_t sampling_seed(const Job& job);

  std::size_t dimension() const { return dimension_; }
  /// What the board tells about its data: see Dataset::summarise.
  DataSummary summary() const override;
  void set_normalisation(Normalisation normalisation) override {
    normalisation_ = std::move(normalisation);
  }
  std::vector<float> initial_parameters() const override;

  /// Gradient of the round's samples at `parameters`, or the change that local steps lead to, as
  /// signs. Momentum and error feedback advance only when it is finite. A pure function of job,
  /// data, name, round, parameters, and the momentum and error so far. The reference is valid until
  /// the next call. The curvature needs the round before as well.
  const Contribution& learn(RoundId round, std::span<const float> parameters) override;
  /// The same with a workspace of the job's model, lent for this call: what was in it does not
  /// matter, and nothing of it is kept.
  const Contribution& learn(RoundId round, std::span<const float> parameters, Workspace& lent);

 private:
  Learner(Job job, const std::string& agent_name, std::shared_ptr<const Dataset> data,
          std::size_t dimension);

  /// What is voted on: the mean gradient, or the change by local steps; empty when not finite.
  std::span<float> gradient_of(RoundId round, std::span<const float> parameters, Workspace& space);
  std::span<float> change_of(RoundId round, std::span<const float> parameters, Workspace& space);
  std::optional<double> curvature_at(RoundId round, std::span<const float> parameters,
                                     Workspace& space);
  std::uint64_t dropout_seed(RoundId round, std::size_t part) const;
  void pack_vote(std::span<float> vector, std::uint64_t coin, Workspace& space);
  std::uint64_t seed_of(RoundId round) const;

  Job job_;
  VotePlan plan_;
  std::uint64_t name_hash_;
  std::shared_ptr<const Dataset> data_;
  std::size_t dimension_;
  Normalisation normalisation_;
  Sampler sampler_;
  std::vector<float> momentum_;   // empty: none
  std::optional<Secant> secant_;  // none: the job does not ask for it
  NoisySigns signs_;
  std::unique_ptr<Workspace> own_;  // none before it is needed
  Contribution contribution_;
};

}  // namespace signet
