#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/check.hpp"
#include "core/base/random.hpp"
#include "core/data/dataset.hpp"
#include "core/data/source.hpp"

namespace signet::test {

/// Values and labels of Gaussian blobs of deviation 1, [samples, features] and [samples].
///
/// The centres are the corners of a grid that has at least `classes` corners; neighbours are 6
/// apart over all features together, so that a linear model separates nearly all samples. Means lie
/// away from 0, so that normalisation matters. Every class has equally many samples (within one),
/// in shuffled order.
struct Blobs {
  std::vector<float> values;
  std::vector<std::int32_t> labels;
};
inline Blobs draw_blobs(std::size_t samples, std::size_t features, std::size_t classes,
                        std::uint64_t seed) {
  SIGNET_CHECK(features > 0 && classes > 0, "blobs need features and classes");
  // A class number is written in as many digits as there are features, at most, each below `base`.
  std::size_t base = 2, digits = 1, corners = base;
  for (; corners < classes; corners *= base)
    if (++digits > features) {
      ++base;
      digits = 1;
      corners = 1;
    }
  const std::size_t repeats = features / digits;  // features that show the same digit
  const float apart = 6.0F / std::sqrt(static_cast<float>(repeats));

  Rng rng(mix(seed, hash_text("blobs")));
  std::vector<float> offset(features);
  for (float& o : offset) o = 1.0F + 4.0F * rng.uniform();
  Blobs blobs;
  for (std::size_t i = 0; i < samples; ++i)
    blobs.labels.push_back(static_cast<std::int32_t>(i % classes));
  for (std::size_t left = samples; left > 1; --left)
    std::swap(blobs.labels[left - 1], blobs.labels[static_cast<std::size_t>(rng.below(left))]);
  for (const std::int32_t label : blobs.labels) {
    std::vector<float> digit;
    for (auto rest = static_cast<std::size_t>(label); digit.size() < digits; rest /= base)
      digit.push_back(static_cast<float>(rest % base));
    for (std::size_t f = 0; f < features; ++f)
      blobs.values.push_back(offset[f] + apart * digit[f % digits] +
                             static_cast<float>(rng.normal()));
  }
  return blobs;
}

/// Blobs as a data set of floats of shape {features}.
inline Dataset make_blobs(std::size_t samples, std::size_t features, std::size_t classes,
                          std::uint64_t seed) {
  Blobs blobs = draw_blobs(samples, features, classes, seed);
  return Dataset({features}, std::move(blobs.values), std::move(blobs.labels), {});
}

/// An IDX file of unsigned bytes: `shape` is {samples, height, width} for images (magic 2051).
inline Bytes make_idx(std::span<const std::size_t> shape, std::span<const std::uint8_t> values) {
  Bytes file = {std::byte{0}, std::byte{0}, std::byte{8}, static_cast<std::byte>(shape.size())};
  for (const std::size_t n : shape)
    for (const unsigned shift : {24U, 16U, 8U, 0U})
      file.push_back(static_cast<std::byte>(static_cast<std::uint32_t>(n) >> shift & 0xffU));
  for (const std::uint8_t value : values) file.push_back(std::byte{value});
  return file;
}
inline Bytes make_idx_images(std::size_t samples, std::size_t height, std::size_t width,
                             std::span<const std::uint8_t> pixels) {
  SIGNET_CHECK(pixels.size() == samples * height * width, "as many pixels as the shape says");
  return make_idx(std::vector<std::size_t>{samples, height, width}, pixels);
}
inline Bytes make_idx_labels(std::span<const std::uint8_t> labels) {
  return make_idx(std::vector<std::size_t>{labels.size()}, labels);
}

/// Name and bytes of every file of a folder.
using Folder = std::map<std::string, Bytes>;

/// The four files of an IDX data set of `side` x `side` images, whose pixels are blobs: train and
/// test are of the same classes, and a linear model learns them.
inline Folder make_idx_set(std::size_t train, std::size_t test, std::size_t side,
                           std::size_t classes, std::uint64_t seed) {
  const std::size_t width = side * side;
  const Blobs blobs = draw_blobs(train + test, width, classes, seed);
  std::vector<std::uint8_t> pixels, labels;
  for (const float value : blobs.values)
    pixels.push_back(static_cast<std::uint8_t>(std::clamp(64.0F + 8.0F * value, 0.0F, 255.0F)));
  for (const std::int32_t label : blobs.labels) labels.push_back(static_cast<std::uint8_t>(label));
  const std::span p(pixels), l(labels);
  return {{"train-images-idx3-ubyte", make_idx_images(train, side, side, p.first(train * width))},
          {"train-labels-idx1-ubyte", make_idx_labels(l.first(train))},
          {"t10k-images-idx3-ubyte", make_idx_images(test, side, side, p.subspan(train * width))},
          {"t10k-labels-idx1-ubyte", make_idx_labels(l.subspan(train))}};
}

/// Reads files of `folder` as if it lay at `path`; any other file is Missing.
inline ReadFile read_from(Folder folder, const std::string& path) {
  return [folder = std::move(folder), prefix = path + "/"](const std::string& file) {
    const auto found =
        file.starts_with(prefix) ? folder.find(file.substr(prefix.size())) : folder.end();
    return found != folder.end()
               ? Result<Bytes>(found->second)
               : Result<Bytes>(Error{ErrorKind::Missing, file + ": no such file"});
  };
}

}  // namespace signet::test
