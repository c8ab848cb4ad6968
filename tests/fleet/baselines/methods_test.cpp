// Each method beside its definition, written out with one agent after the other in double.
#include "fleet/baselines/methods.hpp"

#include "tests/fleet/baselines/slow_agents.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace {

using test::hidden_job;
using test::QuickMethod;
using test::SlowAgents;
using test::unequal_batches;
using test::unequal_shards;
using test::Vector;

constexpr std::uint64_t kRounds = 6;
constexpr double kClose = 2e-5;  // in units of the rate: floats of size 1 and a rate of 0.1

SlowAgents slow_agents() {
  return {hidden_job(), unequal_shards(), unequal_batches()};
}

BaselineSpec spec_of(Method method, double rate, double momentum = 0, std::size_t steps = 1) {
  BaselineSpec spec = usual_spec(method);
  spec.rate = rate;
  spec.momentum = momentum;
  spec.local_steps = steps;
  return spec;
}

double sign(double value) {
  return value > 0 ? 1 : value < 0 ? -1 : 0;
}

/// Where an agent is after its local steps; `correct(y, g)` changes each gradient.
template <typename Correct>
Vector local_steps(SlowAgents& agents, std::size_t agent, std::uint64_t round,
                   const BaselineSpec& spec, const Vector& x, const Correct& correct) {
  Vector y = x;
  for (std::size_t step = 0; step < spec.local_steps; ++step) {
    Vector g = agents.gradient(agent, round * spec.local_steps + step, y);
    correct(y, g);
    for (std::size_t i = 0; i < x.size(); ++i) y[i] -= spec.rate * g[i];
  }
  return y;
}

}  // namespace

TEST_CASE("SGD steps along the mean gradient, weighted by samples", "[fleet][baselines]") {
  for (const double momentum : {0.0, 0.9}) {
    const BaselineSpec spec = spec_of(Method::Sgd, 0.1, momentum);
    QuickMethod quick(hidden_job(), spec);
    SlowAgents agents = slow_agents();
    Vector x = agents.start(), v(x.size(), 0.0);
    for (std::uint64_t k = 0; k < kRounds; ++k) {
      double loss = 0;
      for (std::size_t j = 0; j < agents.size(); ++j) {
        agents.gradient(j, k, x);
        loss += agents.loss() / 3;
      }
      const Vector g = agents.mean_gradient(k, x);
      for (std::size_t i = 0; i < x.size(); ++i) {
        v[i] = momentum * v[i] + g[i];
        x[i] -= spec.rate * v[i];
      }
      CHECK(quick.run(k).loss == Approx(loss).epsilon(1e-5));
      CHECK(quick.distance(x) < kClose);
    }
  }
}

TEST_CASE("signSGD steps along the sign of the mean gradient", "[fleet][baselines]") {
  for (const double momentum : {0.0, 0.9}) {
    const BaselineSpec spec = spec_of(Method::SignSgd, 0.01, momentum);
    QuickMethod quick(hidden_job(), spec);
    SlowAgents agents = slow_agents();
    Vector x = agents.start(), v(x.size(), 0.0);
    for (std::uint64_t k = 0; k < kRounds; ++k) {
      const Vector g = agents.mean_gradient(k, x);
      for (std::size_t i = 0; i < x.size(); ++i) {
        v[i] = momentum * v[i] + g[i];
        x[i] -= spec.rate * sign(v[i]);
      }
      quick.run(k);
      CHECK(quick.distance(x) < 1e-3);
    }
  }
}

TEST_CASE("Adam is Algorithm 1 of its paper on the mean gradient", "[fleet][baselines]") {
  const BaselineSpec spec = spec_of(Method::Adam, 0.01);
  QuickMethod quick(hidden_job(), spec);
  SlowAgents agents = slow_agents();
  Vector x = agents.start(), m(x.size(), 0.0), v(x.size(), 0.0);
  for (std::uint64_t k = 0; k < kRounds; ++k) {
    const Vector g = agents.mean_gradient(k, x);
    const auto t = static_cast<double>(k + 1);
    for (std::size_t i = 0; i < x.size(); ++i) {
      m[i] = 0.9 * m[i] + 0.1 * g[i];
      v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
      x[i] -= spec.rate * (m[i] / (1 - std::pow(0.9, t))) /
              (std::sqrt(v[i] / (1 - std::pow(0.999, t))) + 1e-8);
    }
    quick.run(k);
    CHECK(quick.distance(x) < 1e-3);  // 1 - 0.999 keeps four digits in a float
  }
}

