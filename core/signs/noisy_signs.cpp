#include "core/signs/noisy_signs.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/check.hpp"
#include "core/base/random.hpp"

namespace signet {

namespace {

constexpr std::uint64_t kNoiseStream = 0x6e6f697365;  // not the one of the zeros' coins
constexpr std::size_t kBlock = 4096;

/// Mean of |p|: floats in blocks, so that a million small terms lose no digits.
double mean_absolute(std::span<const float> p) {
  double sum = 0;
  for (std::size_t at = 0; at < p.size(); at += kBlock) {
    float part = 0;
    for (const float value : p.subspan(at, std::min(kBlock, p.size() - at)))
      part += std::abs(value);
    sum += double{part};
  }
  return p.empty() ? 0 : sum / static_cast<double>(p.size());
}

/// p += width * u, u uniform in [-1, 1]: two coordinates from one hash.
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
