#include "fleet/baselines/ordered_vectors.hpp"

#include <algorithm>

namespace signet {

namespace {

// Vectors made before they are taken: a few for each thread, so that none waits long for the last.
constexpr std::size_t kSlotsPerThread = 4;
constexpr std::size_t kBlock = 16384;  // coordinates taken together: half of a first-level cache

}  // namespace

OrderedVectors::OrderedVectors(Pool& pool, std::size_t dimension)
    : pool_(pool), dimension_(dimension), slots_(kSlotsPerThread * pool.threads()) {}

void OrderedVectors::run(std::size_t items, const Make& make, const Take& take) {
  const std::size_t blocks = (dimension_ + kBlock - 1) / kBlock;
  for (std::size_t from = 0; from < items; from += slots_.size()) {
    const std::size_t count = std::min(slots_.size(), items - from);
    pool_.run(count, [&](std::size_t i, std::size_t worker) {
      slots_[i].resize(dimension_);
      make(from + i, worker, slots_[i]);
    });
    pool_.run(blocks, [&](std::size_t block, std::size_t /*worker*/) {
      const std::size_t first = block * kBlock, size = std::min(kBlock, dimension_ - first);
      for (std::size_t i = 0; i < count; ++i)
        take(from + i, first, std::span<const float>(slots_[i]).subspan(first, size));
    });
  }
}

}  // namespace signet
