#include "fleet/baselines/cohort.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "agent/trainer/learner.hpp"
#include "core/base/check.hpp"
#include "core/base/random.hpp"

namespace signet {

namespace {

constexpr std::uint64_t kBaselineDropout = 0x64726f70;  // a stream of its own

std::string name_of(std::size_t agent) {
  return "agent-" + std::to_string(agent);
}

/// The mean over what the agents would tell of their data. Learner checks that these fit the model.
Result<Normalisation> pooled_normalisation(
    const Job& job, const std::vector<std::shared_ptr<const Dataset>>& shards) {
  std::map<std::string, DataSummary> summaries;  // pooled in the order of names, as by RoundMachine
  for (std::size_t i = 0; i < shards.size(); ++i) {
    const auto learner = Learner::create(job, name_of(i), shards[i]);
    if (!learner) return Error{learner.error().kind, name_of(i) + ": " + learner.error().message};
    summaries.emplace(name_of(i), learner->summary());
  }
  std::vector<DataSummary> parts;
  parts.reserve(summaries.size());
  for (auto& [name, summary] : summaries) parts.push_back(std::move(summary));
  const auto pooled = pool(parts);
  if (!pooled) return pooled.error();
  return normalisation_from(*pooled);
}

}  // namespace

Result<Cohort> Cohort::create(const Job& job, std::vector<Dataset> shards,
                              std::vector<std::size_t> batches, std::size_t threads) {
  SIGNET_CHECK(!shards.empty(), "a cohort has agents");
  if (batches.empty()) batches.assign(shards.size(), job.training.batch);
  if (batches.size() != shards.size())
    return Error{ErrorKind::Mismatch, std::to_string(batches.size()) + " batch sizes for " +
                                          std::to_string(shards.size()) + " agents"};
  std::vector<std::shared_ptr<const Dataset>> shared;
  double all = 0;
  for (Dataset& shard : shards) {
    all += static_cast<double>(shard.size());
    shared.push_back(std::make_shared<const Dataset>(std::move(shard)));
  }
  auto normalisation = pooled_normalisation(job, shared);
  if (!normalisation) return normalisation.error();

  Cohort cohort;
  cohort.seed_ = job.seed;
  cohort.normalisation_ = std::move(*normalisation);
  for (std::size_t worker = 0; worker < threads; ++worker) {
    auto network = Network::create(job.model);
    if (!network) return network.error();
    cohort.workspaces_.push_back({std::move(*network), {}});
  }
  for (std::size_t i = 0; i < shared.size(); ++i) {
    const std::uint64_t name = hash_text(name_of(i));
    const std::size_t samples = shared[i]->size();
    cohort.agents_.push_back({std::move(shared[i]), mix(mix(job.seed, name), kBaselineDropout),
                              Sampler(Learner::sampling_seed(job), name, samples, batches[i]),
                              batches[i], static_cast<float>(static_cast<double>(samples) / all)});
  }
  cohort.pool_ = std::make_unique<Pool>(threads);
  cohort.vectors_ = std::make_unique<OrderedVectors>(*cohort.pool_, cohort.dimension());
  return cohort;
}

std::size_t Cohort::batch_samples() const {
  std::size_t samples = 0;
  for (const Agent& agent : agents_) samples += agent.batch;
  return samples;
}

std::vector<float> Cohort::initial_parameters() const {
  return workspaces_[0].network.initial_parameters(seed_);
}

double Cohort::loss_and_gradient(const Agent& agent, std::span<const std::size_t> samples,
                                 std::span<const float> parameters, std::uint64_t noise,
                                 std::size_t worker, std::span<float> into) {
  Workspace& space = workspaces_[worker];
  agent.data->gather(samples, normalisation_, space.batch);
  return space.network.loss_and_gradient(parameters, space.batch.view(), noise, into);
}

double Cohort::gradient(std::size_t agent, RoundId step, std::span<const float> parameters,
                        std::size_t worker, std::span<float> into) {
  Agent& drawing = agents_[agent];
  return loss_and_gradient(drawing, drawing.sampler.draw(step), parameters,
                           mix(drawing.stream, step.value), worker, into);
}

const std::vector<std::size_t>& Cohort::draw(std::size_t agent, RoundId step) {
  return agents_[agent].sampler.draw(step);
}

double Cohort::sample_gradient(std::size_t agent, RoundId step, std::size_t place,
                               std::size_t sample, std::span<const float> parameters,
                               std::size_t worker, std::span<float> into) {
  const Agent& owner = agents_[agent];
  return loss_and_gradient(owner, {&sample, 1}, parameters,
                           mix(mix(owner.stream, step.value), place), worker, into);
}

double Cohort::mean(const Make& make, std::span<float> mean) {
  losses_.assign(size(), 0);
  std::ranges::fill(mean, 0.0F);
  vectors_->run(
      size(),
      [&](std::size_t agent, std::size_t worker, std::span<float> vector) {
        losses_[agent] = make(agent, worker, vector);
      },
      [&](std::size_t agent, std::size_t first, std::span<const float> part) {
        const float weight = agents_[agent].weight;
        for (std::size_t i = 0; i < part.size(); ++i) mean[first + i] += weight * part[i];
      });
  double loss = 0;
  for (const double one : losses_) loss += one;
  return loss / static_cast<double>(size());
}

}  // namespace signet
