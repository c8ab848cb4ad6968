#include "core/signs/noisy_signs.hpp"

#include <cmath>

#include "core/base/blocked_sum.hpp"
#include "core/base/check.hpp"
#include "core/base/random.hpp"

namespace signet {

namespace {

constexpr std::uint64_t kNoiseStream = 0x6e6f697365;  // not the one of the zeros' coins

double mean_absolute(std::span<const float> p) {
  const double sum = blocked_sum<4096, 1>(p.size(), [p](std::size_t i) { return std::abs(p[i]); });
  return p.empty() ? 0 : sum / static_cast<double>(p.size());
}

/// p += width * u, u uniform in [-1, 1): two coordinates from one hash.
void add_noise(std::span<float> p, float width, std::uint64_t seed) {
  const auto uniform = [](std::uint32_t bits) {
    return static_cast<float>(static_cast<std::int32_t>(bits)) * 0x1p-31F;
  };
  for (std::size_t i = 0; i < p.size(); i += 2) {
    const std::uint64_t bits = mix(seed, i / 2);
    p[i] += width * uniform(static_cast<std::uint32_t>(bits));
    if (i + 1 < p.size()) p[i + 1] += width * uniform(static_cast<std::uint32_t>(bits >> 32));
  }
}

}  // namespace

NoisySigns::NoisySigns(std::size_t dimension, double noise, double feedback)
    : noise_(static_cast<float>(noise)),
      feedback_(static_cast<float>(feedback)),
      error_(feedback > 0 ? dimension : 0) {}

double NoisySigns::pack(std::span<float> v, ZeroRule rule, std::uint64_t coin, PackedSigns& into) {
  SIGNET_CHECK(error_.empty() || error_.size() == v.size(), "one dimension in all calls");
  for (std::size_t i = 0; i < error_.size(); ++i) {
    v[i] += feedback_ * error_[i];
    error_[i] = v[i];
  }
  const double scale = mean_absolute(v);
  if (noise_ > 0) add_noise(v, noise_ * static_cast<float>(scale), mix(coin, kNoiseStream));
  signet::pack(v, rule, coin, into);
  if (!error_.empty()) take_back(v, static_cast<float>(scale));
  return scale;
}

// From the error, which holds p, what was said of it; of zeros nothing is taken.
void NoisySigns::take_back(std::span<const float> said, float scale) {
  for (std::size_t i = 0; i < error_.size(); ++i)
    error_[i] -= said[i] == 0 ? 0.0F : std::copysign(scale, said[i]);
}

}  // namespace signet
