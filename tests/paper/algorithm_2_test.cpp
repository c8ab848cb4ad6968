// Algorithm 2: one process, and the samples of a batch are the voters.
#include <vector>

#include "core/base/random.hpp"
#include "core/model/network.hpp"
#include "core/optim/replica.hpp"
#include "core/vote/majority_tally.hpp"
#include "tests/paper/reference.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/small_fleet.hpp"

namespace signet {

TEST_CASE("Algorithm 2: voting over the samples of a batch is Algorithm 1 with M = m",
          "[paper][paper:alg2]") {
  const Job job = test::small_job();
  auto network = Network::create(job.model);
  REQUIRE(network);
  const Dataset data = test::make_blobs(400, test::kSmallFeatures, test::kSmallClasses, 1);
  std::vector<float> x = network->initial_parameters(job.seed);
  Replica replica(x, RoundId{0});
  Rng rng(2);
  const std::size_t m = 31;  // line 1: the batch size
  Batch sample;
  for (std::uint64_t k = 0; k < 40; ++k) {  // line 2
    std::vector<std::vector<float>> gradients;
    MajorityTally tally(x.size(), m);
    std::vector<PackedSigns> packed(m);    // the tally keeps their addresses
    for (std::size_t j = 0; j < m; ++j) {  // line 3: one sample, one gradient
      const std::size_t index = rng.below(data.size());
      data.gather(std::span(&index, 1), {}, sample);
      gradients.emplace_back(x.size());
      network->loss_and_gradient(replica.parameters(), sample.view(), 0, gradients.back());
      pack(gradients.back(), ZeroRule::Abstain, 0, packed[j]);
      tally.add(packed[j].signs, packed[j].abstained);
    }
    Majority majority = tally.majority();  // line 4
    const SignVector ties = break_ties(majority, TieRule::Hold, 0, {});
    replica.apply(0.01F, majority.signs, ties);  // line 5
    paper::reference_step(x, 0.01F, gradients);
    REQUIRE(std::vector<float>(replica.parameters().begin(), replica.parameters().end()) == x);
  }
}

}  // namespace signet
