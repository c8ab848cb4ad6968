#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace signet {

/// Estimates the sum of equation (1), S = sum_i |g_i| (1 - 2 P[sign(g~_i) != sign(g_i)]), from the
/// micro-batches a board computes anyway: their mean is the gradient it votes with.
///
/// With m micro-batch gradients g_a, their sum G and T = sum_a sign(g_a):
///   local = <G, T> / m^2                              the paper's recipe (section II-B, last
///   lines):
///           sum_i |gbar_i| (1 - 2 phat_i), where phat_i is the share of micro-batches whose sign
///           differs from sign(gbar_i) and a zero counts half. Biased upwards: gbar and the signs
///           share their noise.
///   cross = (<G, T> - sum_a |g_a|_1) / (m (m - 1))    mean over a of <mean of the others,
///   sign(g_a)>:
///           unbiased, tends to 0 in pure noise.
///
/// Units:  those of a gradient's l1 norm. Memory: 5 d bytes.
/// Source: Yang et al. 2020, equation (1) and the paragraph after Theorem 4.
/// Most micro-batches of one round: the sums of their signs are kept in bytes.
inline constexpr std::size_t kMicroBatchesMax = 127;

class SignStatistics {
 public:
  explicit SignStatistics(std::size_t dimension);

  /// Begins a new round.
  void clear();
  /// Adds a micro-batch gradient, [dimension]; at most kMicroBatchesMax of them.
  void add(std::span<const float> gradient);

  std::size_t micro_batches() const { return count_; }
  /// Mean of the micro-batch gradients, [dimension]; needs at least one. Ends the round: add() may
  /// not follow before clear(). What is below is known from then on, whatever is done to it.
  std::span<float> mean_gradient();
  /// All three need mean_gradient() to have been called; cross() needs two micro-batches.
  double local() const;
  double cross() const;
  /// Whether every entry of the mean gradient is finite.
  bool finite() const;

 private:
  std::vector<float> gradient_;     // sum, then mean
  std::vector<std::int8_t> signs_;  // T
  std::size_t count_ = 0;
  double l1_sum_ = 0;
  // Of the mean, once it is one:
  bool is_mean_ = false, finite_ = true;
  double dot_signs_ = 0;  // <mean, T>
};

}  // namespace signet
