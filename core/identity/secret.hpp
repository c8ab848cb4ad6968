#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

namespace signet {

/// Bytes of a join token's secret: 2^128 of them cannot be tried.
inline constexpr std::size_t kSecretBytes = 16;

/// What is kept of a secret: BLAKE2b of 32 bytes (RFC 7693), from which it cannot be computed.
using SecretHash = std::array<std::byte, 32>;
SecretHash hash_secret(ByteView secret);

/// Of any bytes, for finding out that some were mistyped.
std::uint32_t checksum(ByteView bytes);

/// Is this a public key of CURVE as text: 40 characters of Z85 (rfc.zeromq.org/spec/32)?
bool is_key(std::string_view text);

}  // namespace signet
