#include "core/data/batch.hpp"

#include "core/base/check.hpp"

namespace signet {

BatchView BatchView::slice(std::size_t first, std::size_t count) const {
  SIGNET_CHECK(first <= size && count <= size - first, "a slice outside its batch");
  BatchView part;
  part.size = count;
  if (count == 0) return part;
  const std::size_t features_count = features.size() / size;
  const std::size_t targets_count = targets.size() / size;
  part.features = features.subspan(first * features_count, count * features_count);
  if (!labels.empty()) part.labels = labels.subspan(first, count);
  part.targets = targets.subspan(first * targets_count, count * targets_count);
  return part;
}

}  // namespace signet
