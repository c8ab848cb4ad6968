#include "agent/trainer/learner.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <utility>

#include "agent/trainer/local_steps.hpp"
#include "core/base/random.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/small_fleet.hpp"

namespace signet {

namespace {

constexpr std::size_t kLearnt = 48;  // samples; a whole pass is one batch in most tests here

Dataset learner_data(std::size_t samples = kLearnt) {
  return test::make_blobs(samples, test::kSmallFeatures, test::kSmallClasses, 3);
}

Job learner_job(double momentum = 0.9) {
  Job job = test::small_job();
  job.training.batch = kLearnt;
  job.training.micro_batches = 4;
  job.training.momentum = momentum;
  return job;
}

Learner make_learner(const Job& job, const std::string& name = "ada",
                     Dataset data = learner_data()) {
  auto learner = Learner::create(job, name, std::move(data));
  REQUIRE(learner);
  learner->set_normalisation(normalisation_from(learner_data().summarise(test::kSmallFeatures)));
  return std::move(*learner);
}

/// Gradient of samples `indices`, as the model computes it, in double.
std::vector<double> gradient_of(const Job& job, const std::vector<std::size_t>& indices,
                                std::span<const float> parameters, double* loss = nullptr) {
  const Dataset data = learner_data();
  auto network = Network::create(job.model);
  REQUIRE(network);
  Batch batch;
  data.gather(indices, normalisation_from(data.summarise(test::kSmallFeatures)), batch);
  std::vector<float> gradient(network->dimension());
  const double mean_loss = network->loss_and_gradient(parameters, batch.view(), 0, gradient);
  if (loss != nullptr) *loss = mean_loss;
  return {gradient.begin(), gradient.end()};
}

/// Somewhere else in every round.
std::vector<float> wander(const Learner& learner, std::uint64_t round) {
  std::vector<float> x = learner.initial_parameters();
  Rng rng(round);
  for (float& value : x) value += rng.uniform() - 0.5F;
  return x;
}

std::vector<std::size_t> all_samples() {
  std::vector<std::size_t> indices(kLearnt);
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  return indices;
}

SignVector copy_of_signs(const Contribution& c) {
  return c.signs.signs;
}

}  // namespace

TEST_CASE("a vote is the sign of the momentum-averaged gradient of the batch",
          "[agent][trainer][paper:1810.05291/alg1]") {
  for (const double beta : {0.0, 0.5, 0.9}) {
    INFO("momentum " << beta);
    const Job job = learner_job(beta);
    Learner learner = make_learner(job);
    std::vector<double> momentum(learner.dimension());
    std::size_t against_the_gradient = 0;
    for (std::uint64_t round = 0; round < 30; ++round) {
      const auto x = wander(learner, round);
      const Contribution& c = learner.learn(RoundId{round}, x);
      REQUIRE(c.finite);
      CHECK(c.round == RoundId{round});
      CHECK(c.samples == kLearnt);
      double loss = 0;
      // The batch is one pass over all samples: their order does not matter to the mean.
      const auto gradient = gradient_of(job, all_samples(), x, &loss);
      CHECK(c.loss == Approx(loss).epsilon(1e-5));
      REQUIRE(c.signs.signs.dimension() == learner.dimension());
      for (std::size_t i = 0; i < momentum.size(); ++i) {
        momentum[i] = beta * momentum[i] + (1 - beta) * gradient[i];
        if (std::abs(momentum[i]) < 1e-5) continue;  // rounding may turn these
        CHECK(c.signs.signs.positive(i) == (momentum[i] > 0));
        against_the_gradient += (momentum[i] > 0) != (gradient[i] > 0) ? 1U : 0U;
      }
      CHECK(c.signs.abstained.empty());
    }
    CHECK((against_the_gradient > 0) == (beta > 0));
  }
}

TEST_CASE("the two estimates of equation (1) are those of the micro-batches",
          "[agent][trainer][paper:1810.05291/eq1]") {
  for (const std::size_t parts : {2U, 3U, 4U, 8U}) {
    Job job = learner_job();
    job.training.micro_batches = parts;
    Learner learner = make_learner(job);
    // The batch is cut in the order in which the sampler draws it.
    Sampler sampler(Learner::sampling_seed(job), hash_text("ada"), kLearnt, kLearnt);
    for (std::uint64_t round = 0; round < 5; ++round) {
      const auto x = wander(learner, round);
      const Contribution& c = learner.learn(RoundId{round}, x);
      const std::vector<std::size_t> drawn = sampler.draw(RoundId{round});
      std::vector<std::vector<double>> gradients;
      for (std::size_t p = 0; p < parts; ++p)
        gradients.push_back(
            gradient_of(job,
                        {drawn.begin() + static_cast<std::ptrdiff_t>(p * kLearnt / parts),
                         drawn.begin() + static_cast<std::ptrdiff_t>((p + 1) * kLearnt / parts)},
                        x));
      const auto m = static_cast<double>(parts);
      double local = 0, cross = 0;
      for (std::size_t i = 0; i < learner.dimension(); ++i) {
        double sum = 0, differs = 0;
        for (const auto& g : gradients) sum += g[i];
        const double mean = sum / m;
        for (const auto& g : gradients) differs += (g[i] > 0) != (mean > 0) ? 1 : 0;
        local += std::abs(mean) * (1 - 2 * differs / m);
        for (const auto& g : gradients) cross += (sum - g[i]) / (m - 1) * (g[i] > 0 ? 1 : -1) / m;
      }
      CHECK(c.local == Approx(local).epsilon(1e-4));
      CHECK(c.cross == Approx(cross).epsilon(1e-4).margin(1e-5));
    }
  }
}

TEST_CASE("with local steps the vote is where SGD on the next batches leads", "[agent][trainer]") {
  Job job = learner_job(0.9);  // momentum is of votes on gradients, and changes nothing here
  job.training.batch = 8;
  job.training.local_steps = 5;
  job.training.local_rate = 0.05;
  Learner learner = make_learner(job);
  Sampler sampler(Learner::sampling_seed(job), hash_text("ada"), kLearnt, 8);
  for (std::uint64_t round = 0; round < 6; ++round) {
    INFO("round " << round);
    const std::vector<float> x = wander(learner, round);
    const Contribution& c = learner.learn(RoundId{round}, x);
    REQUIRE(c.finite);
    CHECK(c.samples == 40);
    std::vector<float> y = x;
    double first_loss = 0;
    for (std::uint64_t step = 0; step < 5; ++step) {
      double loss = 0;
      const auto g = gradient_of(job, sampler.draw(RoundId{5 * round + step}), y, &loss);
      if (step == 0) first_loss = loss;
      for (std::size_t i = 0; i < y.size(); ++i) y[i] -= 0.05F * static_cast<float>(g[i]);
    }
    CHECK(c.loss == Approx(first_loss));
    double size = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      const double change = double{x[i]} - double{y[i]};
      size += std::abs(change) / static_cast<double>(y.size());
      if (std::abs(change) < 1e-5) continue;  // rounding may turn these
      CHECK(c.signs.signs.positive(i) == (change > 0));
    }
    CHECK(c.local == Approx(size).epsilon(1e-3));
    CHECK(c.cross == c.local);
  }
}

