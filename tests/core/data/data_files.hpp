#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include <zlib.h>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "tests/support/catch.hpp"

namespace signet::test {

inline Bytes text_bytes(std::string_view text) {
  return to_bytes(view_bytes(text));
}

/// `bytes` as one gzip member, written by zlib.
inline Bytes gzip_bytes(ByteView bytes) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  Bytes packed(deflateBound(&stream, static_cast<uLong>(bytes.size())) + 64);
  Bytes input = to_bytes(bytes);
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  const auto written = ByteView(packed).first(stream.total_out);
  deflateEnd(&stream);
  return to_bytes(written);
}

/// A .npy file of version `major` with this header text and data.
inline Bytes npy_bytes(std::string_view header, ByteView data, int major = 1) {
  std::string text(header);
  const std::size_t start = major == 1 ? 10 : 12;
  while ((start + text.size() + 1) % 64 != 0) text += ' ';  // as NumPy aligns it
  text += '\n';
  std::string file = "\x93NUMPY";
  file += static_cast<char>(major);
  file += '\0';
  for (std::size_t i = 0; i < start - 8; ++i)
    file += static_cast<char>(text.size() >> (8 * i) & 0xffU);
  Bytes bytes = text_bytes(file + text);
  bytes.insert(bytes.end(), data.begin(), data.end());
  return bytes;
}

/// The values of `T` as a .npy file of this type and shape, for example "<f4" and "(2, 3)".
template <typename T>
Bytes npy_of(const std::string& type, const std::string& shape, std::initializer_list<T> values) {
  return npy_bytes("{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }",
                   std::as_bytes(std::span(values.begin(), values.size())));
}

/// Checks that `result` failed with this kind and that its message names all these parts.
template <typename T>
void check_fails(const Result<T>& result, ErrorKind kind,
                 std::initializer_list<std::string_view> parts) {
  REQUIRE_FALSE(result);
  INFO("message: " << result.error().message);
  CHECK(std::string(to_string(result.error().kind)) == to_string(kind));
  for (const std::string_view part : parts) {
    INFO("expected part: " << part);
    CHECK(result.error().message.find(part) != std::string::npos);
  }
}

}  // namespace signet::test
