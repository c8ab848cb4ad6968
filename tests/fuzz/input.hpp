#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/random.hpp"

namespace signet::test {

inline constexpr RunId kFuzzRun{7};
inline constexpr std::size_t kFuzzDimension = 21;  // of small_job()'s model

/// Takes an input apart from its beginning; what is missing at its end is zero.
class FuzzInput {
 public:
  explicit FuzzInput(ByteView bytes) : left_(bytes) {}

  bool empty() const { return left_.empty(); }
  template <typename Number>
  Number number() {
    Number value{};
    const std::size_t size = std::min(sizeof value, left_.size());
    if (size > 0) std::memcpy(&value, left_.data(), size);
    left_ = left_.subspan(size);
    return value;
  }
  std::uint8_t byte() { return number<std::uint8_t>(); }
  bool flag() { return (byte() & 1U) != 0; }
  ByteView take(std::size_t size) {
    const ByteView taken = left_.first(std::min(size, left_.size()));
    left_ = left_.subspan(taken.size());
    return taken;
  }

 private:
  ByteView left_;
};

/// An input that is written by hand.
class FuzzScript {
 public:
  FuzzScript& add(std::initializer_list<std::uint8_t> bytes) {
    for (const std::uint8_t byte : bytes) bytes_.push_back(std::byte{byte});
    return *this;
  }
  FuzzScript& add_zeros(std::size_t count) {
    bytes_.resize(bytes_.size() + count);
    return *this;
  }
  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

/// Frames as one input: before each its size in two bytes.
inline Bytes pack_frames(const std::vector<Bytes>& frames) {
  Bytes packed;
  for (const Bytes& frame : frames) {
    const auto size = static_cast<std::uint16_t>(frame.size());
    const ByteView head = std::as_bytes(std::span(&size, 1));
    packed.insert(packed.end(), head.begin(), head.end());
    packed.insert(packed.end(), frame.begin(), frame.end());
  }
  return packed;
}

inline std::vector<ByteView> unpack_frames(ByteView packed) {
  FuzzInput input(packed);
  std::vector<ByteView> frames;
  while (!input.empty()) {
    const auto size = input.number<std::uint16_t>();
    frames.push_back(input.take(size));
  }
  return frames;
}

inline Bytes bytes_of(std::string_view text) {
  return to_bytes(view_bytes(text));
}

/// Inputs that are as good as any other.
inline std::vector<Bytes> random_inputs(std::size_t count, std::size_t longest) {
  Rng rng(1);
  std::vector<Bytes> inputs(count);
  for (Bytes& input : inputs) {
    input.resize(static_cast<std::size_t>(rng.below(longest)));
    for (std::byte& b : input) b = static_cast<std::byte>(rng.below(256));
  }
  return inputs;
}

}  // namespace signet::test
