#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

namespace signet {

static_assert(std::endian::native == std::endian::little,
              "sign vectors, digests and files are little-endian");

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

/// Views trivially copyable values as bytes.
template <typename T>
ByteView view_bytes(std::span<const T> values) {
  return std::as_bytes(values);
}
inline ByteView view_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}
inline Bytes to_bytes(ByteView view) {
  return Bytes(view.begin(), view.end());
}
inline std::string to_text(ByteView view) {
  return std::string(reinterpret_cast<const char*>(view.data()), view.size());
}

}  // namespace signet
