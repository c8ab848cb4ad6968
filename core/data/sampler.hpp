#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/ids.hpp"

namespace signet {

/// Chooses the samples of a round: shuffled passes over the data without replacement. A pure
/// function of (seed, agent name, round), so that a rerun, or an agent that comes back, draws the
/// same samples; the shuffle of the current pass is only a cache.
class Sampler {
 public:
  /// `samples` > 0; a `batch` larger than `samples` wraps into the next pass.
  Sampler(std::uint64_t seed, std::uint64_t agent_hash, std::size_t samples, std::size_t batch);

  /// Indices of the samples of `round`, [batch]. The view is valid until the next call.
  const std::vector<std::size_t>& draw(RoundId round);

 private:
  std::uint64_t stream_;
  std::size_t samples_, batch_;
  std::uint64_t pass_ = ~std::uint64_t{0};
  std::vector<std::uint32_t> order_;
  std::vector<std::size_t> drawn_;
};

}  // namespace signet
