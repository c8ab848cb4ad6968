#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/data/dataset.hpp"
#include "core/data/sampler.hpp"
#include "core/job/job.hpp"
#include "core/model/network.hpp"
#include "fleet/baselines/ordered_vectors.hpp"
#include "fleet/pool.hpp"

namespace signet {

/// The agents of a baseline, without a protocol between them: their data, the order in which they
/// draw them (that of Learner), and their gradients in full precision, computed side by side.
class Cohort {
 public:
  /// `batches`: samples a batch of each agent; empty: training.batch for all. Fails with Mismatch
  /// as Learner::create does, naming the agent, or when `batches` does not fit `shards`.
  static Result<Cohort> create(const Job& job, std::vector<Dataset> shards,
                               std::vector<std::size_t> batches, std::size_t threads);

  std::size_t size() const { return agents_.size(); }
  std::size_t dimension() const { return workspaces_[0].network.dimension(); }
  std::size_t threads() const { return workspaces_.size(); }
  /// Samples of one batch of every agent.
  std::size_t batch_samples() const;
  /// The agent's share of all samples; they add up to 1.
  float weight(std::size_t agent) const { return agents_[agent].weight; }
  const Normalisation& normalisation() const { return normalisation_; }
  std::vector<float> initial_parameters() const;

  /// Mean loss and gradient ([dimension()]) at `parameters` of the agent's batch number `step`.
  /// One call for each agent and for each worker at a time.
  double gradient(std::size_t agent, RoundId step, std::span<const float> parameters,
                  std::size_t worker, std::span<float> into);

  /// The agent's samples of batch `step`; valid until its next draw.
  const std::vector<std::size_t>& draw(std::size_t agent, RoundId step);
  /// Loss and gradient of one sample alone. `step` and `place`, its number in the batch, choose
  /// what dropout drops.
  double sample_gradient(std::size_t agent, RoundId step, std::size_t place, std::size_t sample,
                         std::span<const float> parameters, std::size_t worker,
                         std::span<float> into);

  /// Fills `item`'s vector and returns its loss.
  using Make = std::function<double(std::size_t agent, std::size_t worker, std::span<float> into)>;
  /// Makes a vector of each agent, overwrites `mean` ([dimension()]) with their weighted mean and
  /// returns the plain mean of the losses, as the coordinator takes it over the votes.
  double mean(const Make& make, std::span<float> mean);

  /// See OrderedVectors.
  OrderedVectors& vectors() { return *vectors_; }

 private:
  struct Agent {
    std::shared_ptr<const Dataset> data;
    std::uint64_t stream;  // of random bits
    Sampler sampler;
    std::size_t batch;
    float weight;
  };
  struct Workspace {
    Network network;
    Batch batch;
  };

  Cohort() = default;
  double loss_and_gradient(const Agent& agent, std::span<const std::size_t> samples,
                           std::span<const float> parameters, std::uint64_t noise,
                           std::size_t worker, std::span<float> into);

  std::uint64_t seed_ = 0;
  std::vector<Agent> agents_;
  std::vector<Workspace> workspaces_;  // one for each thread
  Normalisation normalisation_;
  std::unique_ptr<Pool> pool_;
  std::unique_ptr<OrderedVectors> vectors_;
  std::vector<double> losses_;
};

}  // namespace signet
