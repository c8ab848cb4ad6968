#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/check.hpp"

namespace signet::test {

/// Frames in one file: before each its size in four bytes, little-endian.
inline Bytes packed(const std::vector<Bytes>& frames) {
  Bytes file;
  for (const Bytes& frame : frames) {
    const auto size = static_cast<std::uint32_t>(frame.size());
    const ByteView head = std::as_bytes(std::span(&size, 1));
    file.insert(file.end(), head.begin(), head.end());
    file.insert(file.end(), frame.begin(), frame.end());
  }
  return file;
}

inline std::vector<ByteView> unpacked(ByteView file) {
  std::vector<ByteView> frames;
  while (!file.empty()) {
    std::uint32_t size = 0;
    SIGNET_CHECK(file.size() >= sizeof size, "a golden file is whole");
    std::memcpy(&size, file.data(), sizeof size);
    SIGNET_CHECK(file.size() - sizeof size >= size, "a golden file is whole");
    frames.push_back(file.subspan(sizeof size, size));
    file = file.subspan(sizeof size + size);
  }
  return frames;
}

}  // namespace signet::test
