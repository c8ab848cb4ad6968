#pragma once

#include <cstdint>
#include <vector>

#include "core/base/random.hpp"
#include "core/signs/sign_vector.hpp"

namespace signet::test {

/// A seeded random sign vector; `density` is the chance of +1.
inline SignVector random_signs(std::size_t dimension, std::uint64_t seed, float density = 0.5F) {
  Rng rng(seed);
  SignVector signs(dimension);
  for (std::size_t i = 0; i < dimension; ++i) signs.set(i, rng.uniform() < density);
  return signs;
}

/// Votes for +1 minus votes for -1 at coordinate i, by the definition.
inline long sum_of_signs(const std::vector<SignVector>& votes, std::size_t i) {
  long sum = 0;
  for (const auto& vote : votes) sum += vote.positive(i) ? 1 : -1;
  return sum;
}

}  // namespace signet::test
