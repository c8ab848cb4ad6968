// Algorithm 1 of Yang, Zhang, Fang, Liu, "Adaptive Multi-Hierarchical signSGD for
// Communication-Efficient Distributed Optimization" (2020), line by line, with the parts that run
// in an agent and in a coordinator.
#include <vector>

#include "agent/trainer/learner.hpp"
#include "core/optim/rate_controller.hpp"
#include "core/optim/replica.hpp"
#include "core/vote/majority_tally.hpp"
#include "tests/paper/reference.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/small_fleet.hpp"

namespace signet {

namespace {

// The paper's own choices: no momentum, sign(0) = 0 at the workers and at the server.
Job plain_job() {
  Job job = test::small_job();
  job.training.momentum = 0;
  job.training.zero = ZeroRule::Abstain;
  job.tie = TieRule::Hold;
  job.normalise = Normalise::None;
  return job;
}

struct Worker {
  Learner learner;
  Dataset data;
  Network network;
  Sampler sampler;
};

std::vector<Worker> workers_of(const Job& job) {
  std::vector<Worker> workers;
  auto shards = test::small_shards(job);
  for (std::size_t j = 0; j < shards.size(); ++j) {
    const std::string name = "agent-" + std::to_string(j);
    auto learner = Learner::create(job, name, shards[j]);
    auto network = Network::create(job.model);
    REQUIRE(learner);
    REQUIRE(network);
    workers.push_back({std::move(*learner), shards[j], std::move(*network),
                       Sampler(Learner::sampling_seed(job), hash_text(name), shards[j].size(),
                               job.training.batch)});
  }
  return workers;
}

// The stochastic gradient of a worker, computed apart from its learner: mean over the whole batch.
std::vector<float> gradient_of(Worker& worker, const Job& job, RoundId round,
                               std::span<const float> x) {
  Batch batch;
  worker.data.gather(worker.sampler.draw(round), {}, batch);
  std::vector<float> mean(x.size(), 0.0F), part(x.size());
  const std::size_t parts = job.training.micro_batches, size = batch.size / parts;
  for (std::size_t a = 0; a < parts; ++a) {
    worker.network.loss_and_gradient(x, batch.view().slice(a * size, size), 0, part);
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += part[i];
  }
  for (float& g : mean) g *= 1.0F / static_cast<float>(parts);
  return mean;
}

}  // namespace

TEST_CASE("Algorithm 1 line 1: learning rate, workers, x_0 and K are the job's",
          "[paper][paper:alg1]") {
  const Job job = plain_job();
  auto workers = workers_of(job);
  CHECK(workers.size() == job.round.agents);
  const auto x0 = workers[0].learner.initial_parameters();
  for (const auto& worker : workers) CHECK(worker.learner.initial_parameters() == x0);
}

TEST_CASE("Algorithm 1 line 3: every worker returns the sign of its stochastic gradient",
          "[paper][paper:alg1]") {
  const Job job = plain_job();
  auto workers = workers_of(job);
  auto x = workers[0].learner.initial_parameters();
  x[3] = 0.5F;
  for (std::uint64_t k = 0; k < 5; ++k)
    for (auto& worker : workers) {
      const auto g = gradient_of(worker, job, RoundId{k}, x);
      const auto& returned = worker.learner.learn(RoundId{k}, x);
      for (std::size_t i = 0; i < g.size(); ++i) {
        const bool silent =
            !returned.signs.abstained.empty() && returned.signs.abstained.positive(i);
        CHECK(paper::sign(double{g[i]}) ==
              (silent ? 0 : (returned.signs.signs.positive(i) ? 1 : -1)));
      }
    }
}

TEST_CASE("Algorithm 1 line 4: the server takes the sign of the sum and everyone steps by eta",
          "[paper][paper:alg1]") {
  const Job job = plain_job();
  auto workers = workers_of(job);
  std::vector<float> x = workers[0].learner.initial_parameters();
  Replica replica(x, RoundId{0});
  RateSpec inverse_sqrt;
  inverse_sqrt.controller = ControllerKind::InverseSqrt;  // Theorem 1's eta_k = 1 / sqrt(K)
  inverse_sqrt.value = 0.1;
  auto rate = RateController::create(inverse_sqrt, x.size(), job.stop.rounds);

  for (std::uint64_t k = 0; k < job.stop.rounds; ++k) {  // line 2
    std::vector<std::vector<float>> gradients;
    MajorityTally tally(x.size(), workers.size());
    RoundStatistics statistics{RoundId{k}, 0, 0, 0, 0, workers.size()};
    for (auto& worker : workers) {
      gradients.push_back(gradient_of(worker, job, RoundId{k}, x));
      const auto& vote = worker.learner.learn(RoundId{k}, replica.parameters());
      tally.add(vote.signs.signs, vote.signs.abstained);
      statistics.local += vote.local / static_cast<double>(workers.size());
    }
    const float eta = rate->rate(statistics);
    paper::reference_step(x, eta, gradients);

    Majority majority = tally.majority();
    const SignVector ties = break_ties(majority, job.tie, 0, {});
    replica.apply(eta, majority.signs, ties);
    // Bit for bit, after every round.
    REQUIRE(std::vector<float>(replica.parameters().begin(), replica.parameters().end()) == x);
  }
}

}  // namespace signet
