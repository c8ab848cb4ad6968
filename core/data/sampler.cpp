#include "core/data/sampler.hpp"

#include <numeric>
#include <utility>

#include "core/base/check.hpp"
#include "core/base/random.hpp"

namespace signet {
namespace {

/// Order of the samples in one pass (Fisher and Yates, in the form of Durstenfeld, 1964).
void shuffle_pass(std::uint64_t seed, std::vector<std::uint32_t>& order) {
  std::iota(order.begin(), order.end(), std::uint32_t{0});
  Rng rng(seed);
  for (std::size_t left = order.size(); left > 1; --left)
    std::swap(order[left - 1], order[static_cast<std::size_t>(rng.below(left))]);
}

}  // namespace

Sampler::Sampler(std::uint64_t seed, std::uint64_t agent_hash, std::size_t samples,
                 std::size_t batch)
    : stream_(mix(seed, agent_hash)), samples_(samples), batch_(batch) {
  SIGNET_CHECK(samples > 0, "a sampler needs samples to draw from");
  SIGNET_CHECK(std::in_range<std::uint32_t>(samples), "order_ holds 32-bit indices");
  drawn_.resize(batch);
}

const std::vector<std::size_t>& Sampler::draw(RoundId round) {
  // The product wraps after 2^64 samples; the draw stays a function of the round all the same.
  const std::uint64_t first = round.value * batch_;
  std::uint64_t pass = first / samples_;
  auto position = static_cast<std::size_t>(first % samples_);
  for (std::size_t& index : drawn_) {
    if (position == samples_) {
      position = 0;
      ++pass;
    }
    // An empty order, not only a pass number, says that nothing was shuffled yet: every pass
    // number can occur.
    if (order_.empty() || pass != pass_) {
      order_.resize(samples_);
      shuffle_pass(mix(stream_, pass), order_);
      pass_ = pass;
    }
    index = order_[position++];
  }
  return drawn_;
}

}  // namespace signet
