#include "agent/trainer/local_steps.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/blocked_sum.hpp"
#include "core/base/random.hpp"

namespace signet {

namespace {

double length(std::span<const float> v) {
  return std::sqrt(blocked_sum<4096, 1>(v.size(), [v](std::size_t i) { return v[i] * v[i]; }));
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
