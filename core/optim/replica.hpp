#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/ids.hpp"
#include "core/signs/sign_vector.hpp"

namespace signet {

/// sqrt(mean x^2); 0 of nothing.
double root_mean_square(std::span<const float> x);

/// One copy of the model's parameters: x_k, with k = next_round(). Every replica of a run that has
/// seen the same rounds holds the same bits; agents and coordinator each have one.
class Replica {
 public:
  /// x_0 or a snapshot.
  Replica(std::vector<float> parameters, RoundId next_round);

  RoundId next_round() const { return next_round_; }
  std::uint64_t digest() const { return digest_; }
  std::size_t dimension() const { return parameters_.size(); }
  std::span<const float> parameters() const { return parameters_; }

  /// x_{k+1} = x_k - eta v (Algorithm 1, line 4); returns the new digest. Sizes must agree
  /// (programmer's error: messages are checked before).
  std::uint64_t apply(float rate, const SignVector& signs, const SignVector& ties);

 private:
  std::vector<float> parameters_;
  RoundId next_round_;
  std::uint64_t digest_;
};

}  // namespace signet
