#include "core/data/dataset.hpp"

#include <algorithm>
#include <array>

#include "core/base/check.hpp"
#include "core/data/array.hpp"

namespace signet {
namespace {

/// Features handled together in gather(): their means and scales stay in the first-level cache,
/// and on the stack, so that a round allocates nothing.
constexpr std::size_t kGatherBlock = 256;

struct BlockScale {
  std::array<float, kGatherBlock> mean;
  std::array<float, kGatherBlock> scale;

  void load(const Normalisation& normalisation, std::size_t first, std::size_t count) {
    if (normalisation.mean.empty()) {
      mean.fill(0);
      scale.fill(1);
      return;
    }
    // One multiplication a value instead of one division: boards without vector division need it.
    const bool shared = normalisation.mean.size() == 1;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t entry = shared ? 0 : first + i;
      mean[i] = normalisation.mean[entry];
      scale[i] = 1.0F / normalisation.deviation[entry];
    }
  }
};

void normalise_block(const std::uint8_t* raw, std::size_t count, const BlockScale& block,
                     float* out) {
  for (std::size_t i = 0; i < count; ++i)
    out[i] = (static_cast<float>(raw[i]) - block.mean[i]) * block.scale[i];
}

void normalise_block(const float* raw, std::size_t count, const BlockScale& block, float* out) {
  for (std::size_t i = 0; i < count; ++i) {
    const float value = (raw[i] - block.mean[i]) * block.scale[i];
    out[i] = raw[i] == raw[i] ? value : 0.0F;  // NaN: missing, takes the mean
  }
}

template <typename T>
void gather_features(const std::vector<T>& raw, std::size_t features_count,
                     std::span<const std::size_t> indices, const Normalisation& normalisation,
                     std::vector<float>& out) {
  BlockScale block;
  for (std::size_t first = 0; first < features_count; first += kGatherBlock) {
    const std::size_t count = std::min(kGatherBlock, features_count - first);
    block.load(normalisation, first, count);
    for (std::size_t row = 0; row < indices.size(); ++row)
      normalise_block(raw.data() + indices[row] * features_count + first, count, block,
                      out.data() + row * features_count + first);
  }
}

/// Rows `indices` of [rows, width].
template <typename T>
void copy_rows(const std::vector<T>& from, std::size_t width, std::span<const std::size_t> indices,
               std::vector<T>& to) {
  to.resize(indices.size() * width);
  for (std::size_t row = 0; row < indices.size(); ++row)
    std::copy_n(from.data() + indices[row] * width, width, to.data() + row * width);
}

}  // namespace

Dataset::Dataset(std::vector<std::size_t> sample_shape,
                 std::variant<std::vector<std::uint8_t>, std::vector<float>> features,
                 std::vector<std::int32_t> labels, std::vector<float> targets)
    : sample_shape_(std::move(sample_shape)),
      features_count_(element_count(sample_shape_).value_or(0)),
      features_(std::move(features)),
      labels_(std::move(labels)),
      targets_(std::move(targets)) {
  SIGNET_CHECK(features_count_ > 0, "a sample needs at least one feature");
  const std::size_t values = std::visit([](const auto& raw) { return raw.size(); }, features_);
  SIGNET_CHECK(values % features_count_ == 0, "features end inside a sample");
  size_ = values / features_count_;
  SIGNET_CHECK(labels_.empty() || labels_.size() == size_, "one label a sample");
  SIGNET_CHECK(targets_.empty() || (size_ > 0 && targets_.size() % size_ == 0),
               "as many targets in every sample");
}

void Dataset::gather(std::span<const std::size_t> indices, const Normalisation& normalisation,
                     Batch& batch) const {
  const std::size_t entries = normalisation.mean.size();
  SIGNET_CHECK(normalisation.deviation.size() == entries, "a deviation for every mean");
  SIGNET_CHECK(entries == 0 || entries == 1 || entries == features_count_,
               "a normalisation made for other features");
  for (const std::size_t index : indices) SIGNET_CHECK(index < size_, "a sample that is not there");

  batch.size = indices.size();
  batch.features.resize(indices.size() * features_count_);
  std::visit(
      [&](const auto& raw) {
        gather_features(raw, features_count_, indices, normalisation, batch.features);
      },
      features_);
  copy_rows(labels_, labels_.empty() ? 0 : 1, indices, batch.labels);
  copy_rows(targets_, targets_count(), indices, batch.targets);
}

Dataset Dataset::shard(std::size_t first, std::size_t step) const {
  SIGNET_CHECK(first < step, "shards are numbered from 0 to step - 1");
  std::vector<std::size_t> indices;
  // Written so that no index passes size_: a large step must not wrap around.
  for (std::size_t i = first; i < size_;) {
    indices.push_back(i);
    if (step >= size_ - i) break;
    i += step;
  }
  return pick(indices);
}

Dataset Dataset::pick(std::span<const std::size_t> indices) const {
  for (const std::size_t index : indices) SIGNET_CHECK(index < size_, "a sample that is not there");
  return std::visit(
      [&](const auto& raw) {
        std::decay_t<decltype(raw)> features;
        std::vector<std::int32_t> labels;
        std::vector<float> targets;
        copy_rows(raw, features_count_, indices, features);
        copy_rows(labels_, labels_.empty() ? 0 : 1, indices, labels);
        copy_rows(targets_, targets_count(), indices, targets);
        return Dataset(sample_shape_, std::move(features), std::move(labels), std::move(targets));
      },
      features_);
}

}  // namespace signet
