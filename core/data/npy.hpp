#pragma once

#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/data/array.hpp"

namespace signet {

/// NumPy's .npy files, versions 1 to 3 (numpy.lib.format), in C order, of either byte order:
/// bool (b1), integers (i1 to i8, u1 to u8) and floats (f4, f8). `file` only names it in errors.
///
/// All three fail with Malformed (not .npy, header not readable, not as long as the header says)
/// or Mismatch (another type, Fortran order).

/// Features: u1 stays bytes, everything else becomes float (rounded to the nearest; a double
/// beyond the range of a float becomes infinite).
Result<FeatureArray> parse_npy(ByteView bytes, const std::string& file);

/// Labels: integers or bool of shape [samples] or [samples, 1]; another shape is a Mismatch.
Result<std::vector<std::int64_t>> parse_npy_labels(ByteView bytes, const std::string& file);

/// Targets: as features, but always float.
struct TargetArray {
  std::vector<std::size_t> shape;
  std::vector<float> values;
};
Result<TargetArray> parse_npy_targets(ByteView bytes, const std::string& file);

}  // namespace signet
