#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "agent/trainer/trainer.hpp"
#include "core/base/digest.hpp"
#include "core/base/random.hpp"

namespace signet::test {

/// Votes without a gradient: coins that depend on agent, round and the very bits of the parameters,
/// so that a replica that is wrong votes differently. Now and then it has nothing to say.
class StubTrainer final : public Trainer {
 public:
  StubTrainer(const Job& job, std::size_t dimension, std::size_t agent)
      : dimension_(dimension),
        seed_(mix(job.seed, agent)),
        abstains_(job.training.zero == ZeroRule::Abstain) {}

  DataSummary summary() const override { return {100, {1.0}, {2.0}}; }
  std::vector<float> initial_parameters() const override { return std::vector<float>(dimension_); }
  void set_normalisation(Normalisation /*normalisation*/) override {}

  const Contribution& learn(RoundId round, std::span<const float> parameters) override {
    Rng rng(mix(seed_, mix(round.value, digest(parameters))));
    contribution_ = {};
    contribution_.round = round;
    contribution_.samples = 16;
    contribution_.finite = rng.below(20) != 0;
    contribution_.reason = contribution_.finite ? "" : "loss is not finite";
    contribution_.loss = double{rng.uniform()};
    contribution_.local = double{rng.uniform()};
    contribution_.cross = double{rng.uniform()} / 2;
    if (!contribution_.finite) return contribution_;
    if (round.value % 8 == 1) contribution_.curvature = contribution_.loss - 0.25;
    contribution_.signs.signs = coins(rng);
    if (abstains_ && rng.below(3) == 0) contribution_.signs.abstained = coins(rng);
    return contribution_;
  }

 private:
  SignVector coins(Rng& rng) const {
    SignVector signs(dimension_);
    for (Word& word : signs.words()) word = rng.next();
    signs.mask_padding();
    return signs;
  }

  std::size_t dimension_;
  std::uint64_t seed_;
  bool abstains_;
  Contribution contribution_;
};

}  // namespace signet::test
