#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "agent/trainer/trainer.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/data/dataset.hpp"
#include "core/data/sampler.hpp"
#include "core/job/job.hpp"
#include "core/model/network.hpp"
#include "core/optim/sign_statistics.hpp"

namespace signet {

/// The local step of Algorithm 1, line 3: batch -> gradient -> momentum -> signs. Owns the board's
/// data and momentum; parameters are passed in. Single-threaded.
///
/// Memory: 3 d floats (gradient, mean, momentum) + d bytes + the data + the network's scratch.
class Learner final : public Trainer {
 public:
  /// Fails with Mismatch when model and data do not fit, or the data are empty.
  static Result<Learner> create(const Job& job, const std::string& agent_name, Dataset data);

  /// Seed of the sampler that draws an agent's batches: with the job and the agent's name all that
  /// it takes to draw them again.
  static std::uint64_t sampling_seed(const Job& job);

  std::size_t dimension() const { return network_.dimension(); }
  /// What the board tells about its data: see Dataset::summarise.
  DataSummary summary() const override;
  void set_normalisation(Normalisation normalisation) override {
    normalisation_ = std::move(normalisation);
  }
  std::vector<float> initial_parameters() const override {
    return network_.initial_parameters(job_.seed);
  }

  /// Gradient of the round's samples at `parameters` as signs. Momentum advances only when the
  /// gradient is finite. A pure function of job, data, name, round, parameters and the momentum so
  /// far. The reference is valid until the next call.
  const Contribution& learn(RoundId round, std::span<const float> parameters) override;

 private:
  Learner(Job job, const std::string& agent_name, Dataset data, Network network);

  Job job_;
  std::uint64_t name_hash_;
  Dataset data_;
  Network network_;
  Normalisation normalisation_;
  Sampler sampler_;
  SignStatistics statistics_;
  Batch batch_;
  std::vector<float> gradient_, momentum_;
  Contribution contribution_;
};

}  // namespace signet
