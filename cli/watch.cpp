#include "cli/watch.hpp"

#include <cstdio>
#include <iterator>
#include <memory>
#include <utility>

#include "cli/watch_tables.hpp"
#include "coordinator/config.hpp"
#include "coordinator/control/protocol.hpp"
#include "core/config/text.hpp"
#include "core/platform/control_client.hpp"
#include "core/platform/files.hpp"
#include "core/platform/log.hpp"

namespace signet {

namespace {

// Where the packaged service keeps its runs.
constexpr const char* kServiceFolder = "/var/lib/signet-coordinator";

ExitCode watch_failed(ExitCode code, const Error& error) {
  log_error_lines(error.message);
  return code;
}

Result<std::string> socket_of(const WatchCommand& command) {
  if (command.control_path) return *command.control_path;
  if (command.state_file) return control_path_of(*command.state_file);
  for (const std::string folder : {".", kServiceFolder}) {
    if (!exists(folder)) continue;
    auto found = names_in(folder, ".signet" + std::string(kControlSuffix));
    if (!found) return found.error();
    if (folder != ".")
      for (auto& name : *found) name = folder + "/" + name;
    if (!found->empty()) return only_socket(*found);
  }
  return only_socket({});
}

Result<std::string> ask(ControlClient& client, const std::string& question, Duration timeout) {
  const auto answer = client.ask(view_bytes(question), timeout);
  if (!answer) return answer.error();
  return to_text(*answer);
}

Result<std::string> ask_status(ControlClient& client, const WatchCommand& command) {
  const auto answer = ask(client, status_question(), command.timeout);
  if (!answer) return answer.error();
  const auto status = read_status(*answer);
  if (!status) return status.error();
  return command.json ? status_json(*status) : status_table(*status);
}

Result<std::string> ask_agents(ControlClient& client, const WatchCommand& command) {
  std::vector<AgentAnswer> agents;
  for (bool more = true; more;) {
    const std::string after = agents.empty() ? "" : agents.back().name;
    const auto answer = ask(client, agents_question(after), command.timeout);
    if (!answer) return answer.error();
    auto read = read_agents(*answer);
    if (!read) return read.error();
    std::move(read->agents.begin(), read->agents.end(), std::back_inserter(agents));
    more = read->more;
  }
  return command.json ? agents_json(agents) : agents_table(agents);
}

}  // namespace

Result<std::string> only_socket(const std::vector<std::string>& found) {
  if (found.size() == 1) return found.front();
  if (found.empty())
    return Error{ErrorKind::Missing,
                 "no coordinator has its control socket (*.signet.control) in this folder; go to "
                 "the folder of the run, or name its state file with --state FILE"};
  return Error{ErrorKind::Malformed,
               "several coordinators have their control sockets in this folder; choose one with "
               "--control: " +
                   config::join(found)};
}

ExitCode run_watch(const WatchCommand& command) {
  const auto path = socket_of(command);
  if (!path)
    return watch_failed(
        path.error().kind == ErrorKind::Malformed ? ExitCode::Usage : ExitCode::Network,
        path.error());
  const auto client = ControlClient::open(*path);
  if (!client) return watch_failed(ExitCode::Network, client.error());
  const auto text = command.ask == WatchCommand::Ask::Status ? ask_status(**client, command)
                                                             : ask_agents(**client, command);
  if (!text)
    return watch_failed(
        text.error().kind == ErrorKind::Unavailable ? ExitCode::Network : ExitCode::Other,
        text.error());
  std::fputs(text->c_str(), stdout);
  return ExitCode::Done;
}

}  // namespace signet
