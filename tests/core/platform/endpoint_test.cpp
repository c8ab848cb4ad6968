#include "core/platform/endpoint.hpp"

#include <string>
#include <vector>

#include "tests/core/platform/words.hpp"
#include "tests/support/catch.hpp"

namespace signet {

TEST_CASE("an endpoint is taken apart and put together again", "[core][platform]") {
  for (const std::string text : {"tcp://127.0.0.1:7300", "tcp://laptop.local:1", "tcp://*:0",
                                 "tcp://[::1]:65535", "tcp://[fe80::1%eth0]:7300"}) {
    const auto endpoint = parse_endpoint(text);
    REQUIRE(endpoint);
    CHECK(endpoint->text() == text);
  }
  CHECK(parse_endpoint("tcp://[::1]:7300")->host == "[::1]");
  CHECK(parse_endpoint("tcp://host:7300")->port == 7300);
}

TEST_CASE("a malformed endpoint is refused with its text, the reason and an example",
          "[core][platform]") {
  struct Case {
    std::string text, reason;
  };
  const std::vector<Case> cases{
      {"", "does not begin with tcp://"},
      {"host:7300", "does not begin with tcp://"},
      {"udp://host:7300", "does not begin"},
      {"tcp://host", "no port"},
      {"tcp://[::1]", "no port"},
      {"tcp://:7300", "no host"},
      {"tcp://::1:7300", "wants brackets"},
      {"tcp://host:", "0 to 65535"},
      {"tcp://host:65536", "0 to 65535"},
      {"tcp://host:-1", "0 to 65535"},
      {"tcp://host:7300x", "0 to 65535"},
      {"tcp://no host:7300", "a character"},
      {"tcp://_pi:7300", "begins with a character"},
      {"tcp://-pi:7300", "begins with a character"},
  };
  for (const auto& [text, reason] : cases) {
    INFO(text);
    const auto endpoint = parse_endpoint(text);
    REQUIRE_FALSE(endpoint);
    CHECK(endpoint.error().kind == ErrorKind::Malformed);
    CHECK(test::words_missing(endpoint.error().message,
                              {"\"" + text + "\"", reason, "tcp://192.168.1.10:7300"}) == "");
  }
}

}  // namespace signet
