#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/kernels/kernels.hpp"
#include "core/signs/zero_rule.hpp"

namespace signet {

/// Bytes that carry `dimension` signs on the wire and on disk.
constexpr std::size_t sign_bytes(std::size_t dimension) {
  return (dimension + 7) / 8;
}
constexpr std::size_t sign_words(std::size_t dimension) {
  return (dimension + 63) / 64;
}

/// d signs in d bits: bit i of byte i/8 is coordinate i, set for +1. Padding bits are always 0, so
/// that equal vectors have equal words.
class SignVector {
 public:
  SignVector() = default;
  explicit SignVector(std::size_t dimension)
      : dimension_(dimension), words_(sign_words(dimension), 0) {}

  /// Reads packed signs at any address; bits past `dimension` are ignored: a sender may put
  /// anything there. Fails with Mismatch when `bytes` is not sign_bytes(dimension) long.
  static Result<SignVector> from_bytes(ByteView bytes, std::size_t dimension);
  /// The same into existing memory; dimension() stays.
  Status assign(ByteView bytes);

  std::size_t dimension() const { return dimension_; }
  bool empty() const { return dimension_ == 0; }
  /// +1 at coordinate i?
  bool positive(std::size_t i) const { return ((words_[i / 64] >> (i % 64)) & 1U) != 0; }
  void set(std::size_t i, bool is_positive);

  std::span<Word> words() { return words_; }
  std::span<const Word> words() const { return words_; }
  /// The packed form that travels.
  ByteView bytes() const { return std::as_bytes(std::span(words_)).first(sign_bytes(dimension_)); }
  /// True when no bit is set.
  bool none() const;
  /// Clears the padding after words() was written to.
  void mask_padding();

  bool operator==(const SignVector&) const = default;

 private:
  std::size_t dimension_ = 0;
  std::vector<Word> words_;
};

/// Signs of a gradient or momentum, and which coordinates have none.
struct PackedSigns {
  SignVector signs;
  SignVector
      abstained;  ///< ZeroRule::Abstain and zeros exist: set where no vote is cast; else empty
  std::vector<Word> zeros;  ///< scratch of the functions below, kept between calls
};

/// sign(x), Algorithm 1 line 3, with the zero rule of the job (NaN is treated as zero: callers
/// abstain from a round whose gradient is not finite). Random zeros are bits of
/// mix(coin, word index): a pure function of the arguments.
void pack(std::span<const float> x, ZeroRule rule, std::uint64_t coin, PackedSigns& into);

/// momentum = beta momentum + (1 - beta) gradient, elementwise in float32 (two products, one sum:
/// Signum), and pack(momentum), in one pass. Sizes must agree (programmer's error).
void pack_momentum(std::span<float> momentum, std::span<const float> gradient, float beta,
                   ZeroRule rule, std::uint64_t coin, PackedSigns& into);

/// error += gradient, pack(error), then error -= scale * sign(error), where sign(0) = 0, in one
/// pass: what the signs could not say stays for later rounds (EF-signSGD, arXiv:1901.09847).
/// `scale` is positive; sizes must agree (programmer's error).
void pack_error_feedback(std::span<float> error, std::span<const float> gradient, float scale,
                         ZeroRule rule, std::uint64_t coin, PackedSigns& into);

/// x -= eta * v: one IEEE-754 subtraction per coordinate; coordinates set in `ties` stay (ties may
/// be empty: none). Sizes must agree (programmer's error).
void apply_step(std::span<float> x, float eta, const SignVector& signs, const SignVector& ties);

/// The same; returns digest(x) (core/base/digest.hpp) of the result, taken in the same pass.
std::uint64_t apply_step_digest(std::span<float> x, float eta, const SignVector& signs,
                                const SignVector& ties);

}  // namespace signet
