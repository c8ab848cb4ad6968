#include "cli/watch.hpp"

#include <cstdio>
#include <iterator>
#include <memory>
#include <utility>

#include "cli/watch_tables.hpp"
#include "coordinator/control/protocol.hpp"
#include "core/platform/log.hpp"

namespace signet {

namespace {

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

ExitCode run_watch(const WatchCommand& command) {
  const auto client = connect_to(command);
  if (!client) return asking_failed(client.error());
  const auto text = command.ask == WatchCommand::Ask::Run ? ask_status(**client, command)
                                                          : ask_agents(**client, command);
  if (!text) {
    log_error_lines(text.error().message);
    return text.error().kind == ErrorKind::Unavailable ? ExitCode::Network : ExitCode::Other;
  }
  return show_answer(*text);
}

}  // namespace signet