TEST_CASE("a local step is never longer than its rate times the longest gradient",
          "[agent][trainer]") {
  Job job = learner_job(0);
  job.training.local_steps = 3;
  job.training.local_rate = 0.5;
  Learner learner = make_learner(job);
  std::vector<float> x = learner.initial_parameters();
  for (float& value : x) value *= 1e4F;  // wrong about nearly everything, and steep
  auto workspace = Workspace::create(job.model);
  REQUIRE(workspace);
  Sampler sampler(1, 1, kLearnt, kLearnt);
  Dataset data = learner_data();
  const Normalisation large{std::vector<float>(test::kSmallFeatures, 0),
                            std::vector<float>(test::kSmallFeatures, 1e-3F)};
  walk({3, 0.5}, RoundId{0}, x, data, large, 0, sampler, *workspace);
  double squares = 0;
  for (const float change : workspace->change) squares += double{change} * double{change};
  CHECK(std::sqrt(squares) <= 3 * 0.5 * kLocalGradientMax * 1.001);
  CHECK(std::sqrt(squares) > 0.1);
}

TEST_CASE("noise and feedback change the votes on gradients too, and leave the statistics",
          "[agent][trainer]") {
  const Job plain_job = learner_job(0.9);
  Job noisy_job = plain_job;
  noisy_job.training.noise = 3;
  Job feedback_job = plain_job;
  feedback_job.training.error_feedback = 1;
  Learner plain = make_learner(plain_job), noisy = make_learner(noisy_job),
          feedback = make_learner(feedback_job);
  bool noise_differs = false, feedback_differs = false;
  for (std::uint64_t round = 0; round < 10; ++round) {
    const auto x = wander(plain, round);
    const Contribution& p = plain.learn(RoundId{round}, x);
    const Contribution& n = noisy.learn(RoundId{round}, x);
    const Contribution& f = feedback.learn(RoundId{round}, x);
    noise_differs = noise_differs || !(n.signs.signs == p.signs.signs);
    feedback_differs = feedback_differs || !(f.signs.signs == p.signs.signs);
    CHECK(n.local == p.local);
    CHECK(f.cross == p.cross);
  }
  CHECK(noise_differs);
  CHECK(feedback_differs);
}

