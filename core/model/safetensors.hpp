#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/model/network.hpp"

namespace signet {

/// Writes parameters in the safetensors format (huggingface.co/docs/safetensors), which every
/// common framework reads: u64 little-endian length of the header, a JSON header with dtype F32,
/// shape and data_offsets of each block and the texts in "__metadata__", padded with spaces to a
/// multiple of 8 bytes, then the floats, little-endian, in the order of `blocks`.
///
/// Errors: `parameters` that are not as many as the blocks say are a programmer's error and abort.
///         Metadata that is no UTF-8 is written with U+FFFD in place of the bad bytes.
Bytes to_safetensors(const std::vector<ParameterBlock>& blocks, std::span<const float> parameters,
                     const std::vector<std::pair<std::string, std::string>>& metadata);

/// Reads parameters for `blocks` from a safetensors file, whatever order its tensors have.
///
/// Fails with Malformed (no safetensors file: too short, a header longer than the file, no JSON,
/// offsets outside the data, overlapping or with holes) or Mismatch (a tensor that is missing, not
/// of the model, or of another dtype or shape); names the tensor and both shapes.
Result<std::vector<float>> parameters_from_safetensors(ByteView file,
                                                       const std::vector<ParameterBlock>& blocks);

}  // namespace signet
