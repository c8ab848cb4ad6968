#include "core/optim/replica.hpp"

#include <cmath>

#include "core/base/digest.hpp"

namespace signet {

double root_mean_square(std::span<const float> x) {
  double sum = 0;
  for (const float value : x) sum += double{value} * double{value};
  return x.empty() ? 0 : std::sqrt(sum / static_cast<double>(x.size()));
}

Replica::Replica(std::vector<float> parameters, RoundId next_round)
    : parameters_(std::move(parameters)),
      next_round_(next_round),
      digest_(signet::digest(std::span<const float>(parameters_))) {}

std::uint64_t Replica::apply(float rate, const SignVector& signs, const SignVector& ties) {
  digest_ = apply_step_digest(parameters_, rate, signs, ties);
  next_round_ = next_round_.next();
  return digest_;
}

}  // namespace signet
