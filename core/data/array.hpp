#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace signet {

/// What a file of samples holds: shape is [samples, ...], values follow it row by row. Bytes stay
/// bytes, every other type becomes float.
struct FeatureArray {
  std::vector<std::size_t> shape;
  std::variant<std::vector<std::uint8_t>, std::vector<float>> values;
};

/// Reads a number of either byte order at any address: boards fault on unaligned loads.
template <typename T>
T load_number(const std::byte* at, bool big_endian) {
  std::array<std::byte, sizeof(T)> raw;
  std::memcpy(raw.data(), at, sizeof(T));
  if (big_endian) std::reverse(raw.begin(), raw.end());
  return std::bit_cast<T>(raw);
}

/// Product of the dimensions, or nothing when it does not fit a size_t (32 bits on small boards).
std::optional<std::size_t> element_count(std::span<const std::size_t> shape);

/// "28x28", for messages.
std::string shape_text(std::span<const std::size_t> shape);

/// A value from a file as a message may show it: quoted, cut after 40 bytes, control bytes as '?'.
std::string quoted_text(std::string_view text);

/// Checks that a file is as long as its header says, before memory is taken for its values.
/// Fails with Malformed, naming both lengths.
Status check_file_size(const std::string& file, std::size_t there, std::size_t header_bytes,
                       std::span<const std::size_t> shape, std::size_t element_bytes);

/// Shape of one sample of an array [samples, ...] that fits `input` (empty: anything fits). They
/// fit when they have equally many values and, without dimensions of 1, are equal or one is flat.
/// Fails with Mismatch: no samples, no features, or a shape that does not fit.
Result<std::vector<std::size_t>> sample_shape_for(const std::string& file,
                                                  std::span<const std::size_t> shape,
                                                  std::span<const std::size_t> input);

/// Fails with Malformed at the first value that is infinite or (unless it may be missing) NaN,
/// naming its sample and place in the sample; `width` is the number of values of a sample.
Status check_finite(const std::string& file, std::span<const float> values, std::size_t width,
                    bool may_be_missing);

/// Labels as the data set keeps them. Fails with Mismatch at the first outside 0 to classes - 1,
/// naming its index, its value and the range.
Result<std::vector<std::int32_t>> labels_within(const std::string& file,
                                                std::span<const std::int64_t> labels,
                                                std::size_t classes);

/// The largest label that `classes` classes allow and a 32-bit label can hold. classes > 0.
std::int64_t largest_label(std::size_t classes);

}  // namespace signet
