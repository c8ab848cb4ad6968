#pragma once

#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/data/array.hpp"

namespace signet {

/// Reads an IDX file (the format of MNIST, http://yann.lecun.com/exdb/mnist): two zero bytes, the
/// type (0x08 unsigned byte, 0x0D float32), the rank, one big-endian 32-bit size for each
/// dimension, then the values, big-endian, row by row. `file` only names it in errors.
/// Fails with Malformed (not IDX, not as long as its header says) or Mismatch (another type).
Result<FeatureArray> parse_idx(ByteView bytes, const std::string& file);

/// Reads an IDX file of rank 1 and unsigned bytes: one label for each sample.
/// Fails as parse_idx() does, and with Mismatch for another rank or type.
Result<std::vector<std::int64_t>> parse_idx_labels(ByteView bytes, const std::string& file);

}  // namespace signet
