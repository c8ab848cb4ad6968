#include "core/model/patches.hpp"

#include <cstring>

namespace signet {
namespace {

template <std::size_t Count>
void copy_block(const float* from, float* to) {
  std::memcpy(to, from, Count * sizeof(float));
}

/// Copies a short run in whole vectors; the last one overlaps its neighbour. Runs are so short
/// (often 8 floats) that a call of memcpy would cost more than the copy.
void copy_run(const float* from, float* to, std::size_t count) {
  if (count >= 8) {
    std::size_t i = 0;
    for (; i + 8 <= count; i += 8) copy_block<8>(from + i, to + i);
    if (i < count) copy_block<8>(from + count - 8, to + count - 8);
  } else if (count >= 4) {
    copy_block<4>(from, to);
    copy_block<4>(from + count - 4, to + count - 4);
  } else {
    for (std::size_t i = 0; i < count; ++i) to[i] = from[i];
  }
}

void add_run(const float* __restrict from, float* __restrict to, std::size_t count) {
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    for (std::size_t lane = 0; lane < 8; ++lane) to[i + lane] += from[i + lane];
  }
  for (; i < count; ++i) to[i] += from[i];
}

}  // namespace

void gather_patches(const Window& window, const float* image, std::size_t first_row,
                    std::size_t rows, float* patches) {
  const std::size_t stride = window.stride, width = window.width, run = window.out_width;
  for (std::size_t channel = 0; channel < window.channels; ++channel) {
    const float* plane = image + channel * window.height * width;
    for (std::size_t ky = 0; ky < window.kernel; ++ky) {
      for (std::size_t kx = 0; kx < window.kernel; ++kx) {
        const float* from = plane + (first_row * stride + ky) * width + kx;
        for (std::size_t row = 0; row < rows; ++row, from += stride * width, patches += run) {
          if (stride == 1) {
            copy_run(from, patches, run);
          } else {
            for (std::size_t x = 0; x < run; ++x) patches[x] = from[x * stride];
          }
        }
      }
    }
  }
}

void scatter_patches(const Window& window, const float* patches, std::size_t first_row,
                     std::size_t rows, float* image) {
  const std::size_t stride = window.stride, width = window.width, run = window.out_width;
  for (std::size_t channel = 0; channel < window.channels; ++channel) {
    float* plane = image + channel * window.height * width;
    // kx outside ky: neighbouring kx write places that overlap by all but one value, and a load
    // that overlaps a store still under way has to wait for it.
    for (std::size_t kx = 0; kx < window.kernel; ++kx) {
      for (std::size_t ky = 0; ky < window.kernel; ++ky) {
        const std::size_t patch_row = (channel * window.kernel + ky) * window.kernel + kx;
        const float* from = patches + patch_row * rows * run;
        float* to = plane + (first_row * stride + ky) * width + kx;
        for (std::size_t row = 0; row < rows; ++row, from += run, to += stride * width) {
          if (stride == 1) {
            add_run(from, to, run);
          } else {
            for (std::size_t x = 0; x < run; ++x) to[x * stride] += from[x];
          }
        }
      }
    }
  }
}

}  // namespace signet
