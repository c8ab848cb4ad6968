#include "agent/join/joined_config.hpp"

#include "core/identity/secret.hpp"
#include "tests/support/catch.hpp"

namespace signet {

namespace {

JoinToken two_addresses() {
  return {{"tcp://laptop.local:7300", "tcp://[fe80::1]:7300"},
          7302,
          "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7",
          Bytes(kSecretBytes)};
}

}  // namespace

TEST_CASE("a key pair lies beside its configuration", "[agent][join]") {
  CHECK(key_path_of("/etc/signet/agent.toml") == "/etc/signet/agent.key");
  CHECK(key_path_of("agent.toml") == "agent.key");
  CHECK(key_path_of("/etc/signet.d/agent") == "/etc/signet.d/agent.key");
  CHECK(key_path_of("board") == "board.key");
}

TEST_CASE("boards are enrolled at the coordinator's hosts, at a port of its own", "[agent][join]") {
  CHECK(enrolment_addresses(two_addresses()) ==
        std::vector<std::string>{"tcp://laptop.local:7302", "tcp://[fe80::1]:7302"});
}

TEST_CASE("joining keeps what the configuration says of the board, and sets the rest",
          "[agent][join]") {
  AgentConfig before;
  before.name = "old";
  before.data_path = "/srv/data";
  before.shard = "1/4";
  before.log_level = "debug";
  const auto after = joined_config(before, {}, two_addresses(), "/k");
  CHECK(after.name.empty());
  CHECK(after.coordinator == "tcp://laptop.local:7300,tcp://[fe80::1]:7300");
  CHECK(after.server_key == two_addresses().server_key);
  CHECK(after.key_file == "/k");
  CHECK(after.data_path == "/srv/data");
  CHECK(after.shard == "1/4");
  CHECK(after.log_level == "debug");
  JoinOptions options;
  options.data_path = "/other";
  CHECK(joined_config(before, options, two_addresses(), "/k").data_path == "/other");
  // As it is written, it is read.
  const auto read = parse_agent_config(agent_config_text(after), "agent.toml");
  REQUIRE(read);
  CHECK(*read == after);
  CHECK(check_encryption(*read));
}

TEST_CASE("a board asks to be called what its option says, or its configuration", "[agent][join]") {
  AgentConfig before;
  CHECK(wanted_name(before, {}).empty());
  before.name = "attic";
  CHECK(wanted_name(before, {}) == "attic");
  JoinOptions options;
  options.name = "cellar";
  CHECK(wanted_name(before, options) == "cellar");
}

TEST_CASE("a board joins once", "[agent][join]") {
  CHECK(check_not_joined({}, "agent.toml"));
  const auto again = check_not_joined(joined_config({}, {}, two_addresses(), "/k"), "agent.toml");
  REQUIRE_FALSE(again);
  CHECK(again.error().kind == ErrorKind::Denied);
  CHECK(again.error().message.find("delete this file and agent.key") != std::string::npos);
}

}  // namespace signet
