#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "agent/trainer/workspace.hpp"
#include "core/base/ids.hpp"
#include "core/data/dataset.hpp"
#include "core/data/sampler.hpp"

namespace signet {

/// Steps of SGD that a board takes by itself between two votes.
struct LocalSteps {
  std::size_t steps;
  double rate;
};

/// Longest gradient of a local step: longer ones are cut to this length. One rate then serves
/// models of all kinds: without it a rate of 0.1 makes the paper's network diverge on unequal data.
inline constexpr double kLocalGradientMax = 10;

/// Walks from `parameters` ([dimension]) by x -= rate g, g the gradient of one batch after the
/// other, and leaves parameters - x in space.change. Batch h of a round is number round * steps + h
/// of the sampler. `noise_seed` drives dropout.
/// Returns the loss of the first batch, at `parameters`. Not finite: so was a loss or gradient.
double walk(const LocalSteps& local, RoundId round, std::span<const float> parameters,
            const Dataset& data, const Normalisation& normalisation, std::uint64_t noise_seed,
            Sampler& sampler, Workspace& space);

}  // namespace signet
