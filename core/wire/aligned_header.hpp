#pragma once

// Inside this room: headers of every family, from bytes nobody has checked yet and back to bytes.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <flatbuffers/flatbuffers.h>

#include "core/base/bytes.hpp"

namespace signet {

inline Bytes finish_frame(flatbuffers::FlatBufferBuilder& builder) {
  return to_bytes(std::as_bytes(std::span(builder.GetBufferPointer(), builder.GetSize())));
}

/// A header in aligned memory: a received frame may lie at any address, and a FlatBuffer read in
/// place there is a bus error on 32-bit ARM.
class AlignedHeader {
 public:
  explicit AlignedHeader(ByteView frame) : size_(frame.size()), words_(frame.size() / 8 + 1) {
    std::ranges::copy(frame, std::as_writable_bytes(std::span(words_)).begin());
  }
  /// The family's root, or null when the verifier refuses the bytes.
  template <typename Root>
  const Root* open(const char* identifier) const {
    const auto* data = reinterpret_cast<const std::uint8_t*>(words_.data());
    flatbuffers::Verifier verifier(data, size_, /*max_depth=*/8, /*max_tables=*/64);
    return verifier.VerifyBuffer<Root>(identifier) ? flatbuffers::GetRoot<Root>(data) : nullptr;
  }
  bool is(const char* identifier) const {
    return size_ >= 8 && flatbuffers::BufferHasIdentifier(words_.data(), identifier);
  }

 private:
  std::size_t size_;
  std::vector<std::uint64_t> words_;
};

}  // namespace signet
