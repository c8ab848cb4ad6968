#include "agent/trainer/secant.hpp"

#include <cmath>
#include <utility>

#include "core/base/check.hpp"

namespace signet {

void Secant::keep(RoundId round, std::span<const float> parameters,
                  std::span<const float> gradient) {
  round_ = round;
  parameters_.assign(parameters.begin(), parameters.end());
  gradient_.assign(gradient.begin(), gradient.end());
}

std::optional<double> Secant::measure(std::span<const float> parameters,
                                      std::span<const float> gradient) {
  const std::vector<float> x = std::exchange(parameters_, {}), g = std::exchange(gradient_, {});
  SIGNET_CHECK(x.size() == parameters.size() && g.size() == gradient.size(), "a round was kept");
  double bend = 0, length = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double step = double{x[i]} - double{parameters[i]};
    bend += step * (double{g[i]} - double{gradient[i]});
    length += step * step;
  }
  const double r = bend / length;
  return length > 0 && std::isfinite(r) ? std::optional(r) : std::nullopt;
}

}  // namespace signet
