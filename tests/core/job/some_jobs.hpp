#pragma once

#include <string>

namespace signet::test {

/// Four lines: what a job must say and nothing else.
inline std::string smallest_job() {
  return "name = \"x\"\n"
         "data.classes = 2\n"
         "model.input = [4]\n"
         "model.layers = [{ type = \"dense\", units = 2 }]\n";
}

/// A valid job in which no key that may be set beside the others has its default.
inline std::string unusual_job() {
  return R"(name = "unusual"
seed = 9223372036854775807
[data]
format = "csv"
classes = 3
label = "species"
ignore = ["time", "a \"b\" \\ c"]
normalise = "feature"
distribution = "unequal"
[model]
input = [2, 12, 10]
layers = [
  { type = "conv2d", channels = 4, kernel = 3, stride = 2, padding = 1 },
  { type = "tanh" },
  { type = "max_pool", kernel = 2, stride = 1 },
  { type = "average_pool", kernel = 2 },
  { type = "sigmoid" },
  { type = "flatten" },
  { type = "dropout", rate = 0.30000000000000004 },
  { type = "dense", units = 3 },
]
[training]
batch = 100
micro_batches = 5
momentum = 0.1
zero = "abstain"
local_steps = 3
local_rate = 0.30000000000000004
noise = 1.5
error_feedback = 0.25
[vote]
tie = "previous"
[rate]
controller = "inverse_sqrt"
value = 0.30000000000000004
smoothness = 1234.5
statistic = "cross"
horizon = "open"
[round]
agents = 9
quorum = 5
deadline_min_s = 0.25
deadline_max_s = 90
heartbeat_s = 0.5
silence_s = 7.500001
rejoin_s = 0
[stop]
rounds = 77
target_accuracy = 0.875
patience = 6
wall_time_s = 3600
[state]
snapshot_every = 3
durability = "snapshot"
[evaluate]
every = 11
)";
}

}  // namespace signet::test
