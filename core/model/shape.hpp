#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace signet {

/// Sizes of one sample between two layers: {features} or {channels, height, width}.
using Shape = std::vector<std::size_t>;

/// Most elements that a sample, a weight matrix, a layer's scratch or the whole parameter vector
/// may have (1 GiB of floats). The same on 32-bit boards, so that a job fits all of them or none.
inline constexpr std::size_t kElementsMax = std::size_t{1} << 28;

/// "64x4x4", as errors show it.
std::string shape_text(const Shape& shape);

/// Product of the sizes, or none when it exceeds kElementsMax.
std::optional<std::size_t> count_elements(const Shape& shape);

/// Elements that are known to fit: of a shape that went through count_elements() before.
std::size_t elements_of(const Shape& shape);

}  // namespace signet
