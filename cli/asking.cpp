#include "cli/asking.hpp"

#include <chrono>

#include <CLI/CLI.hpp>

#include "coordinator/config.hpp"
#include "core/config/command_line.hpp"
#include "core/config/text.hpp"
#include "core/platform/files.hpp"
#include "core/platform/log.hpp"

namespace signet {

namespace {

constexpr double kTimeoutMin = 0.1, kTimeoutMax = 3600;  // seconds
// Where the packaged service keeps its runs.
constexpr const char* kServiceFolder = "/var/lib/signet-coordinator";

Result<std::string> socket_of(const Asked& asked) {
  if (asked.control_path) return *asked.control_path;
  if (asked.state_file) return control_path_of(*asked.state_file);
  for (const std::string folder : {".", kServiceFolder}) {
    if (!exists(folder)) continue;
    auto found = names_in(folder, ".signet" + std::string(kControlSuffix));
    if (!found) return found.error();
    if (folder != ".")
      for (auto& name : *found) name.insert(0, folder + "/");
    if (!found->empty()) return only_socket(*found);
  }
  return only_socket({});
}

}  // namespace

void add_asking_options(CLI::App& command, Asked& into, std::optional<std::string>& timeout) {
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

void check_asking_options(const std::optional<std::string>& timeout, Asked& into,
                          std::string& message) {
  if (into.state_file && into.control_path)
    append_line(message, "--state and --control: give one of them");
  std::optional<double> seconds;
  parse_number("--timeout-s", timeout, seconds, message);
  if (!seconds) return;
  if (!(*seconds >= kTimeoutMin && *seconds <= kTimeoutMax))
    return append_line(message, "--timeout-s: is " + *timeout + "; must be 0.1 to 3600 seconds");
  into.timeout = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*seconds));
}

Result<std::string> only_socket(const std::vector<std::string>& found) {
  if (found.size() == 1) return found.front();
  if (found.empty())
    return Error{ErrorKind::Missing,
                 "no coordinator has its control socket (*.signet.control) in this folder or in " +
                     std::string(kServiceFolder) +
                     "; go to the folder of the run, or name its state file with --state FILE"};
  return Error{ErrorKind::Malformed,
               "several coordinators have their control sockets in one folder; choose one with "
               "--control: " +
                   config::join(found)};
}

Result<std::unique_ptr<ControlClient>> connect_to(const Asked& asked) {
  const auto path = socket_of(asked);
  if (!path) return path.error();
  auto client = ControlClient::open(*path);
  // What is Malformed of a given path is no question of whom to ask.
  if (!client && client.error().kind == ErrorKind::Malformed)
    return Error{ErrorKind::Missing, client.error().message};
  return client;
}

Result<std::string> ask(ControlClient& client, const std::string& question, Duration timeout) {
  const auto answer = client.ask(view_bytes(question), timeout);
  if (!answer) return answer.error();
  return to_text(*answer);
}

ExitCode asking_failed(const Error& error) {
  log_error_lines(error.message);
  return error.kind == ErrorKind::Malformed ? ExitCode::Usage : ExitCode::Network;
}

ExitCode show_answer(const std::string& text) {
  return print_out(text) ? ExitCode::Done : ExitCode::Other;
}

}  // namespace signet
