#include "core/optim/sign_statistics.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/check.hpp"

namespace signet {

namespace {

// Floats are added in blocks so that a million small terms lose no digits, in a fixed order so that
// every build gives the same sum.
constexpr std::size_t kSumBlock = 256;

template <typename Term>
double blocked_sum(std::size_t count, Term term) {
  double sum = 0;
  for (std::size_t at = 0; at < count; at += kSumBlock) {
    constexpr std::size_t kLanes = 8;
    float lanes[kLanes] = {};
    const std::size_t end = std::min(count, at + kSumBlock);
    for (std::size_t i = at; i + kLanes <= end; i += kLanes)
      for (std::size_t l = 0; l < kLanes; ++l) lanes[l] += term(i + l);
    for (std::size_t i = end - (end - at) % kLanes; i < end; ++i) lanes[0] += term(i);
    for (const float lane : lanes) sum += static_cast<double>(lane);
  }
  return sum;
}

}  // namespace

SignStatistics::SignStatistics(std::size_t dimension)
    : gradient_(dimension, 0.0F), signs_(dimension, 0) {}

void SignStatistics::clear() {
  std::ranges::fill(gradient_, 0.0F);
  std::ranges::fill(signs_, std::int8_t{0});
  count_ = 0;
  l1_sum_ = 0;
  is_mean_ = false;
}

void SignStatistics::add(std::span<const float> gradient) {
  SIGNET_CHECK(gradient.size() == gradient_.size(), "a gradient has the model's dimension");
  SIGNET_CHECK(!is_mean_ && count_ < 127, "clear() begins a new round; signs are kept in a byte");
  ++count_;
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    const float g = gradient[i];
    gradient_[i] += g;
    signs_[i] = static_cast<std::int8_t>(signs_[i] + (g > 0.0F ? 1 : 0) - (g < 0.0F ? 1 : 0));
  }
  l1_sum_ +=
      blocked_sum(gradient.size(), [gradient](std::size_t i) { return std::abs(gradient[i]); });
}

std::span<float> SignStatistics::mean_gradient() {
  SIGNET_CHECK(count_ > 0, "a mean needs a gradient");
  if (!is_mean_) {
    const float scale = 1.0F / static_cast<float>(count_);
    for (float& g : gradient_) g *= scale;
    is_mean_ = true;
  }
  return gradient_;
}

double SignStatistics::mean_dot_signs() const {
  SIGNET_CHECK(is_mean_, "mean_gradient() comes first");
  return blocked_sum(gradient_.size(), [this](std::size_t i) {
    return gradient_[i] * static_cast<float>(signs_[i]);
  });
}

double SignStatistics::local() const {
  return mean_dot_signs() / static_cast<double>(count_);
}

double SignStatistics::cross() const {
  SIGNET_CHECK(count_ >= 2, "the cross statistic needs two micro-batches");
  const auto m = static_cast<double>(count_);
  return (m * mean_dot_signs() - l1_sum_) / (m * (m - 1));
}

bool SignStatistics::finite() const {
  // A NaN or infinity survives a sum of zeros: x * 0 is 0 for every finite x and NaN otherwise.
  return std::isfinite(
      blocked_sum(gradient_.size(), [this](std::size_t i) { return gradient_[i] * 0.0F; }));
}

}  // namespace signet