TEST_CASE("a learner that is made again learns the same", "[agent][trainer]") {
  Job job = learner_job();
  job.training.batch = 10;  // no divisor of the samples, and parts of 2 and 3
  LayerSpec dropout;
  dropout.kind = LayerKind::Dropout;
  dropout.rate = 0.5;
  job.model.layers.insert(job.model.layers.begin(), dropout);
  Learner one = make_learner(job), two = make_learner(job);
  std::vector<SignVector> votes;
  for (std::uint64_t round = 0; round < 20; ++round) {
    const auto x = one.initial_parameters();
    const Contribution& a = one.learn(RoundId{round}, x);
    const Contribution& b = two.learn(RoundId{round}, x);
    CHECK(a.signs.signs == b.signs.signs);
    CHECK(a.local == b.local);
    CHECK(a.cross == b.cross);
    CHECK(a.loss == b.loss);
    CHECK(a.samples == 10);
    votes.push_back(copy_of_signs(a));
  }
  CHECK(votes[0] != votes[1]);
}

TEST_CASE("agents of two names draw different samples, and every round draws others",
          "[agent][trainer]") {
  Job job = learner_job(0);
  job.training.batch = 8;
  Learner ada = make_learner(job, "ada"), bob = make_learner(job, "bob");
  const auto x = ada.initial_parameters();
  std::vector<double> losses;
  for (std::uint64_t round = 0; round < 10; ++round) {
    losses.push_back(ada.learn(RoundId{round}, x).loss);
    losses.push_back(bob.learn(RoundId{round}, x).loss);
  }
  std::sort(losses.begin(), losses.end());
  CHECK(std::unique(losses.begin(), losses.end()) == losses.end());
  // Another seed of the job is another course of the same agent.
  Job other = job;
  other.seed = 99;
  Learner reseeded = make_learner(other, "ada");
  CHECK(reseeded.learn(RoundId{0}, x).loss != ada.learn(RoundId{0}, x).loss);
}

TEST_CASE("a round draws the same samples whatever rounds were learnt before", "[agent][trainer]") {
  Job job = learner_job(0);
  job.training.batch = 8;
  Learner steady = make_learner(job), returned = make_learner(job);
  const auto x = steady.initial_parameters();
  for (std::uint64_t round = 0; round < 30; ++round) steady.learn(RoundId{round}, x);
  const Contribution& late = returned.learn(RoundId{30}, x);
  const SignVector signs = copy_of_signs(late);
  const double loss = late.loss;
  const Contribution& early = steady.learn(RoundId{30}, x);
  CHECK(early.loss == loss);
  CHECK(early.signs.signs == signs);
}

