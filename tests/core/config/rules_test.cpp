#include "core/config/rules.hpp"

#include <set>
#include <string>

#include "core/config/exit_code.hpp"
#include "tests/core/config/source_tree.hpp"
#include "tests/support/catch.hpp"

namespace signet::config {

TEST_CASE("is_name takes 1 to 64 characters that are safe in a path", "[core][config]") {
  CHECK(is_name("kitchen-pi_2.local"));
  CHECK(is_name(std::string(64, 'x')));
  for (const std::string& name : {std::string(), std::string(65, 'x'), std::string("a b"),
                                  std::string("a/b"), std::string("ä"), std::string("a\0b", 3)})
    CHECK_FALSE(is_name(name));
}

TEST_CASE("parse_address splits host and port and refuses everything else", "[core][config]") {
  CHECK(parse_address("tcp://127.0.0.1:7300") == Address{"127.0.0.1", 7300});
  CHECK(parse_address("tcp://my-host.local:1") == Address{"my-host.local", 1});
  CHECK(parse_address("tcp://[fe80::1%eth0]:65535") == Address{"[fe80::1%eth0]", 65535});
  CHECK(parse_address("tcp://*:0") == Address{"*", 0});
  for (const char* text :
       {"", "tcp://", "127.0.0.1:7300", "tcp://host", "tcp://host:", "tcp://:7300",
        "tcp://host:65536", "tcp://host:-1", "tcp://host: 1", "tcp://host:7300x", "tcp://ho st:1",
        "udp://host:1", "tcp://fe80::1:7300", "tcp://[]:1", "tcp://_pi:1", "tcp://-pi:1",
        "tcp://.pi:1", "tcp:7300", "tcp://host/x:1"}) {
    INFO(text);
    CHECK_FALSE(parse_address(text));
  }
}

TEST_CASE("an address to connect to needs a host and a port", "[core][config]") {
  CHECK(connect_rule().accepts("tcp://host:7300"));
  CHECK_FALSE(connect_rule().accepts("tcp://*:7300"));
  CHECK_FALSE(connect_rule().accepts("tcp://host:0"));
  CHECK(listen_rule().accepts("tcp://*:7300"));
  CHECK(listen_rule().accepts("tcp://127.0.0.1:0"));
  CHECK_FALSE(listen_rule().accepts(""));
  CHECK(optional_listen_rule().accepts(""));
}

TEST_CASE("several addresses stand in one text, with commas between", "[core][config]") {
  using Parts = std::vector<std::string_view>;
  CHECK(split_addresses("tcp://a:1") == Parts{"tcp://a:1"});
  CHECK(split_addresses(" tcp://a:1 ,tcp://b:2") == Parts{"tcp://a:1", "tcp://b:2"});
  CHECK(split_addresses("") == Parts{""});
  CHECK(split_addresses("a,") == Parts{"a", ""});
}

TEST_CASE("loopback is this machine's own address, and no name that looks like it",
          "[core][config]") {
  for (const char* own :
       {"tcp://127.0.0.1:1", "tcp://127.9.9.9:1", "tcp://localhost:1", "tcp://[::1]:1"})
    CHECK(is_loopback(own));
  for (const char* other :
       {"tcp://0.0.0.0:1", "tcp://*:1", "tcp://127.example:1", "tcp://128.0.0.1:1",
        "tcp://localhost.example:1", "tcp://[::]:1", "tcp://[::1%eth0]:1", ""})
    CHECK_FALSE(is_loopback(other));
}

TEST_CASE("exit codes are the documented numbers, each with its own name", "[core][config]") {
  std::set<std::string> names;
  int number = 0;
  for (const auto& row : exit_codes()) {
    CHECK(static_cast<int>(row.code) == number++);
    CHECK(std::string(to_string(row.code)) == row.name);
    names.insert(row.name);
  }
  CHECK(names.size() == 9);
  CHECK(test::documented("exit") == exit_code_markdown());
}

}  // namespace signet::config
