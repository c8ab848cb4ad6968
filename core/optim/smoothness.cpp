#include "core/optim/smoothness.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <variant>

namespace signet {

namespace {

// Measurements of the moving mean: with one in eight rounds about as long as the memory of the
// guarded rate.
constexpr double kMemory = 16;

}  // namespace

SmoothnessEstimate::SmoothnessEstimate(const Smoothness& told, std::size_t dimension)
    : secant_(std::holds_alternative<BySecant>(told)), told_(static_cast<double>(dimension)) {
  if (const double* number = std::get_if<double>(&told)) told_ = *number;
}

void SmoothnessEstimate::hear(std::optional<double> curvature) {
  if (!secant_ || !curvature) return;
  seen_ += 1;
  mean_ += (std::abs(*curvature) - mean_) / std::min(seen_, kMemory);
}

double SmoothnessEstimate::value() const {
  return mean_ > 0 ? told_ * mean_ : told_;
}

Bytes SmoothnessEstimate::state() const {
  if (!secant_) return {};
  const std::array saved{seen_, mean_};
  return to_bytes(std::as_bytes(std::span(saved)));
}

Status SmoothnessEstimate::restore(ByteView state) {
  std::array<double, 2> saved{};
  if (state.size() != (secant_ ? sizeof saved : 0))
    return Error{ErrorKind::Corrupt, "the saved estimate of the smoothness has the wrong size"};
  if (!secant_) return {};
  std::memcpy(saved.data(), state.data(), sizeof saved);
  seen_ = saved[0];
  mean_ = saved[1];
  return {};
}

}  // namespace signet
