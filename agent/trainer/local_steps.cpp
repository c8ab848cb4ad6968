#include "agent/trainer/local_steps.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/random.hpp"

namespace signet {

namespace {

constexpr std::size_t kBlock = 4096;

/// Euclidean length; floats are squared and added in blocks, so that few digits are lost.
double length(std::span<const float> v) {
  double sum = 0;
  for (std::size_t at = 0; at < v.size(); at += kBlock) {
    float part = 0;
    for (const float value : v.subspan(at, std::min(kBlock, v.size() - at))) part += value * value;
    sum += double{part};
  }
  return std::sqrt(sum);
}

}  // namespace

double walk(const LocalSteps& local, RoundId round, std::span<const float> parameters,
            const Dataset& data, const Normalisation& normalisation, std::uint64_t noise_seed,
            Sampler& sampler, Workspace& space) {
  std::vector<float>& x = space.change;
  x.assign(parameters.begin(), parameters.end());
  double first_loss = 0;
  for (std::size_t step = 0; step < local.steps; ++step) {
    const RoundId draw{round.value * local.steps + step};
    data.gather(sampler.draw(draw), normalisation, space.batch);
    const double loss = space.network.loss_and_gradient(x, space.batch.view(),
                                                        mix(noise_seed, step), space.gradient);
    if (step == 0) first_loss = loss;
    const double norm = length(space.gradient);
    if (!std::isfinite(loss) || !std::isfinite(norm))
      return std::numeric_limits<double>::quiet_NaN();
    const auto rate = static_cast<float>(local.rate / std::max(1.0, norm / kLocalGradientMax));
    for (std::size_t i = 0; i < x.size(); ++i) x[i] -= rate * space.gradient[i];
  }
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = parameters[i] - x[i];
  return first_loss;
}

}  // namespace signet
