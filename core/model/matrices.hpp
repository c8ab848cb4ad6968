#pragma once

// Private to this room: keeps Eigen out of the public headers.

#include <algorithm>
#include <cstddef>
#include <span>

#include <Eigen/Core>

#include "core/base/check.hpp"

namespace signet {

using RowMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using RowsView = Eigen::Map<const RowMatrix>;
using RowsMap = Eigen::Map<RowMatrix>;
/// Rows that lie further apart than they are long: some columns of a wider matrix.
using ColumnsView = Eigen::Map<const RowMatrix, Eigen::Unaligned, Eigen::OuterStride<>>;
using ColumnsMap = Eigen::Map<RowMatrix, Eigen::Unaligned, Eigen::OuterStride<>>;

constexpr Eigen::Index to_index(std::size_t n) {
  return static_cast<Eigen::Index>(n);
}

inline RowsView view_rows(std::span<const float> values, std::size_t rows, std::size_t columns) {
  SIGNET_CHECK(values.size() == rows * columns, "a matrix has rows * columns values");
  return {values.data(), to_index(rows), to_index(columns)};
}
inline RowsMap map_rows(std::span<float> values, std::size_t rows, std::size_t columns) {
  SIGNET_CHECK(values.size() == rows * columns, "a matrix has rows * columns values");
  return {values.data(), to_index(rows), to_index(columns)};
}

/// Sum in an order that depends on the count alone (eight running sums, then those): Eigen's sum()
/// starts at an aligned address, so its last bits depend on where the values lie.
inline float sum_in_order(const float* values, std::size_t count) {
  float lanes[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    for (std::size_t lane = 0; lane < 8; ++lane) lanes[lane] += values[i + lane];
  }
  for (; i < count; ++i) lanes[i % 8] += values[i];
  float sum = 0;
  for (const float lane : lanes) sum += lane;
  return sum;
}

/// Applies an Eigen array function to every element, always in whole aligned blocks: Eigen's
/// scalar and vector versions of exp and tanh differ in the last bits, and which one an element
/// meets would depend on where it lies. NaN stays NaN, whatever the vector version makes of it.
/// `input` and `output` may be the same memory.
template <typename Function>
void apply_in_blocks(std::span<const float> input, std::span<float> output, Function function) {
  constexpr std::size_t kBlock = 64;
  Eigen::Array<float, kBlock, 1> x = Eigen::Array<float, kBlock, 1>::Zero(), y;
  for (std::size_t first = 0; first < input.size(); first += kBlock) {
    const std::size_t count = std::min(kBlock, input.size() - first);
    std::copy_n(input.data() + first, count, x.data());
    y = function(x);
    for (std::size_t i = 0; i < kBlock; ++i)
      y.data()[i] = x.data()[i] == x.data()[i] ? y.data()[i] : x.data()[i];
    std::copy_n(y.data(), count, output.data() + first);
  }
}

}  // namespace signet
