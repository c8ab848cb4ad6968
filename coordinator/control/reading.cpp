// The asker's side: what a coordinator answered, which may be anything.
#include "coordinator/control/envelope.hpp"
#include "coordinator/control/fields.hpp"
#include "coordinator/control/json_fields.hpp"
#include "coordinator/control/protocol.hpp"

namespace signet {

namespace {

Status read_agent(const Json& json, AgentAnswer& agent) {
  if (!json.is_object()) return no_answer("an agent is not a JSON object");
  FieldReader reader{json, ""};
  each_agent_field(agent, reader);
  if (!reader.wrong.empty()) return no_answer("\"" + reader.wrong + "\" is missing or wrong");
  return {};
}

}  // namespace

Result<StatusAnswer> read_status(std::string_view answer) {
  const auto json = open_answer(answer);
  if (!json) return json.error();
  StatusAnswer status;
  FieldReader reader{*json, ""};
  each_status_field(status, reader);
  if (!reader.wrong.empty()) return no_answer("\"" + reader.wrong + "\" is missing or wrong");
  return status;
}

Result<AgentsAnswer> read_agents(std::string_view answer) {
  const auto json = open_answer(answer);
  if (!json) return json.error();
  AgentsAnswer result;
  FieldReader reader{*json, ""};
  reader("more", result.more);
  const auto agents = json->find("agents");
  if (!reader.wrong.empty() || agents == json->end() || !agents->is_array())
    return no_answer("\"agents\" or \"more\" is missing or wrong");
  for (const Json& one : *agents)
    if (auto read = read_agent(one, result.agents.emplace_back()); !read) return read.error();
  // Who asks for more asks for those after the last.
  if (result.more && result.agents.empty()) return no_answer("more agents than it tells");
  return result;
}

}  // namespace signet
