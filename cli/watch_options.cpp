#include "cli/watch_options.hpp"

#include <chrono>
#include <utility>

#include <CLI/CLI.hpp>

#include "core/config/command_line.hpp"

namespace signet {

namespace watch_options_detail {

constexpr double kTimeoutMin = 0.1, kTimeoutMax = 3600;  // seconds

void add_options(CLI::App& command, WatchCommand& into, std::optional<std::string>& timeout) {
  command.add_option("--state", into.state_file, "The run's state file")->type_name("FILE");
  command
      .add_option("--control", into.control_path,
                  "The coordinator's control socket; default: that of --state, else the only "
                  "*.signet.control in the working folder, else the service's")
      ->type_name("PATH");
  command.add_flag("--json", into.json, "Answer as JSON, for programs");
  command.add_option("--timeout-s", timeout, "Wait so many seconds for an answer; default: 5")
      ->type_name("S");
  command.set_version_flag("--version", "signet " SIGNET_VERSION);
}

void check_timeout(const std::optional<std::string>& text, WatchCommand& command,
                   std::string& message) {
  std::optional<double> seconds;
  parse_number("--timeout-s", text, seconds, message);
  if (!seconds) return;
  if (!(*seconds >= kTimeoutMin && *seconds <= kTimeoutMax))
    return append_line(message, "--timeout-s: is " + *text + "; must be 0.1 to 3600 seconds");
  command.timeout = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*seconds));
}

}  // namespace watch_options_detail

struct WatchOptions::Raw {
  WatchCommand command;
  std::optional<std::string> timeout;
  const CLI::App* status = nullptr;
  const CLI::App* agents = nullptr;
};

WatchOptions::WatchOptions(CLI::App& app) : raw_(std::make_unique<Raw>()) {
  auto* status = app.add_subcommand("status", "Ask a running coordinator how its run stands.");
  auto* agents = app.add_subcommand("agents", "Ask a running coordinator about its agents.");
  for (auto* command : {status, agents})
    watch_options_detail::add_options(*command, raw_->command, raw_->timeout);
  raw_->status = status;
  raw_->agents = agents;
}

WatchOptions::~WatchOptions() = default;

bool WatchOptions::asked() const {
  return raw_->status->parsed() || raw_->agents->parsed();
}

std::variant<WatchCommand, ExitNow> WatchOptions::command() const {
  WatchCommand command = raw_->command;
  command.ask = raw_->agents->parsed() ? WatchCommand::Ask::Agents : WatchCommand::Ask::Status;
  std::string message;
  watch_options_detail::check_timeout(raw_->timeout, command, message);
  if (command.state_file && command.control_path)
    append_line(message, "--state and --control: give one of them");
  if (!message.empty()) return usage_error("signet", message);
  return command;
}

}  // namespace signet
