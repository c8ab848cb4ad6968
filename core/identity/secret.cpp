#include "core/identity/secret.hpp"

#include <algorithm>

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

bool is_key(std::string_view text) {
  constexpr std::string_view kZ85 =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
  return text.size() == 40 &&
         std::ranges::all_of(text, [&](char c) { return kZ85.find(c) != std::string_view::npos; });
}

}  // namespace signet
