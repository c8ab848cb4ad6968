#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace signet {

/// Mixes two words into one well-spread word (the splitmix64 finaliser of Steele, Lea and Flood,
/// "Fast splittable pseudorandom number generators", OOPSLA 2014, of the one plus a multiple of the
/// other). Pure integer arithmetic: equal on every machine.
constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  std::uint64_t z = a + 0x9e3779b97f4a7c15ULL * (b + 1);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

/// 64-bit FNV-1a of a text: a stable number for a name (an agent's random stream depends on its
/// name, so that the order in which agents join does not change a run).
constexpr std::uint64_t hash_text(std::string_view text) {
  std::uint64_t h = 0xcbf29ce484222325ULL;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return h;
}

/// Upper 64 bits of a * b, without a 128-bit type: 32-bit boards have none.
constexpr std::uint64_t multiply_high(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t a0 = a & 0xffffffffU, a1 = a >> 32, b0 = b & 0xffffffffU, b1 = b >> 32;
  const std::uint64_t m1 = a1 * b0, m2 = a0 * b1;
  const std::uint64_t carry = (((a0 * b0) >> 32) + (m1 & 0xffffffffU) + (m2 & 0xffffffffU)) >> 32;
  return a1 * b1 + (m1 >> 32) + (m2 >> 32) + carry;
}

/// A seeded stream of numbers, equal on every machine (splitmix64). Not for secrets.
class Rng {
 public:
  explicit constexpr Rng(std::uint64_t seed) : state_(seed) {}

  constexpr std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  /// Uniform in [0, bound); bound > 0. Bias is below bound / 2^64.
  constexpr std::uint64_t below(std::uint64_t bound) { return multiply_high(next(), bound); }
  /// Uniform in [0, 1): 24 random bits, exact in a float.
  constexpr float uniform() { return static_cast<float>(next() >> 40) * 0x1p-24F; }
  /// Standard normal (Box-Muller, cosine branch). Uses libm: may differ in the last bit between
  /// machines, so nothing that must be equal everywhere may depend on it.
  double normal();

 private:
  std::uint64_t state_;
};

}  // namespace signet
