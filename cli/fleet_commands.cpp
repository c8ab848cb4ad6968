#include "cli/fleet_commands.hpp"

#include <cstdio>
#include <string>
#include <utility>

#include "core/config/text.hpp"
#include "core/platform/log.hpp"

namespace signet {

namespace {

using Shown = Result<std::string>;  // for stdout

/// The token alone goes to stdout, so that it can be handed on by a pipe.
Shown show(const MakeToken& order, const std::string& answer, bool json) {
  const auto made = read_new_token(answer);
  if (!made) return made.error();
  if (json) return new_token_json(*made);
  log_info("join token {} is good once{}, at {}; on the board: sudo signet-agent join TOKEN",
           made->number, order.name.empty() ? "" : ", for " + order.name,
           config::join(made->addresses));
  return made->token + "\n";
}

Shown show(const ListTokens& /*order*/, const std::string& answer, bool json) {
  const auto open = read_tokens(answer);
  if (!open) return open.error();
  if (json) return tokens_json(*open);
  std::string text;
  for (const TokenAnswer& token : *open)
    text += std::to_string(token.number) + (token.name.empty() ? "" : "  for " + token.name) + "\n";
  return text.empty() ? std::string("no open tokens\n") : text;
}

Shown done(const std::string& answer, std::string text, bool json) {
  if (auto read = read_done(answer); !read) return read.error();
  return json ? std::string("{}\n") : std::move(text);
}

Shown show(const WithdrawToken& order, const std::string& answer, bool json) {
  return done(answer,
              order.number == 0 ? "all open tokens are withdrawn\n"
                                : "token " + std::to_string(order.number) + " is withdrawn\n",
              json);
}

Shown show(const RevokeAgent& order, const std::string& answer, bool json) {
  return done(answer, "agent " + order.name + " is revoked\n", json);
}

Shown show(const RenameAgent& order, const std::string& answer, bool json) {
  return done(answer, "agent " + order.name + " is called " + order.to + " from now on\n", json);
}

}  // namespace

ExitCode run_fleet_command(const FleetCommand& command) {
  const auto client = connect_to(command.asked);
  if (!client) return asking_failed(client.error());
  const auto answer = ask(**client, order_text(command.order), command.asked.timeout);
  if (!answer) return asking_failed(answer.error());
  const auto text = std::visit(
      [&](const auto& order) { return show(order, *answer, command.asked.json); }, command.order);
  if (!text) {
    log_error_lines(text.error().message);
    return text.error().kind == ErrorKind::Denied ? ExitCode::Refused : ExitCode::Other;
  }
  return show_answer(*text);
}

}  // namespace signet
