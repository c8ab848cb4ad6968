#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "core/base/bytes.hpp"

namespace signet {

/// 64-bit XXH3 of bytes (libxxhash): tells replicas apart. It is no defence against an attacker
/// who may choose the bytes.
std::uint64_t digest(ByteView bytes);

/// Digest of a replica: over the little-endian float32 parameters in order.
std::uint64_t digest(std::span<const float> parameters);

/// 16 lower-case hexadecimal digits.
std::string to_hex(std::uint64_t value);

}  // namespace signet
