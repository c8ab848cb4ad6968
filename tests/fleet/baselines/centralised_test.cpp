// Algorithm 2 of the paper.
#include "core/optim/replica.hpp"
#include "fleet/baselines/baseline.hpp"
#include "fleet/fleet.hpp"
#include "tests/fleet/baselines/slow_agents.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace {

using test::hidden_job;
using test::QuickMethod;
using test::SlowAgents;
using test::Vector;

/// y = w x + b of one feature, and the mean squared error.
Job line_job() {
  Job job = test::small_job();
  job.normalise = Normalise::None;
  job.model.input = {1};
  job.model.layers.front().units = 1;
  job.model.outputs = 1;
  job.model.loss = LossKind::MeanSquaredError;
  job.rate.controller = ControllerKind::Fixed;
  job.rate.value = 0.25;
  return job;
}

/// The step of the first round for samples of x = 1 or -1 and targets far away, which alone decide
/// the signs.
std::vector<float> first_step(const Job& job, std::vector<float> features,
                              std::vector<float> targets) {
  const std::size_t batch = targets.size();
  std::vector<Dataset> shards;
  shards.emplace_back(std::vector<std::size_t>{1}, std::move(features), std::vector<std::int32_t>{},
                      std::move(targets));
  auto cohort = Cohort::create(job, std::move(shards), {batch}, 1);
  REQUIRE(cohort);
  const auto method = make_centralised(job, *cohort);
  std::vector<float> x = cohort->initial_parameters();
  const std::vector<float> before = x;
  method->run(RoundId{0}, 0, x);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] -= before[i];
  return x;
}

}  // namespace

TEST_CASE("Algorithm 2 steps against the majority of its samples' signs",
          "[fleet][baselines][paper]") {
  // Gradient of one sample: 2 (w x + b - t) (x, 1). A target of 100 votes (-x, -1).
  const Job job = line_job();
  CHECK(first_step(job, {1, 1, 1}, {100, 100, -100}) == std::vector<float>{0.25F, 0.25F});
  CHECK(first_step(job, {1, 1, 1}, {100, -100, -100}) == std::vector<float>{-0.25F, -0.25F});
  CHECK(first_step(job, {1, -1, -1}, {100, 100, -100}) == std::vector<float>{0.25F, 0.25F});
  CHECK(first_step(job, {1, -1, -1}, {100, 100, 100}) == std::vector<float>{-0.25F, 0.25F});
  // The mean gradient would have gone the other way.
  CHECK(first_step(job, {1, 1, 1}, {1000, -10, -10}) == std::vector<float>{-0.25F, -0.25F});
}

TEST_CASE("a tie of Algorithm 2 follows the rule of the job", "[fleet][baselines][paper]") {
  Job job = line_job();
  job.tie = TieRule::Hold;
  CHECK(first_step(job, {1, 1}, {100, -100}) == std::vector<float>{0, 0});
  CHECK(first_step(job, {1, -1}, {100, 100}) == std::vector<float>{0, 0.25F});
  job.tie = TieRule::Random;
  for (const float step : first_step(job, {1, 1}, {100, -100})) CHECK(std::abs(step) == 0.25F);
}

TEST_CASE("a tie of Algorithm 2 may go on as the round before", "[fleet][baselines][paper]") {
  Job job = line_job();
  job.tie = TieRule::Previous;
  const auto start = Network::create(job.model)->initial_parameters(job.seed);
  // Both want to go up, until the first step has passed one of them: from then on they disagree.
  const float y = start[0] + start[1];
  std::vector<Dataset> shards;
  shards.emplace_back(std::vector<std::size_t>{1}, std::vector<float>{1, 1},
                      std::vector<std::int32_t>{}, std::vector<float>{100, y + 0.25F});
  auto cohort = Cohort::create(job, std::move(shards), {2}, 1);
  REQUIRE(cohort);
  const auto method = make_centralised(job, *cohort);
  std::vector<float> x = start;
  for (std::uint64_t k = 0; k < 10; ++k)
    CHECK(method->run(RoundId{k}, 0, x).margin == (k == 0 ? 1 : 0));
  for (std::size_t i = 0; i < 2; ++i) CHECK(x[i] == Approx(start[i] + 2.5F));
}

