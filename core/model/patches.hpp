#pragma once

#include <cstddef>

#include "core/model/window.hpp"

namespace signet {

/// Copies what each position of the window sees into a column of `patches`
/// ([patch_size, rows * out_width], row (channel, ky, kx)), for `rows` rows of positions from
/// `first_row` on: a convolution is then one matrix product ("im2col"; Chellapilla, Puri and
/// Simard, "High performance convolutional neural networks for document processing", 2006).
void gather_patches(const Window& window, const float* image, std::size_t first_row,
                    std::size_t rows, float* patches);

/// The adjoint: adds every value of `patches` to the place in `image` where it was taken from.
void scatter_patches(const Window& window, const float* patches, std::size_t first_row,
                     std::size_t rows, float* image);

}  // namespace signet
