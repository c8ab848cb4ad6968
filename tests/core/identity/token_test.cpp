#include "core/identity/token.hpp"

#include "core/base/random.hpp"
#include "core/identity/secret.hpp"
#include "tests/support/catch.hpp"

namespace signet {

namespace {

constexpr const char* kServerKey = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";

JoinToken some_token(std::vector<std::string> addresses = {"tcp://192.168.1.10:7300"}) {
  JoinToken token{std::move(addresses), 7302, kServerKey, Bytes(kSecretBytes)};
  Rng rng(5);
  for (auto& byte : token.secret) byte = static_cast<std::byte>(rng.below(256));
  return token;
}

std::string why_not(const std::string& text) {
  const auto parsed = parse_token(text);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().kind == ErrorKind::Malformed);
  return parsed.error().message;
}

}  // namespace

TEST_CASE("a token's text tells all that the token holds", "[core][identity]") {
  std::vector<std::string> addresses;
  for (std::size_t count = 1; count <= kTokenAddressesMax; ++count) {
    const std::string start = "tcp://" + std::string(count, 'h');
    addresses.push_back(start + std::string(count == 8 ? kTokenAddressMax - start.size() : 0, 'x'));
    const JoinToken token = some_token(addresses);
    const auto back = parse_token(to_text(token));
    REQUIRE(back);
    CHECK(*back == token);
  }
}

TEST_CASE("a token's text is letters and digits", "[core][identity]") {
  const std::string text = to_text(some_token());
  CHECK(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string::npos);
  CHECK(text.starts_with("signet1"));
  CHECK(text.size() < 160);
}

TEST_CASE("a token survives what copying does to it", "[core][identity]") {
  const JoinToken token = some_token();
  const std::string text = to_text(token);
  std::string broken = "  ", loud;
  for (std::size_t i = 0; i < text.size(); ++i) {
    broken += text[i];
    if (i % 20 == 19) broken += " \r\n\t";
    loud += static_cast<char>(text[i] >= 'a' && text[i] <= 'z' ? text[i] - 'a' + 'A' : text[i]);
  }
  for (const auto& copied : {broken, loud, text + "\n"}) {
    const auto back = parse_token(copied);
    REQUIRE(back);
    CHECK(*back == token);
  }
}

TEST_CASE("a token with any character wrong, missing or too many is refused", "[core][identity]") {
  const std::string text = to_text(some_token());
  for (std::size_t i = 0; i < text.size(); ++i) {
    INFO(i);
    std::string wrong = text;
    wrong[i] = wrong[i] == 'a' ? 'b' : 'a';
    CHECK_FALSE(parse_token(wrong));
    CHECK_FALSE(parse_token(text.substr(0, i)));
    std::string longer = text;
    longer.insert(i, 1, 'a');
    CHECK_FALSE(parse_token(longer));
  }
}

TEST_CASE("what is no token is told what is wrong with it", "[core][identity]") {
  const std::string text = to_text(some_token());
  CHECK(why_not("").find("begins with signet1") != std::string::npos);
  CHECK(why_not("hello").find("begins with signet1") != std::string::npos);
  CHECK(why_not("signet2" + text.substr(7)).find("another version") != std::string::npos);
  CHECK(why_not(text.substr(0, 40)).find("copy all of it again") != std::string::npos);
  CHECK(why_not("signet1").find("copy all of it again") != std::string::npos);
  CHECK(why_not("signet1!!!!").find("copy all of it again") != std::string::npos);
}

TEST_CASE("no bytes break the reading of a token", "[core][identity]") {
  Rng rng(9);
  for (int i = 0; i < 20'000; ++i) {
    std::string text = "signet1";
    const std::size_t size = rng.below(300);
    for (std::size_t j = 0; j < size; ++j)
      text += "abcdefghijklmnopqrstuvwxyz234567"[rng.below(32)];
    CHECK_FALSE(parse_token(text));
  }
}

}  // namespace signet
