#include "core/base/digest.hpp"

#include <cstdio>

#include <xxhash.h>

namespace signet {

std::uint64_t digest(ByteView bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::uint64_t digest(std::span<const float> parameters) {
  return digest(std::as_bytes(parameters));
}

std::string to_hex(std::uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

}  // namespace signet