TEST_CASE("FedAvg takes the mean of where local SGD led, weighted by samples",
          "[fleet][baselines]") {
  for (const double momentum : {0.0, 0.5}) {
    const BaselineSpec spec = spec_of(Method::FedAvg, 0.1, momentum, 4);
    QuickMethod quick(hidden_job(), spec);
    SlowAgents agents = slow_agents();
    Vector x = agents.start(), v(x.size(), 0.0);
    for (std::uint64_t k = 0; k < kRounds; ++k) {
      Vector mean(x.size(), 0.0);
      for (std::size_t j = 0; j < agents.size(); ++j) {
        const Vector y = local_steps(agents, j, k, spec, x, [](const Vector&, Vector&) {});
        for (std::size_t i = 0; i < x.size(); ++i) mean[i] += agents.weight(j) * y[i];
      }
      for (std::size_t i = 0; i < x.size(); ++i) {
        v[i] = momentum * v[i] + (x[i] - mean[i]);
        x[i] -= v[i];
      }
      const Vector before = Vector(quick.x().begin(), quick.x().end());
      agents.gradient(0, 4 * k, before);
      double loss = agents.loss();
      agents.gradient(1, 4 * k, before);
      loss += agents.loss();
      agents.gradient(2, 4 * k, before);
      loss += agents.loss();
      CHECK(quick.run(k).loss == Approx(loss / 3).epsilon(1e-5));
      CHECK(quick.distance(x) < 5 * kClose);
    }
  }
}

TEST_CASE("FedAvg with one local step is SGD", "[fleet][baselines]") {
  QuickMethod averaged(hidden_job(), spec_of(Method::FedAvg, 0.1, 0.5));
  QuickMethod plain(hidden_job(), spec_of(Method::Sgd, 0.1, 0.5));
  for (std::uint64_t k = 0; k < kRounds; ++k) {
    averaged.run(k);
    plain.run(k);
    CHECK(averaged.distance(SlowAgents::to_doubles(plain.x())) < kClose);
  }
}

TEST_CASE("FedProx pulls each local step towards where the round began", "[fleet][baselines]") {
  BaselineSpec spec = spec_of(Method::FedProx, 0.1, 0, 4);
  spec.mu = 0.7;
  QuickMethod quick(hidden_job(), spec);
  SlowAgents agents = slow_agents();
  Vector x = agents.start();
  for (std::uint64_t k = 0; k < kRounds; ++k) {
    Vector mean(x.size(), 0.0);
    for (std::size_t j = 0; j < agents.size(); ++j) {
      const Vector y = local_steps(agents, j, k, spec, x, [&](const Vector& at, Vector& g) {
        for (std::size_t i = 0; i < g.size(); ++i) g[i] += spec.mu * (at[i] - x[i]);
      });
      for (std::size_t i = 0; i < x.size(); ++i) mean[i] += agents.weight(j) * y[i];
    }
    x = mean;
    quick.run(k);
    CHECK(quick.distance(x) < 5 * kClose);
  }
}

TEST_CASE("Scaffold corrects each local step by the control variates of option II",
          "[fleet][baselines]") {
  const BaselineSpec spec = spec_of(Method::Scaffold, 0.1, 0, 4);
  QuickMethod quick(hidden_job(), spec);
  SlowAgents agents = slow_agents();
  Vector x = agents.start(), c(x.size(), 0.0);
  std::vector<Vector> own(agents.size(), c);
  for (std::uint64_t k = 0; k < kRounds; ++k) {
    Vector change(x.size(), 0.0), control_change(x.size(), 0.0);
    for (std::size_t j = 0; j < agents.size(); ++j) {
      const Vector y = local_steps(agents, j, k, spec, x, [&](const Vector&, Vector& g) {
        for (std::size_t i = 0; i < g.size(); ++i) g[i] += c[i] - own[j][i];
      });
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double renewed = own[j][i] - c[i] + (x[i] - y[i]) / (4 * spec.rate);
        change[i] += agents.weight(j) * (y[i] - x[i]);
        control_change[i] += agents.weight(j) * (renewed - own[j][i]);
        own[j][i] = renewed;
      }
    }
    for (std::size_t i = 0; i < x.size(); ++i) {
      x[i] += change[i];
      c[i] += control_change[i];
    }
    quick.run(k);
    CHECK(quick.distance(x) < 1e-4);  // the controls divide by the rate, and their errors add up
  }
}

}  // namespace signet
