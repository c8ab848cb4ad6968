#include "core/identity/secret.hpp"

#include <limits>

#include <sodium.h>

#include "core/base/check.hpp"

namespace signet {

namespace {

template <std::size_t kSize>
std::array<std::byte, kSize> blake2b(ByteView bytes) {
  std::array<std::byte, kSize> hash{};
  const int failed = crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                                        reinterpret_cast<const unsigned char*>(bytes.data()),
                                        bytes.size(), nullptr, 0);
  SIGNET_CHECK(failed == 0, "BLAKE2b takes any bytes");
  return hash;
}

}  // namespace

SecretHash hash_secret(ByteView secret) {
  return blake2b<32>(secret);
}

std::uint32_t checksum(ByteView bytes) {
  const auto hash = blake2b<crypto_generichash_BYTES_MIN>(bytes);
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < 4; ++i) sum |= std::to_integer<std::uint32_t>(hash.at(i)) << (8 * i);
  return sum;
}

// Z85 (ZeroMQ RFC 32): five characters are a number to the base of 85, of 32 bits.
bool is_key(std::string_view text) {
  constexpr std::string_view kZ85 =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
  if (text.size() != 40) return false;
  std::uint64_t group = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = kZ85.find(text[i]);
    if (digit == std::string_view::npos) return false;
    group = (i % 5 == 0 ? 0 : group * 85) + digit;
    if (group > std::numeric_limits<std::uint32_t>::max()) return false;
  }
  return true;
}

}  // namespace signet
