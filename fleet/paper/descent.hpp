#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/optim/rate_spec.hpp"
#include "fleet/paper/problem.hpp"

namespace signet::paper {

/// What a step follows; the three methods of figure 1.
enum class Direction {
  Mean,        ///< SGD: the mean of the samples' gradients
  SignOfMean,  ///< signSGD: its signs
  Vote,        ///< MH-signSGD, Algorithm 2: the majority of the samples' signs
};

struct Descent {
  Direction direction = Direction::Vote;
  /// Controllers that use equation (1) get its sum over all samples: sum_i |gbar_i| (1 - 2 phat_i),
  /// gbar: mean of the samples' gradients, phat_i: share of them with another sign (the paragraph
  /// after Theorem 4); and the loss at x_k.
  RateSpec rate;
  std::size_t samples = 1;       ///< stochastic gradients per iteration: the voters
  std::uint64_t iterations = 1;  ///< K
};

/// Called with k and x_k for k = 0 to K.
using Observer = std::function<void(std::uint64_t k, std::span<const float> x)>;

/// Runs `descent` from x_0 = `start`, [dimension]. sign(0) is 0 for voters and for the vote, as in
/// the paper. Deterministic by `seed` on one machine; directions that draw as many samples draw
/// the same ones.
void descend(const Problem& problem, const Noise& noise, const Descent& descent,
             std::vector<float> start, std::uint64_t seed, const Observer& observe);

}  // namespace signet::paper
