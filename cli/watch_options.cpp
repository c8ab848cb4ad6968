#include "cli/watch_options.hpp"

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "core/config/command_line.hpp"

namespace signet {

struct WatchOptions::Raw {
  WatchCommand command;
  std::optional<std::string> timeout;
  const CLI::App* status = nullptr;
  const CLI::App* agents = nullptr;
};

WatchOptions::WatchOptions(CLI::App& app) : raw_(std::make_unique<Raw>()) {
  auto* status = app.add_subcommand("status", "Ask a running coordinator how its run stands.");
  auto* agents = app.add_subcommand("agents", "Ask a running coordinator about its agents.");
  for (auto* command : {status, agents}) add_asking_options(*command, raw_->command, raw_->timeout);
  raw_->status = status;
  raw_->agents = agents;
}

WatchOptions::~WatchOptions() = default;

bool WatchOptions::asked() const {
  return raw_->status->parsed() || raw_->agents->parsed();
}

std::variant<WatchCommand, ExitNow> WatchOptions::command() const {
  WatchCommand command = raw_->command;
  command.ask = raw_->agents->parsed() ? WatchCommand::Ask::Agents : WatchCommand::Ask::Run;
  std::string message;
  check_asking_options(raw_->timeout, command, message);
  if (!message.empty()) return usage_error("signet", message);
  return command;
}

}  // namespace signet
