#pragma once

#include <vector>

namespace signet::paper {

/// The paper's sign: 0 has the sign 0.
inline int sign(double x) {
  return x > 0 ? 1 : (x < 0 ? -1 : 0);
}

/// x_{k+1} = x_k - eta sign(sum_j sign(g_j)) in plain loops, as Algorithms 1 and 2 write it.
inline void reference_step(std::vector<float>& x, float eta,
                           const std::vector<std::vector<float>>& gradients) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    int sum = 0;
    for (const auto& g : gradients) sum += sign(double{g[i]});
    if (sum > 0) x[i] = x[i] - eta;
    if (sum < 0) x[i] = x[i] + eta;
  }
}

}  // namespace signet::paper
