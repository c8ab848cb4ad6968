#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/base/result.hpp"
#include "core/data/batch.hpp"

namespace signet {

/// Count, mean and variance of each normalised quantity: what an agent tells of its data instead
/// of the data. One entry per feature ("feature"), or one for all features ("all").
struct DataSummary {
  std::uint64_t samples = 0;
  std::vector<double> mean;      ///< [entries], in raw units (bytes of IDX images count 0 to 255)
  std::vector<double> variance;  ///< [entries], population variance, raw units squared
  // Both are NaN for an entry without any value here: no samples, or missing from all of them.

  bool operator==(const DataSummary&) const = default;
};

/// Summary of the union of disjoint data sets (Chan, Golub and LeVeque's pairwise update, 1979).
/// The result depends on the order in the last bits: callers pass a fixed order.
/// An entry that is not finite in a part is left out of that entry's pool (NaN when in all parts).
/// A part weighs as many samples as it has, also where some of its values are missing.
/// Fails with Mismatch when the summaries have different numbers of entries, or all are empty.
Result<DataSummary> pool(std::span<const DataSummary> parts);

/// x -> (x - mean) / deviation. One entry serves all features; no entry leaves x unchanged.
struct Normalisation {
  std::vector<float> mean;
  std::vector<float> deviation;  ///< never 0: a constant feature gets 1

  bool operator==(const Normalisation&) const = default;
};
/// Deviation is the square root of the variance, or 1 where that is 0, not finite, or too small
/// or large for a float; a mean that is not finite becomes 0. All results are finite.
Normalisation normalisation_from(const DataSummary& pooled);

/// Samples that stay in memory on one machine. Bytes stay bytes (IDX images take a quarter of
/// their float size); missing values of a CSV are NaN until they are replaced by the mean.
class Dataset {
 public:
  /// Classification: `labels` has one class number per sample.
  /// Regression: `targets` is [samples, targets_count]. Reconstruction: both empty.
  /// Errors: a size that does not fit the others is a programmer's error and aborts.
  Dataset(std::vector<std::size_t> sample_shape,
          std::variant<std::vector<std::uint8_t>, std::vector<float>> features,
          std::vector<std::int32_t> labels, std::vector<float> targets);

  std::size_t size() const { return size_; }
  std::size_t features_count() const { return features_count_; }
  std::size_t targets_count() const { return size_ == 0 ? 0 : targets_.size() / size_; }
  /// Shape of one sample, for example {28, 28} or {64}.
  const std::vector<std::size_t>& sample_shape() const { return sample_shape_; }
  std::span<const std::int32_t> labels() const { return labels_; }

  /// `entries` is 1 (all features together), features_count() (each alone) or 0 (samples only).
  /// NaN features are left out of the mean and variance.
  DataSummary summarise(std::size_t entries) const;

  /// Copies samples `indices` into `batch`, normalised; a NaN feature becomes the mean (0).
  /// Allocates only when `batch` is smaller than it must be. Errors: an index outside the data, or
  /// a normalisation of another number of entries, is a programmer's error and aborts.
  void gather(std::span<const std::size_t> indices, const Normalisation& normalisation,
              Batch& batch) const;

  /// Samples first, first + step, first + 2 step ...: one of `step` equal shards, first < step.
  /// Of fewer samples than shards the last shards are empty (size 0).
  Dataset shard(std::size_t first, std::size_t step) const;
  /// A copy of samples `indices`, in that order; none is fine, and one may occur again. Errors: an
  /// index outside the data is a programmer's error and aborts.
  Dataset pick(std::span<const std::size_t> indices) const;

 private:
  std::vector<std::size_t> sample_shape_;
  std::size_t features_count_ = 0, size_ = 0;
  std::variant<std::vector<std::uint8_t>, std::vector<float>> features_;
  std::vector<std::int32_t> labels_;
  std::vector<float> targets_;
};

}  // namespace signet
