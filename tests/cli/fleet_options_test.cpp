#include <string>
#include <vector>

#include "cli/options.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace fleet_options_test {

using Words = std::vector<std::string>;

FleetCommand command_of(const Words& words) {
  const auto parsed = parse_signet_options(words);
  if (const auto* exit = std::get_if<ExitNow>(&parsed)) FAIL(exit->text);
  REQUIRE(std::holds_alternative<FleetCommand>(parsed));
  return std::get<FleetCommand>(parsed);
}

void check_usage(const Words& words, const std::string& part) {
  const auto parsed = parse_signet_options(words);
  REQUIRE(std::holds_alternative<ExitNow>(parsed));
  INFO(std::get<ExitNow>(parsed).text);
  CHECK(std::get<ExitNow>(parsed).code == ExitCode::Usage);
  CHECK(std::get<ExitNow>(parsed).text.find(part) != std::string::npos);
}

TEST_CASE("signet token asks for a token, a list, or an end of one", "[cli]") {
  const auto plain = std::get<MakeToken>(command_of({"token"}).order);
  CHECK(plain.name.empty());
  CHECK(plain.addresses.empty());
  const auto made = std::get<MakeToken>(
      command_of({"token", "--name", "ada", "--address", "tcp://h:1", "--address", "tcp://i:2"})
          .order);
  CHECK(made.name == "ada");
  CHECK(made.addresses == Words{"tcp://h:1", "tcp://i:2"});
  CHECK(std::holds_alternative<ListTokens>(command_of({"token", "--list"}).order));
  CHECK(std::get<WithdrawToken>(command_of({"token", "--revoke", "3"}).order).number == 3);
  CHECK(std::get<WithdrawToken>(command_of({"token", "--revoke", "all"}).order).number == 0);
  check_usage({"token", "--revoke", "0"}, "1 or more");
  check_usage({"token", "--revoke", "x"}, "--revoke");
  check_usage({"token", "--revoke", "3", "--list"}, "do not go together");
  check_usage({"token", "--list", "--name", "ada"}, "do not go together");
}

TEST_CASE("signet revoke and rename take names", "[cli]") {
  CHECK(std::get<RevokeAgent>(command_of({"revoke", "ada"}).order).name == "ada");
  const auto renamed = std::get<RenameAgent>(command_of({"rename", "ada", "bob"}).order);
  CHECK(renamed.name == "ada");
  CHECK(renamed.to == "bob");
  check_usage({"revoke"}, "name");
  check_usage({"rename", "ada"}, "to");
}

TEST_CASE("fleet commands ask as signet status does", "[cli]") {
  const auto command =
      command_of({"revoke", "ada", "--state", "s", "--json", "--timeout-s", "0.5"});
  CHECK(command.asked.state_file == "s");
  CHECK(command.asked.json);
  CHECK(command.asked.timeout == std::chrono::milliseconds(500));
  check_usage({"revoke", "ada", "--timeout-s", "0"}, "--timeout-s");
  check_usage({"rename", "a", "b", "--state", "s", "--control", "c"}, "give one of them");
}

}  // namespace fleet_options_test
}  // namespace signet
