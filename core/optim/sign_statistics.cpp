#include "core/optim/sign_statistics.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/base/check.hpp"

namespace signet {

namespace {

// Floats are added in blocks so that a million small terms lose no digits, in a fixed order so that
// every build gives the same sum.
constexpr std::size_t kSumBlock = 256;

/// Calls before(begin, end) for each block, and then adds its terms up.
template <typename Term, typename Before>
double blocked_sum(std::size_t count, Term term, Before before) {
  double sum = 0;
  for (std::size_t at = 0; at < count; at += kSumBlock) {
    constexpr std::size_t kLanes = 8;
    float lanes[kLanes] = {};
    const std::size_t end = std::min(count, at + kSumBlock);
    before(at, end);
    for (std::size_t i = at; i + kLanes <= end; i += kLanes)
      for (std::size_t l = 0; l < kLanes; ++l) lanes[l] += term(i + l);
    for (std::size_t i = end - (end - at) % kLanes; i < end; ++i) lanes[0] += term(i);
    for (const float lane : lanes) sum += static_cast<double>(lane);
  }
  return sum;
}

template <typename Term>
double blocked_sum(std::size_t count, Term term) {
  return blocked_sum(count, term, [](std::size_t, std::size_t) {});
}

// Bits of a float: those of infinity, and above them, without the sign, of every NaN.
constexpr std::uint32_t kInfinity = 0x7f800000, kWithoutSign = 0x7fffffff;

/// Scales x, [count], and returns the largest of its values' bits without the sign.
std::uint32_t scale_block(float* x, float scale, std::size_t count) {
  std::uint32_t largest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    x[i] *= scale;
    largest = std::max(largest, std::bit_cast<std::uint32_t>(x[i]) & kWithoutSign);
  }
  return largest;
}

/// Adds g to sum and its signs to signs, [count]. The pointers are the caller's own: a store to a
/// byte could change whatever is not, and nothing would be computed side by side.
void add_block(const float* __restrict g, float* __restrict sum, std::int8_t* __restrict signs,
               std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    sum[i] += g[i];
    signs[i] = static_cast<std::int8_t>(signs[i] + (g[i] > 0.0F ? 1 : 0) - (g[i] < 0.0F ? 1 : 0));
  }
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
  SIGNET_CHECK(!is_mean_ && count_ < kMicroBatchesMax,
               "clear() begins a new round; signs are kept in a byte");
  ++count_;
  l1_sum_ += blocked_sum(
      gradient.size(), [gradient](std::size_t i) { return std::abs(gradient[i]); },
      [&](std::size_t at, std::size_t end) {
        add_block(&gradient[at], &gradient_[at], &signs_[at], end - at);
      });
}

std::span<float> SignStatistics::mean_gradient() {
  SIGNET_CHECK(count_ > 0, "a mean needs a gradient");
  if (is_mean_) return gradient_;
  const float scale = 1.0F / static_cast<float>(count_);
  std::uint32_t largest = 0;
  dot_signs_ = blocked_sum(
      gradient_.size(),
      [this](std::size_t i) { return gradient_[i] * static_cast<float>(signs_[i]); },
      [&](std::size_t at, std::size_t end) {
        largest = std::max(largest, scale_block(&gradient_[at], scale, end - at));
      });
  finite_ = largest < kInfinity;
  is_mean_ = true;
  return gradient_;
}

double SignStatistics::local() const {
  SIGNET_CHECK(is_mean_, "mean_gradient() comes first");
  return dot_signs_ / static_cast<double>(count_);
}

double SignStatistics::cross() const {
  SIGNET_CHECK(is_mean_ && count_ >= 2, "the cross statistic needs two micro-batches");
  const auto m = static_cast<double>(count_);
  return (m * dot_signs_ - l1_sum_) / (m * (m - 1));
}

bool SignStatistics::finite() const {
  SIGNET_CHECK(is_mean_, "mean_gradient() comes first");
  return finite_;
}

}  // namespace signet
