#include "fleet/paper/problem.hpp"

#include <algorithm>

#include "core/base/check.hpp"

namespace signet::paper {

double Quadratic::loss(std::span<const float> x) const {
  double squares = 0;
  for (const float v : x) squares += double{v} * double{v};
  return squares / 2;
}

void Quadratic::gradient(std::span<const float> x, std::span<float> gradient) const {
  std::ranges::copy(x, gradient.begin());
}

double Dip::loss(std::span<const float> x) const {
  double sum = 0;
  for (const float v : x) {
    const double square = double{v} * double{v};
    sum += square / (1 + square);
  }
  return sum;
}

void Dip::gradient(std::span<const float> x, std::span<float> gradient) const {
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float width = 1 + x[i] * x[i];
    gradient[i] = 2 * x[i] / (width * width);
  }
}

void Noise::add_to(std::span<float> gradient, Rng& rng) const {
  SIGNET_CHECK(coordinates <= gradient.size(), "noise falls on coordinates that there are");
  const auto scale = static_cast<float>(width);
  for (float& g : gradient.first(coordinates)) {
    if (shape == Shape::Normal) g += static_cast<float>(width * rng.normal());
    if (shape == Shape::Uniform) g += scale * (2 * rng.uniform() - 1);
  }
}

}  // namespace signet::paper
