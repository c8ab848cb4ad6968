// A token's bytes: enrolment port (2), server key (40), secret (16), count of addresses (1), each
// as its length (1) and text, checksum of all before (4). As text: "signet1", for version 1, and
// the bytes in base 32 (RFC 4648, section 6, in small letters, without padding).
#include "core/identity/token.hpp"

#include <algorithm>

#include "core/base/check.hpp"
#include "core/identity/secret.hpp"

namespace signet {

namespace {

constexpr std::string_view kPrefix = "signet", kVersion = "1";
constexpr std::string_view kDigits = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::size_t kKeyBytes = 40, kSumBytes = 4;

std::string base32(ByteView bytes) {
  std::string text;
  unsigned held = 0, bits = 0;
  for (const std::byte byte : bytes) {
    held = held << 8U | std::to_integer<unsigned>(byte);
    for (bits += 8; bits >= 5; bits -= 5) text += kDigits[held >> (bits - 5) & 31U];
    held &= (1U << bits) - 1;
  }
  if (bits > 0) text += kDigits[held << (5 - bits) & 31U];
  return text;
}

/// Nothing where a character is no digit.
std::optional<Bytes> from_base32(std::string_view text) {
  Bytes bytes;
  unsigned held = 0, bits = 0;
  for (const char c : text) {
    const auto digit = kDigits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    held = held << 5U | static_cast<unsigned>(digit);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<std::byte>(held >> bits));
    held &= (1U << bits) - 1;
  }
  // What fills the last digit up is zero: one text for each token.
  if (bits >= 5 || held != 0) return std::nullopt;
  return bytes;
}

void append_number(Bytes& bytes, std::uint32_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i)
    bytes.push_back(static_cast<std::byte>(value >> (8 * i) & 0xffU));
}

/// Takes parts off the front of bytes that may end at any place.
class Parts {
 public:
  explicit Parts(ByteView bytes) : rest_(bytes) {}

  ByteView take(std::size_t size) {
    whole_ = whole_ && size <= rest_.size();
    if (!whole_) return {};
    const ByteView part = rest_.first(size);
    rest_ = rest_.subspan(size);
    return part;
  }
  std::uint32_t number(std::size_t size) {
    std::uint32_t value = 0;
    const ByteView part = take(size);
    for (std::size_t i = 0; i < part.size(); ++i)
      value |= std::to_integer<std::uint32_t>(part[i]) << (8 * i);
    return value;
  }
  /// Nothing was missing, and nothing is left.
  bool whole() const { return whole_ && rest_.empty(); }

 private:
  ByteView rest_;
  bool whole_ = true;
};

Error bad_token(const std::string& what) {
  return {ErrorKind::Malformed, "the join token " + what};
}

/// Without what copying may have put in.
std::string tidied(std::string_view text) {
  std::string tidy;
  for (const char c : text.substr(0, kTokenTextMax)) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    tidy += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return tidy;
}

bool is_address(std::string_view text) {
  return text.starts_with("tcp://") &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

Result<JoinToken> read_content(ByteView content) {
  Parts parts(content);
  JoinToken token;
  token.enrolment_port = static_cast<std::uint16_t>(parts.number(2));
  token.server_key = to_text(parts.take(kKeyBytes));
  token.secret = to_bytes(parts.take(kSecretBytes));
  const std::uint32_t count = parts.number(1);
  for (std::uint32_t i = 0; i < std::min<std::uint32_t>(count, kTokenAddressesMax); ++i)
    token.addresses.push_back(to_text(parts.take(parts.number(1))));
  const bool right = parts.whole() && token.enrolment_port != 0 && is_key(token.server_key) &&
                     count == token.addresses.size() && count > 0 &&
                     std::ranges::all_of(token.addresses, is_address);
  // Its checksum is right: it was made so.
  if (!right) return bad_token("was not made by `signet token`");
  return token;
}

}  // namespace

std::string to_text(const JoinToken& token) {
  SIGNET_CHECK(is_key(token.server_key) && token.secret.size() == kSecretBytes &&
                   !token.addresses.empty() && token.addresses.size() <= kTokenAddressesMax,
               "a token has a key, a secret, and 1 to 8 addresses");
  Bytes bytes;
  const auto append = [&bytes](ByteView more) {
    bytes.insert(bytes.end(), more.begin(), more.end());
  };
  append_number(bytes, token.enrolment_port, 2);
  append(view_bytes(std::string_view(token.server_key)));
  append(token.secret);
  append_number(bytes, static_cast<std::uint32_t>(token.addresses.size()), 1);
  for (const std::string& address : token.addresses) {
    SIGNET_CHECK(address.size() <= kTokenAddressMax, "an address fits into a token");
    append_number(bytes, static_cast<std::uint32_t>(address.size()), 1);
    append(view_bytes(std::string_view(address)));
  }
  append_number(bytes, checksum(bytes), kSumBytes);
  return std::string(kPrefix) + std::string(kVersion) + base32(bytes);
}

Result<JoinToken> parse_token(std::string_view text) {
  const std::string tidy = tidied(text);
  if (!tidy.starts_with(kPrefix) || tidy.size() <= kPrefix.size())
    return bad_token("is none: it begins with signet1, as `signet token` prints it");
  std::string_view rest = std::string_view(tidy).substr(kPrefix.size());
  if (!rest.starts_with(kVersion))
    return bad_token("is of another version than this program reads; use programs of one release");
  const auto bytes = from_base32(rest.substr(kVersion.size()));
  const std::string damaged = "is damaged: a part is missing or wrong; copy all of it again";
  if (!bytes || bytes->size() < kSumBytes) return bad_token(damaged);
  const ByteView content = ByteView(*bytes).first(bytes->size() - kSumBytes);
  if (Parts(ByteView(*bytes).last(kSumBytes)).number(kSumBytes) != checksum(content))
    return bad_token(damaged);
  return read_content(content);
}

}  // namespace signet