TEST_CASE("a round that is not finite has a reason and leaves the momentum alone",
          "[agent][trainer]") {
  const Job job = learner_job(0.9);
  for (const float poison :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), 1e38F}) {
    INFO(poison);
    Learner sick = make_learner(job), well = make_learner(job);
    for (std::uint64_t round = 0; round < 3; ++round) {
      const auto x = wander(well, round);
      sick.learn(RoundId{round}, x);
      well.learn(RoundId{round}, x);
    }
    auto bad = wander(well, 3);
    for (std::size_t i = 0; i < bad.size(); i += 2) bad[i] = i % 4 == 0 ? poison : -poison;
    const Contribution& c = sick.learn(RoundId{3}, bad);
    CHECK_FALSE(c.finite);
    CHECK(c.round == RoundId{3});
    CHECK(c.reason.find("not finite") != std::string::npos);
    // From then on it is as if that round had not been.
    for (std::uint64_t round = 4; round < 8; ++round) {
      const auto x = wander(well, round);
      const Contribution& healed = sick.learn(RoundId{round}, x);
      CHECK(healed.finite);
      CHECK(healed.reason.empty());
      CHECK(healed.signs.signs == well.learn(RoundId{round}, x).signs.signs);
    }
  }
}

TEST_CASE("figures that a vote cannot carry are not finite, and never reach the wire",
          "[agent][trainer]") {
  // A regression that diverges: its squared errors are doubles, a vote has floats.
  Job job = test::small_job(3);
  job.model.layers = {LayerSpec{LayerKind::Dense, 1}};
  job.model.loss = LossKind::MeanSquaredError;
  job.model.input = {2};
  job.model.outputs = 1;
  job.data.classes = 0;
  job.normalise = Normalise::None;
  Dataset data({2}, std::vector<float>{1, 2, 3, 4}, {}, {1, 2});
  auto learner = Learner::create(job, "ada", std::move(data));
  REQUIRE(learner);
  const std::vector<float> far(3, 1e20F);
  const Contribution& c = learner->learn(RoundId{0}, far);
  CHECK_FALSE(c.finite);
  CHECK(c.reason.find("not finite") != std::string::npos);
}

TEST_CASE("a coordinate without a gradient votes by the job's rule", "[agent][trainer]") {
  // The weights of a feature that is 0 everywhere have no gradient; they are every sixth of 18.
  std::vector<float> values;
  Rng rng(4);
  for (std::size_t i = 0; i < kLearnt * 6; ++i)
    values.push_back(i % 6 == 0 ? 0.0F : rng.uniform() - 0.5F);
  std::vector<std::int32_t> labels;
  for (std::size_t i = 0; i < kLearnt; ++i) labels.push_back(static_cast<std::int32_t>(i % 3));
  const Dataset data({6}, values, labels, {});
  Job job = learner_job(0);
  job.normalise = Normalise::None;
  const auto create = [&](ZeroRule rule, const std::string& name) {
    job.training.zero = rule;
    auto learner = Learner::create(job, name, data);
    REQUIRE(learner);
    return std::move(*learner);
  };
  Learner abstains = create(ZeroRule::Abstain, "ada");
  const auto x = abstains.initial_parameters();
  const SignVector& plane = abstains.learn(RoundId{0}, x).signs.abstained;
  REQUIRE(plane.dimension() == abstains.dimension());
  for (std::size_t i = 0; i < abstains.dimension(); ++i)
    CHECK(plane.positive(i) == (i < 18 && i % 6 == 0));

  // A coin of its own for each agent and round: no weight may drift for want of an opinion.
  int positive = 0, coins = 0;
  for (const char* name : {"ada", "bob", "cid", "dan"}) {
    Learner tosses = create(ZeroRule::Random, name);
    for (std::uint64_t round = 0; round < 100; ++round) {
      const Contribution& c = tosses.learn(RoundId{round}, x);
      CHECK(c.signs.abstained.empty());
      for (const std::size_t i : {0U, 6U, 12U}) {
        positive += c.signs.signs.positive(i) ? 1 : 0;
        ++coins;
      }
    }
  }
  CHECK(coins == 1200);
  CHECK(std::abs(positive - 600) < 4 * 17.3);  // four deviations of 1200 fair coins
}

