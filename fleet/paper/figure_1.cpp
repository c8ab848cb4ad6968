#include "fleet/paper/figure_1.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "core/base/random.hpp"
#include "fleet/paper/descent.hpp"
#include "fleet/pool.hpp"

namespace signet::paper {

namespace {

struct Method {
  const char* name;
  Direction direction;
  ControllerKind controller;
  bool noisy = true;
};

constexpr Method kMethods[] = {
    {"sgd", Direction::Mean, ControllerKind::Fixed},
    {"signsgd", Direction::SignOfMean, ControllerKind::Fixed},
    {"mh_signsgd", Direction::Vote, ControllerKind::Fixed},
    {"adaptive", Direction::Vote, ControllerKind::Paper},
    {"adaptive_no_noise", Direction::Vote, ControllerKind::Paper, false},
    {"default", Direction::Vote, RateSpec{}.controller},
};

// 0, and numbers up to `last` that rise by a constant factor.
std::vector<std::uint64_t> evenly_spaced(std::uint64_t last) {
  constexpr double kPerDecade = 50;
  std::vector<std::uint64_t> at{0};
  for (int step = 0; at.back() < last; ++step) {
    const auto next = static_cast<std::uint64_t>(std::llround(std::pow(10.0, step / kPerDecade)));
    if (next > at.back()) at.push_back(std::min(next, last));
  }
  return at;
}

struct Trial {
  std::vector<double> losses;  // where the curve is drawn
  double tail = 0, end = 0;    // over the last tenth; at the end
};

Descent descent_of(const Method& method, const Figure1& figure) {
  Descent descent;
  descent.direction = method.direction;
  // Voters without noise are all alike: one says it.
  descent.samples = method.noisy ? figure.samples : 1;
  descent.iterations = figure.iterations;
  descent.rate.controller = method.controller;
  if (method.controller == ControllerKind::Fixed) descent.rate.value = figure.fixed_rate;
  return descent;
}

Trial run_trial(const Method& method, const Figure1& figure, std::size_t dimension,
                const std::vector<std::uint64_t>& at, std::uint64_t number) {
  const Quadratic problem(dimension);
  const Noise noise = method.noisy ? Noise{Noise::Shape::Normal, figure.noise, 1} : Noise{};
  Rng rng(mix(figure.seed, number));
  std::vector<float> start(dimension);
  for (float& v : start) v = static_cast<float>(rng.normal());

  const std::uint64_t tail = std::max<std::uint64_t>(figure.iterations / 10, 1);
  Trial trial;
  descend(problem, noise, descent_of(method, figure), std::move(start), rng.next(),
          [&](std::uint64_t k, std::span<const float> x) {
            const bool drawn = k == at[trial.losses.size()];
            const bool last = k + tail > figure.iterations;
            if (!drawn && !last) return;
            trial.end = problem.loss(x);
            if (drawn) trial.losses.push_back(trial.end);
            if (last) trial.tail += trial.end / static_cast<double>(tail);
          });
  return trial;
}

double median_of(std::span<const Trial> trials) {
  std::vector<double> tails;
  for (const Trial& trial : trials) tails.push_back(trial.tail);
  std::ranges::sort(tails);
  const std::size_t n = tails.size();
  return (tails[(n - 1) / 2] + tails[n / 2]) / 2;
}

Curve curve_of(const Method& method, std::size_t dimension, std::vector<std::uint64_t> at,
               std::span<const Trial> trials) {
  Curve curve;
  curve.method = method.name;
  curve.dimension = dimension;
  const auto n = static_cast<double>(trials.size());
  double squares = 0;
  for (const Trial& trial : trials) {
    curve.final_mean += trial.tail / n;
    curve.end_mean += trial.end / n;
  }
  for (const Trial& trial : trials)
    squares += (trial.tail - curve.final_mean) * (trial.tail - curve.final_mean);
  if (trials.size() > 1) curve.final_error = std::sqrt(squares / (n - 1) / n);
  curve.final_median = median_of(trials);
  for (std::size_t i = 0; i < at.size(); ++i) {
    double sum = 0, lowest = trials[0].losses[i], highest = lowest;
    for (const Trial& trial : trials) {
      sum += trial.losses[i];
      lowest = std::min(lowest, trial.losses[i]);
      highest = std::max(highest, trial.losses[i]);
    }
    curve.mean.push_back(sum / n);
    curve.lowest.push_back(lowest);
    curve.highest.push_back(highest);
  }
  curve.at = std::move(at);
  return curve;
}

}  // namespace

std::vector<Curve> draw_figure_1(const Figure1& figure, std::size_t threads,
                                 const std::function<void(std::size_t, std::size_t)>& told) {
  const auto at = evenly_spaced(figure.iterations);
  const std::size_t methods = std::size(kMethods), curves = figure.dimensions.size() * methods;
  std::vector<Trial> trials(curves * figure.trials);
  std::mutex telling;
  std::size_t ended = 0;
  const auto run = [&](std::size_t task, std::size_t /*worker*/) {
    const std::size_t curve = task / figure.trials;
    trials[task] = run_trial(kMethods[curve % methods], figure, figure.dimensions[curve / methods],
                             at, task % figure.trials);
    const std::lock_guard lock(telling);
    told(++ended, trials.size());
  };
  Pool(threads).run(trials.size(), run);

  std::vector<Curve> result;
  for (std::size_t curve = 0; curve < curves; ++curve)
    result.push_back(curve_of(kMethods[curve % methods], figure.dimensions[curve / methods], at,
                              std::span(trials).subspan(curve * figure.trials, figure.trials)));
  return result;
}

}  // namespace signet::paper
