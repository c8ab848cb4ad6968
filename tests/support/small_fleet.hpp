#pragma once

#include <vector>

#include "core/data/dataset.hpp"
#include "core/job/job.hpp"
#include "tests/support/synthetic.hpp"

namespace signet::test {

inline constexpr std::size_t kSmallFeatures = 6, kSmallClasses = 3;

/// A job that trains in milliseconds: softmax regression on separated blobs, 4 agents, 60 rounds.
inline Job small_job(std::uint64_t seed = 1) {
  Job job;
  job.name = "small";
  job.seed = seed;
  job.data.format = DataFormat::Csv;
  job.data.label_column = "label";
  job.data.classes = kSmallClasses;
  job.data.input = {kSmallFeatures};
  job.normalise = Normalise::Feature;
  job.model.input = {kSmallFeatures};
  job.model.outputs = kSmallClasses;
  LayerSpec dense;
  dense.kind = LayerKind::Dense;
  dense.units = kSmallClasses;
  job.model.layers = {dense};
  job.training.batch = 16;
  job.training.micro_batches = 4;
  job.stop.rounds = 60;
  job.state.snapshot_every = 20;
  job.evaluate.every = 20;
  job.round.agents = 4;
  job.round.silence = std::chrono::seconds(5);
  return job;
}

/// small_job() in as few words as it takes: a hundredth of a second less to read than written out
/// whole, under a sanitizer.
inline constexpr const char* kSmallJobText = R"(name = "small"
data = { format = "csv", classes = 3, label = "label", normalise = "feature" }
model = { input = [6], layers = [{ type = "dense", units = 3 }] }
training = { batch = 16, micro_batches = 4 }
stop = { rounds = 60 }
state = { snapshot_every = 20 }
evaluate = { every = 20 }
round = { agents = 4, silence_s = 5 }
)";

/// One shard of blobs for each of the job's agents.
inline std::vector<Dataset> small_shards(const Job& job, std::uint64_t seed = 1) {
  const Dataset all = make_blobs(200 * job.round.agents, kSmallFeatures, kSmallClasses, seed);
  std::vector<Dataset> shards;
  for (std::size_t i = 0; i < job.round.agents; ++i)
    shards.push_back(all.shard(i, job.round.agents));
  return shards;
}

}  // namespace signet::test