TEST_CASE("data that do not fit the model are refused with both numbers", "[agent][trainer]") {
  const Job job = learner_job();
  const auto message = [](const Job& of, Dataset data) {
    auto learner = Learner::create(of, "ada", std::move(data));
    REQUIRE_FALSE(learner);
    CHECK(learner.error().kind == ErrorKind::Mismatch);
    return learner.error().message;
  };
  const auto has = [](const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  };
  CHECK(has(message(job, learner_data(2).shard(2, 3)), "empty"));
  const std::string features = message(job, test::make_blobs(10, 5, 3, 1));
  CHECK(has(features, "5 features"));
  CHECK(has(features, "has 6"));
  const Dataset unlabelled({6}, std::vector<float>(60), {}, {});
  CHECK(has(message(job, unlabelled), "no labels"));
  Job regression = job;
  regression.model.loss = LossKind::MeanSquaredError;
  regression.model.outputs = 3;
  const std::string targets =
      message(regression, Dataset({6}, std::vector<float>(60), {}, std::vector<float>(20)));
  CHECK(has(targets, "2 targets"));
  CHECK(has(targets, "needs 3"));
  Job impossible = job;
  impossible.model.layers.clear();
  LayerSpec pool;
  pool.kind = LayerKind::MaxPool;
  pool.kernel = 9;
  impossible.model.layers.push_back(pool);
  CHECK(has(message(impossible, learner_data()), "max_pool"));
  // What fits is taken.
  CHECK(Learner::create(regression, "ada",
                        Dataset({6}, std::vector<float>(60), {}, std::vector<float>(30))));
}

TEST_CASE("the summary has what the job's normalisation asks for", "[agent][trainer]") {
  Job job = learner_job();
  for (const auto& [normalise, entries] : {std::pair<Normalise, std::size_t>{Normalise::None, 0},
                                           {Normalise::All, 1},
                                           {Normalise::Feature, test::kSmallFeatures}}) {
    job.normalise = normalise;
    auto learner = Learner::create(job, "ada", learner_data());
    REQUIRE(learner);
    const DataSummary summary = learner->summary();
    CHECK(summary.samples == kLearnt);
    CHECK(summary.mean.size() == entries);
    CHECK(summary == learner_data().summarise(entries));
  }
}

TEST_CASE("all agents of a job start from the same parameters", "[agent][trainer]") {
  const Job job = learner_job();
  auto network = Network::create(job.model);
  REQUIRE(network);
  CHECK(make_learner(job, "ada").initial_parameters() == network->initial_parameters(job.seed));
  CHECK(make_learner(job, "bob").initial_parameters() == network->initial_parameters(job.seed));
}

TEST_CASE("a batch larger than the data and parts larger than the batch are served",
          "[agent][trainer]") {
  Job job = learner_job();
  job.training.batch = 100;
  job.training.micro_batches = 7;
  Learner small = make_learner(job, "ada", learner_data(5));
  const Contribution& c = small.learn(RoundId{0}, small.initial_parameters());
  CHECK(c.samples == 100);
  CHECK(c.finite);
  // One part is all there is to a batch of one: both estimates are then the l1 norm.
  job.training.batch = 1;
  Learner one = make_learner(job);
  const Contribution& single = one.learn(RoundId{0}, one.initial_parameters());
  CHECK(single.samples == 1);
  CHECK(single.local == single.cross);
  CHECK(single.local > 0);
}

TEST_CASE("learners that are lent one workspace vote as each does with its own", "[agent]") {
  Job job = learner_job();
  job.training.batch = 20;
  Job larger = job;
  larger.training.batch = kLearnt;
  const auto data = std::make_shared<const Dataset>(learner_data());
  std::vector<Learner> alone, sharing;
  for (const auto& [name, of] : {std::pair{"ada", job}, {"bob", larger}, {"cid", job}}) {
    alone.push_back(make_learner(of, name));
    auto made = Learner::create(of, name, data);
    REQUIRE(made);
    made->set_normalisation(normalisation_from(data->summarise(test::kSmallFeatures)));
    sharing.push_back(std::move(*made));
  }
  auto lent = Workspace::create(job.model);
  REQUIRE(lent);
  for (std::uint64_t round = 0; round < 6; ++round)
    for (std::size_t i = 0; i < alone.size(); ++i) {
      const auto x = wander(alone[i], round);
      const Contribution& own = alone[i].learn(RoundId{round}, x);
      const Contribution& shared = sharing[i].learn(RoundId{round}, x, *lent);
      CHECK(own.signs.signs == shared.signs.signs);
      CHECK(own.loss == shared.loss);
      CHECK(own.local == shared.local);
      CHECK(own.cross == shared.cross);
      CHECK(own.samples == shared.samples);
    }
}

}  // namespace signet
