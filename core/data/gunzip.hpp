#pragma once

#include <cstddef>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace signet {

/// Most bytes that a compressed file may expand to: a small file can hold a thousandfold, and a
/// board must not die of it. Larger data are kept expanded, which has no limit.
inline constexpr std::size_t kExpandedMax = std::size_t{1} << 30;

/// Do these bytes start as a gzip file does (RFC 1952)?
bool is_gzip(ByteView bytes);

/// Expands a gzip file (RFC 1952), all of its members one after the other; zero bytes may follow,
/// as tapes and block copies leave them. `file` only names it in errors.
///
/// Fails with Malformed (not gzip, truncated, or its checksum differs), Mismatch (more than
/// `expanded_max` bytes) or Full (no memory for the decoder).
Result<Bytes> gunzip(ByteView compressed, const std::string& file,
                     std::size_t expanded_max = kExpandedMax);

}  // namespace signet