TEST_CASE("the rate of Algorithm 2 is equation (1) over its samples", "[fleet][baselines][paper]") {
  for (const Statistic statistic : {Statistic::Local, Statistic::Cross}) {
    Job job = hidden_job();
    job.rate.controller = ControllerKind::Paper;
    job.rate.statistic = statistic;
    job.rate.smoothness = 50.0;
    QuickMethod quick(job, usual_spec(Method::Centralised));
    SlowAgents agents(job, test::unequal_shards(), test::unequal_batches());
    for (std::uint64_t k = 0; k < 4; ++k) {
      const Vector x = SlowAgents::to_doubles(quick.x());
      std::vector<Vector> gradients;
      double loss = 0;
      for (std::size_t j = 0; j < agents.size(); ++j)
        for (const std::size_t sample : agents.draw(j, k)) {
          gradients.push_back(agents.gradient_of(j, {sample}, x));
          loss += agents.loss();
        }
      const auto m = static_cast<double>(gradients.size());
      REQUIRE(m == 31);
      double sum = 0;  // of |gbar_i| (1 - 2 phat_i), or of what its unbiased twin says
      std::vector<double> step(x.size());
      for (std::size_t i = 0; i < x.size(); ++i) {
        double total = 0, signs = 0, unlike = 0;
        for (const Vector& g : gradients) {
          total += g[i];
          signs += g[i] > 0 ? 1 : -1;
        }
        for (const Vector& g : gradients) {
          if (statistic == Statistic::Local) unlike += g[i] * total < 0 ? 1 : 0;
          if (statistic == Statistic::Cross)
            sum += (total - g[i]) / (m - 1) * (g[i] > 0 ? 1 : -1) / m;
        }
        if (statistic == Statistic::Local) sum += std::abs(total / m) * (1 - 2 * unlike / m);
        step[i] = signs > 0 ? 1 : -1;  // 31 voters have no tie
      }
      const BaselineRound done = quick.run(k);
      CHECK(done.rate == Approx(sum / 50).epsilon(1e-4));
      CHECK(done.loss == Approx(loss / m).epsilon(1e-5));
      CHECK((done.margin > 0.1 && done.margin < 1));
      for (std::size_t i = 0; i < x.size(); ++i)
        CHECK(double{quick.x()[i]} == Approx(x[i] - done.rate * step[i]).margin(1e-6));
    }
  }
}

TEST_CASE("the default rate of Algorithm 2 hears the starting point beside equation (1)",
          "[fleet][baselines]") {
  Job job = hidden_job();
  job.rate.smoothness = 50.0;
  job.rate.controller = ControllerKind::Paper;
  QuickMethod paper(job, usual_spec(Method::Centralised));
  RoundStatistics same;
  same.local = same.cross = paper.run(0).rate * 50;
  same.voters = 31;
  job.rate.controller = ControllerKind::Guarded;
  QuickMethod guarded(job, usual_spec(Method::Centralised));
  const auto rate_with = [&](double rms) {
    return RateController::create(job.rate, guarded.x().size(), job.stop.rounds, {rms, false})
        ->rate(same);
  };
  const double both = double{rate_with(root_mean_square(guarded.x()))};
  CHECK(both != Approx(double{rate_with(0)}).epsilon(0.05));
  CHECK(guarded.run(0).rate == Approx(both).epsilon(1e-4));
}

namespace {

// Two ways to one arithmetic: through sessions, messages and the coordinator, and without.
FleetResult vote(const Job& job, const std::vector<Dataset>& shards) {
  auto fleet = Fleet::create(job, shards, std::nullopt, {}, 1);
  REQUIRE(fleet);
  FleetResult result = (*fleet)->run(std::chrono::hours(1));
  CHECK(result.violations.empty());
  CHECK(result.rounds == job.stop.rounds);
  return result;
}

/// Votes of gradients without momentum, at a fixed rate.
Job plain_job(std::size_t agents) {
  Job job = hidden_job();
  job.stop.rounds = 20;
  job.round.agents = agents;
  job.training.micro_batches = 2;
  job.training.momentum = 0;
  job.rate.controller = ControllerKind::Fixed;
  job.rate.value = 0.01;
  return job;
}

}  // namespace

TEST_CASE("Algorithm 2 is Algorithm 1 with agents of one sample each, bit for bit",
          "[fleet][baselines][paper]") {
  // An odd number: no ties; and agent-10 stands before agent-2 in the order of names.
  Job job = plain_job(11);
  job.training.batch = 2;  // twice the same sample
  const Dataset all = test::make_blobs(11, test::kSmallFeatures, test::kSmallClasses, 7);
  std::vector<Dataset> shards;
  for (std::size_t i = 0; i < 11; ++i) shards.push_back(all.shard(i, 11));
  const FleetResult voted = vote(job, shards);
  BaselineSpec spec = usual_spec(Method::Centralised);
  spec.batches.assign(11, 1);
  const auto trace = train_baseline(job, shards, std::nullopt, spec, 2, {});
  REQUIRE(trace);
  CHECK(trace->digest == voted.digest);
  REQUIRE(trace->rows.size() == voted.reports.size());
  for (std::size_t k = 0; k < trace->rows.size(); ++k) {
    CHECK(trace->rows[k].margin == Approx(voted.reports[k].margin));
    CHECK(trace->rows[k].train_loss == Approx(voted.reports[k].train_loss).epsilon(1e-5));
  }
}

TEST_CASE("the vote of a single agent is signSGD, bit for bit", "[fleet][baselines]") {
  const Job job = plain_job(1);
  const auto shards = test::small_shards(job);
  BaselineSpec spec = usual_spec(Method::SignSgd);
  spec.rate = 0.01;
  const auto trace = train_baseline(job, shards, std::nullopt, spec, 1, {});
  REQUIRE(trace);
  CHECK(trace->digest == vote(job, shards).digest);
}

}  // namespace signet
