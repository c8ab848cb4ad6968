#pragma once

#include <cstddef>
#include <span>

#include "core/base/random.hpp"

namespace signet::paper {

/// A function to be made small whose gradient is known exactly: what the paper's claims are
/// checked on (Yang, Zhang, Fang, Liu, 2020).
class Problem {
 public:
  explicit Problem(std::size_t dimension) : dimension_(dimension) {}
  virtual ~Problem() = default;

  std::size_t dimension() const { return dimension_; }
  /// f(x); x is [dimension].
  virtual double loss(std::span<const float> x) const = 0;
  /// Overwrites `gradient`, [dimension], with the gradient of f at x.
  virtual void gradient(std::span<const float> x, std::span<float> gradient) const = 0;

 private:
  std::size_t dimension_;
};

/// f(x) = x'x / 2, the synthetic problem of section III. Along a step of equal length in each
/// coordinate its curvature is d, so inequality (2) is an equality with L = d.
class Quadratic final : public Problem {
 public:
  using Problem::Problem;
  double loss(std::span<const float> x) const override;
  void gradient(std::span<const float> x, std::span<float> gradient) const override;
};

/// f(x) = sum_i x_i^2 / (1 + x_i^2): not convex beyond 1/sqrt(3), bounded, smooth; its one
/// stationary point is 0.
class Dip final : public Problem {
 public:
  using Problem::Problem;
  double loss(std::span<const float> x) const override;
  void gradient(std::span<const float> x, std::span<float> gradient) const override;
};

/// What a stochastic gradient adds to the gradient: independent, of mean 0, and symmetric, as
/// Assumptions 2 and 4 ask.
struct Noise {
  enum class Shape {
    None,
    Normal,   ///< of deviation `width`
    Uniform,  ///< from -width to width
  };
  Shape shape = Shape::None;
  double width = 0;
  std::size_t coordinates = 0;  ///< it falls on so many of the first ones

  void add_to(std::span<float> gradient, Rng& rng) const;
};

}  // namespace signet::paper
