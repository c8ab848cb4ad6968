#include <limits>

#include "core/model/network.hpp"
#include "fleet/baselines/baseline.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/small_fleet.hpp"

namespace signet {
namespace {

const std::vector<Method>& all_methods() {
  static const std::vector<Method> methods{Method::Sgd,        Method::Adam,    Method::SignSgd,
                                           Method::FedAvg,     Method::FedProx, Method::Scaffold,
                                           Method::Centralised};
  return methods;
}

Job short_job(std::size_t agents, std::uint64_t rounds) {
  Job job = test::small_job();
  job.round.agents = agents;
  job.stop.rounds = rounds;
  return job;
}

Dataset test_data() {
  return test::make_blobs(300, test::kSmallFeatures, test::kSmallClasses, 1);
}

Trace train(const Job& job, const BaselineSpec& spec, std::size_t threads = 2) {
  auto trace = train_baseline(job, test::small_shards(job), test_data(), spec, threads, {});
  REQUIRE(trace);
  return *trace;
}

std::string train_error(const Job& job, const BaselineSpec& spec) {
  const auto trace = train_baseline(job, test::small_shards(job), std::nullopt, spec, 1, {});
  REQUIRE_FALSE(trace);
  CHECK(trace.error().kind == ErrorKind::Mismatch);
  return trace.error().message;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("every baseline learns what a linear model can", "[fleet][baselines]") {
  for (const Method method : all_methods()) {
    BaselineSpec spec = usual_spec(method);
    if (method == Method::Adam || method == Method::SignSgd) spec.rate = 0.05;
    const Trace trace = train(short_job(4, 60), spec);
    INFO(to_text(method));
    CHECK(*trace.test_accuracy > 0.95);
    CHECK_FALSE(trace.diverged);
    CHECK(trace.train_loss < 0.5 * trace.rows.front().train_loss);
  }
}

TEST_CASE("the number of threads changes no bit of a baseline", "[fleet][baselines]") {
  const Job job = short_job(11, 10);
  for (const Method method : all_methods()) {
    INFO(to_text(method));
    const Trace one = train(job, usual_spec(method), 1);
    for (const std::size_t threads : {2U, 5U}) {
      const Trace more = train(job, usual_spec(method), threads);
      CHECK(more.digest == one.digest);
      for (std::size_t k = 0; k < 10; ++k) {
        CHECK(more.rows[k].train_loss == one.rows[k].train_loss);
        CHECK(more.rows[k].rate == one.rows[k].rate);
      }
      CHECK(more.test_loss == one.test_loss);
    }
  }
}

TEST_CASE("a baseline depends on its job's seed", "[fleet][baselines]") {
  Job other = short_job(4, 10);
  other.seed = 2;
  CHECK(train(short_job(4, 10), {}).digest != train(other, {}).digest);
}

TEST_CASE("a baseline is judged as often as the job says, and at its end", "[fleet][baselines]") {
  Job job = short_job(4, 10);
  job.evaluate.every = 4;
  std::vector<std::uint64_t> heard;
  const auto trace = train_baseline(job, test::small_shards(job), test_data(), {}, 1,
                                    [&](const TraceRow& row) { heard.push_back(row.round); });
  REQUIRE(trace);
  CHECK(heard == std::vector<std::uint64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  for (const TraceRow& row : trace->rows) {
    const bool due = row.round == 3 || row.round == 7 || row.round == 9;
    CHECK(row.test_accuracy.has_value() == due);
    CHECK(row.test_loss.has_value() == due);
  }
  CHECK(trace->test_accuracy == trace->rows.back().test_accuracy);
  const auto blind = train_baseline(job, test::small_shards(job), std::nullopt, {}, 1, {});
  CHECK_FALSE(blind->test_accuracy.has_value());
  CHECK(blind->digest == trace->digest);
}

TEST_CASE("a baseline counts its bytes and samples", "[fleet][baselines]") {
  const Job job = short_job(4, 10);
  const std::uint64_t d = Network::create(job.model)->dimension();
  constexpr std::uint64_t rounds = 10, agents = 4;
  for (const Method method : all_methods()) {
    INFO(to_text(method));
    const BaselineSpec spec = usual_spec(method);
    const Trace trace = train(job, spec);
    const std::uint64_t vectors = method == Method::Centralised ? 0U
                                  : method == Method::Scaffold  ? 2U
                                                                : 1U;
    CHECK(trace.rounds == rounds);
    CHECK(trace.bytes_up_per_agent == rounds * 4 * d * vectors);
    CHECK(trace.bytes_down_per_agent == trace.bytes_up_per_agent);
    CHECK(trace.samples == rounds * agents * 16 * spec.local_steps);
  }
  BaselineSpec unequal;
  unequal.batches = {8, 16, 32, 64};
  CHECK(train(job, unequal).samples == rounds * 120);
}

TEST_CASE("a baseline that leaves the finite numbers stops and says so", "[fleet][baselines]") {
  BaselineSpec spec;
  spec.rate = 1e38;
  const Trace lost = train(short_job(4, 50), spec);
  CHECK(lost.diverged);
  CHECK(lost.rounds < 50);
  CHECK(lost.rounds == lost.rows.size());
  CHECK(lost.test_accuracy.has_value());
}

TEST_CASE("a training that ends worse than it began has diverged", "[fleet][baselines]") {
  Trace trace;
  for (std::uint64_t k = 0; k < 40; ++k) {
    TraceRow row;
    row.round = k;
    row.train_loss = k < 38 ? 1.0 : 3.0;
    trace.rows.push_back(row);
  }
  finish(trace);
  CHECK(trace.diverged);
  CHECK(trace.train_loss == 3);  // of the last two rounds
  CHECK(trace.rounds == 40);
  for (TraceRow& row : trace.rows) row.train_loss = 1;
  trace.diverged = false;
  finish(trace);
  CHECK_FALSE(trace.diverged);
  trace.rows.back().train_loss = std::numeric_limits<double>::quiet_NaN();
  finish(trace);
  CHECK(trace.diverged);
}

TEST_CASE("rates follow their schedule", "[fleet][baselines]") {
  BaselineSpec spec;
  spec.rate = 0.8;
  CHECK(scheduled_rate(spec, 17, 100) == 0.8);
  spec.schedule = *parse_schedule("cosine");
  CHECK(scheduled_rate(spec, 0, 100) == Approx(0.8));
  CHECK(scheduled_rate(spec, 25, 100) == Approx(0.4 * (1 + std::sqrt(0.5))));
  CHECK(scheduled_rate(spec, 50, 100) == Approx(0.4));
  CHECK(scheduled_rate(spec, 99, 100) > 0);
  spec.schedule = *parse_schedule("inverse_sqrt");
  for (const std::uint64_t k : {0U, 99U}) CHECK(scheduled_rate(spec, k, 100) == Approx(0.08));
  const Trace trace = train(short_job(4, 10), spec);
  for (const TraceRow& row : trace.rows) CHECK(row.rate == Approx(0.8 / std::sqrt(10.0)));
}

TEST_CASE("methods have names, and other words are refused with all of them",
          "[fleet][baselines]") {
  REQUIRE(method_names().size() == all_methods().size());
  for (const Method method : all_methods()) CHECK(*parse_method(to_text(method)) == method);
  CHECK(to_text(Method::Sgd) == "sgd");
  CHECK(to_text(Method::Centralised) == "centralised");
  const auto method = parse_method("adamw");
  REQUIRE_FALSE(method);
  CHECK(method.error().kind == ErrorKind::Malformed);
  CHECK(method.error().message ==
        "is 'adamw'; allowed: sgd, adam, signsgd, fedavg, fedprox, scaffold, centralised; did you "
        "mean adam?");
  const auto schedule = parse_schedule("cos");
  REQUIRE_FALSE(schedule);
  CHECK(schedule.error().message == "is 'cos'; allowed: constant, cosine, inverse_sqrt");
}

TEST_CASE("a baseline refuses what its method cannot do", "[fleet][baselines]") {
  const Job job = short_job(4, 10);
  const auto with = [](Method method, const auto& change) {
    BaselineSpec spec = usual_spec(method);
    change(spec);
    return spec;
  };
  const auto error = [&](Method method, const auto& change) {
    return train_error(job, with(method, change));
  };
  using Spec = BaselineSpec;
  for (const double rate : {0.0, -1.0, std::numeric_limits<double>::infinity(),
                            std::numeric_limits<double>::quiet_NaN()})
    CHECK(contains(error(Method::Sgd, [&](Spec& s) { s.rate = rate; }),
                   "method sgd: the rate must be above 0"));
  CHECK(contains(error(Method::Sgd, [](Spec& s) { s.momentum = 1; }), "0 to below 1"));
  CHECK(contains(error(Method::Adam, [](Spec& s) { s.momentum = 0.9; }), "no momentum to set"));
  CHECK(contains(error(Method::Scaffold, [](Spec& s) { s.momentum = 0.9; }), "no momentum"));
  CHECK(contains(error(Method::Sgd, [](Spec& s) { s.local_steps = 2; }), "no local steps"));
  CHECK(contains(error(Method::FedAvg, [](Spec& s) { s.local_steps = 0; }), "must be 1 to 100000"));
  CHECK(contains(error(Method::FedAvg, [](Spec& s) { s.mu = 0.1; }), "only fedprox has a mu"));
  CHECK(contains(error(Method::FedProx, [](Spec& s) { s.mu = -1; }), "must not be negative"));
  CHECK(contains(error(Method::Centralised, [](Spec& s) { s.schedule = Schedule::Cosine; }),
                 "the job's controller says the rate"));
  CHECK(contains(error(Method::Sgd,
                       [](Spec& s) {
                         s.batches = {1, 2, 3};
                       }),
                 "3 batch sizes for 4 agents"));
  CHECK(contains(error(Method::Sgd,
                       [](Spec& s) {
                         s.batches = {1, 2, 3, 0};
                       }),
                 "one sample at least"));
}

TEST_CASE("a baseline names the agent whose data do not fit the model", "[fleet][baselines]") {
  const Job job = short_job(4, 10);
  auto shards = test::small_shards(job);
  shards[2] = test::make_blobs(20, test::kSmallFeatures + 1, test::kSmallClasses, 1);
  const auto trace = train_baseline(job, shards, std::nullopt, {}, 1, {});
  REQUIRE_FALSE(trace);
  CHECK(trace.error().kind == ErrorKind::Mismatch);
  CHECK(contains(trace.error().message, "agent-2: the data have 7 features"));
  shards[2] = shards[1].pick({});
  const auto empty = train_baseline(job, shards, std::nullopt, {}, 1, {});
  REQUIRE_FALSE(empty);
  CHECK(contains(empty.error().message, "agent-2: no samples"));
}

}  // namespace signet
