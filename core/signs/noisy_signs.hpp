#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/signs/sign_vector.hpp"

namespace signet {

/// What becomes of a board's vector before its signs are taken, where data differ from board to
/// board.
///
/// A plain sign says the same of a large value and of a small one, so that many boards that want a
/// little outvote the few that want much, and a board with one class of its own is never heard.
///   noise:    sign(p + u), u uniform in +-noise * mean|p|, is +1 with a chance that rises linearly
///             with p: on average the sum of the votes is the sum of the vectors, as long as no
///             value is larger than the noise (stochastic signs: Jin et al., arXiv:2002.10940;
///             Safaryan and Richtarik, arXiv:1905.12938).
///   feedback: p = v + share * e, and e = p - mean|p| * sign: what the signs could not say is said
///             later (EF-signSGD, Karimireddy et al., arXiv:1901.09847).
///
/// Memory: d floats with feedback. Cost: two passes over d floats, and a hash for each two
/// coordinates of noise. Deterministic: the same calls give the same signs on one machine.
class NoisySigns {
 public:
  /// `noise` >= 0 in mean absolute values; `feedback` in [0, 1].
  NoisySigns(std::size_t dimension, double noise, double feedback);

  /// Whether a vector goes to pack() as it is.
  bool plain() const { return noise_ == 0 && feedback_ == 0; }

  /// Signs of v ([dimension]), which is overwritten. Returns the mean of |p|. `coin` seeds the
  /// noise and the zeros of this call.
  double pack(std::span<float> v, ZeroRule rule, std::uint64_t coin, PackedSigns& into);

 private:
  void take_back(std::span<const float> said, float scale);

  float noise_, feedback_;
  std::vector<float> error_;  // e; empty without feedback
};

}  // namespace signet
