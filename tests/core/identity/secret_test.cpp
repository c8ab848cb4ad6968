#include "core/identity/secret.hpp"

#include <string>

#include "tests/support/catch.hpp"

namespace signet {

namespace {

std::string hex(ByteView bytes) {
  std::string text;
  for (const std::byte byte : bytes)
    for (const unsigned half :
         {std::to_integer<unsigned>(byte) >> 4U, std::to_integer<unsigned>(byte) & 15U})
      text += "0123456789abcdef"[half];
  return text;
}

}  // namespace

TEST_CASE("a secret's hash is BLAKE2b of 32 bytes", "[core][identity]") {
  // As `printf abc | b2sum -l 256` and `printf '' | b2sum -l 256` print it.
  CHECK(hex(hash_secret(view_bytes("abc"))) ==
        "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  CHECK(hex(hash_secret({})) == "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
}

TEST_CASE("a checksum tells every changed bit of a text", "[core][identity]") {
  const std::string text = "tcp://laptop.local:7300";
  const auto sum = checksum(view_bytes(text));
  for (std::size_t bit = 0; bit < 8 * text.size(); ++bit) {
    std::string changed = text;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    CHECK(checksum(view_bytes(changed)) != sum);
  }
}

TEST_CASE("a key is 40 characters of Z85", "[core][identity]") {
  // The server's test key of ZeroMQ's documentation (zmq_curve(7)).
  const std::string key = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";
  CHECK(is_key(key));
  CHECK_FALSE(is_key(""));
  CHECK_FALSE(is_key(key.substr(1)));
  CHECK_FALSE(is_key(key + "0"));
  for (const char c : {' ', '"', '\'', '\\', '~', '|', ',', ';', '_', '`', '\0', '\n', '\x80'})
    CHECK_FALSE(is_key(key.substr(1) + c));
  // Five characters are a number of 32 bits, which these are beyond.
  CHECK_FALSE(is_key(std::string(40, '#')));
  CHECK(is_key(std::string(35, '0') + "%nSc0"));
  CHECK_FALSE(is_key(std::string(35, '0') + "%nSc1"));
}

}  // namespace signet
