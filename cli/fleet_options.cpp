#include "cli/fleet_options.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "core/config/command_line.hpp"

namespace signet {

struct FleetCommandOptions::Raw {
  Asked asked;
  std::optional<std::string> timeout;
  MakeToken make;
  RevokeAgent revoke;
  RenameAgent rename;
  bool list = false;
  std::optional<std::string> withdraw;
  const CLI::App* token_command = nullptr;
  const CLI::App* revoke_command = nullptr;
  const CLI::App* rename_command = nullptr;
};

FleetCommandOptions::FleetCommandOptions(CLI::App& app) : raw_(std::make_unique<Raw>()) {
  auto* token = app.add_subcommand(
      "token", "Have a running coordinator make a join token: good once, for one board.");
  token->add_option("--name", raw_->make.name, "Name that the board gets; default: its own choice")
      ->type_name("NAME");
  token
      ->add_option("--address", raw_->make.addresses,
                   "Where boards reach the coordinator: tcp://HOST:PORT; may be given several "
                   "times. Default: what it listens at")
      ->type_name("ADDR");
  token->add_flag("--list", raw_->list, "List the tokens that nobody has used");
  token->add_option("--revoke", raw_->withdraw, "Withdraw the token of this number, or all")
      ->type_name("NUMBER");
  auto* revoke =
      app.add_subcommand("revoke", "Cut an agent off: its key is good for nothing more.");
  revoke->add_option("name", raw_->revoke.name, "The agent's name")->required()->type_name("NAME");
  auto* rename = app.add_subcommand("rename", "Give an agent another name; its key stays.");
  rename->add_option("name", raw_->rename.name, "The agent's name")->required()->type_name("OLD");
  rename->add_option("to", raw_->rename.to, "Its new name")->required()->type_name("NEW");
  for (auto* command : {token, revoke, rename})
    add_asking_options(*command, raw_->asked, raw_->timeout);
  raw_->token_command = token;
  raw_->revoke_command = revoke;
  raw_->rename_command = rename;
}

FleetCommandOptions::~FleetCommandOptions() = default;

bool FleetCommandOptions::asked() const {
  return raw_->token_command->parsed() || raw_->revoke_command->parsed() ||
         raw_->rename_command->parsed();
}

std::variant<FleetCommand, ExitNow> FleetCommandOptions::command() const {
  FleetCommand command{raw_->asked, raw_->make};
  std::string message;
  check_asking_options(raw_->timeout, command.asked, message);
  if (raw_->revoke_command->parsed()) command.order = raw_->revoke;
  if (raw_->rename_command->parsed()) command.order = raw_->rename;
  const bool makes = !raw_->make.name.empty() || !raw_->make.addresses.empty();
  if ((raw_->list ? 1 : 0) + (raw_->withdraw ? 1 : 0) + (makes ? 1 : 0) > 1)
    append_line(message, "--list, --revoke, and --name or --address: do not go together");
  if (raw_->list) command.order = ListTokens{};
  if (raw_->withdraw) {
    std::optional<std::int64_t> number;
    if (*raw_->withdraw != "all") parse_integer("--revoke", raw_->withdraw, number, message);
    if (number && *number < 1) append_line(message, "--revoke: a token's number is 1 or more");
    command.order = WithdrawToken{static_cast<std::uint64_t>(number.value_or(0))};
  }
  if (!message.empty()) return usage_error("signet", message);
  return command;
}

}  // namespace signet
