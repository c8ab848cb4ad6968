#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace signet::paper {

/// Figure 1 of the paper: f = x'x / 2, noise of N(0, 100^2) on the first coordinate of each
/// sample's gradient, 256 samples per iteration; SGD, signSGD and MH-signSGD at the rate 0.05, and
/// MH-signSGD at the rate of equation (1) with L = d, with the noise and without. Beside them the
/// rate controller that jobs have by default.
struct Figure1 {
  std::vector<std::size_t> dimensions{100, 1000};
  std::size_t samples = 256;
  std::size_t trials = 10;
  std::uint64_t iterations = 10'000;
  double fixed_rate = 0.05;
  double noise = 100;  ///< deviation
  /// x_0 is drawn from N(0, 1) in each coordinate (the paper does not say); a trial's x_0 and noise
  /// are those of its number, so that all curves see the same.
  std::uint64_t seed = 1;
};

/// One method on one dimension; figures over the trials.
struct Curve {
  std::string method;  ///< sgd, signsgd, mh_signsgd, adaptive, adaptive_no_noise,
                       ///< default
  std::size_t dimension = 0;
  std::vector<std::uint64_t> at;              ///< iterations, evenly spaced on a logarithmic axis
  std::vector<double> mean, lowest, highest;  ///< loss there
  /// Mean over the trials and over the last tenth of the iterations, and its standard error. (At a
  /// single iteration ten trials leave an uncertainty of half the value.)
  double final_mean = 0, final_error = 0;
  double final_median = 0;  ///< over the trials, of the same mean over iterations
  double end_mean = 0;      ///< mean over the trials of the loss after the last iteration
};

/// `threads` at least 1; the result does not depend on it. `told` hears how many of how many runs
/// have ended, from any thread, one call at a time.
std::vector<Curve> draw_figure_1(const Figure1& figure, std::size_t threads,
                                 const std::function<void(std::size_t, std::size_t)>& told);

}  // namespace signet::paper
