// The asker's side: what a coordinator answered, which may be anything.
#include "coordinator/control/fields.hpp"
#include "coordinator/control/json_fields.hpp"
#include "coordinator/control/protocol.hpp"

namespace signet {

namespace {

Error no_answer(const std::string& why) {
  return {ErrorKind::Malformed, "what answered is no coordinator of Signet: " + why};
}

/// The content of an answer.
Result<Json> open_envelope(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return no_answer("not a JSON object");
  std::uint64_t version = 0;
  FieldReader reader{json, ""};
  reader("version", version);
  if (!reader.wrong.empty()) return no_answer("\"version\" is missing or wrong");
  const auto error = json.find("error");
  std::string why;
  if (error != json.end() && from_json_value(*error, why))
    return Error{ErrorKind::Denied, "the coordinator answers: " + why};
  if (version != kControlProtocol)
    return Error{ErrorKind::Mismatch, "the coordinator answers in version " +
                                          std::to_string(version) + ", this signet reads version " +
                                          std::to_string(kControlProtocol) +
                                          "; use the signet of the coordinator's release"};
  const auto answer = json.find("answer");
  if (answer == json.end() || !answer->is_object())
    return no_answer("\"answer\" is missing or wrong");
  return *answer;
}

Status read_agent(const Json& json, AgentAnswer& agent) {
  if (!json.is_object()) return no_answer("an agent is not a JSON object");
  FieldReader reader{json, ""};
  each_agent_field(agent, reader);
  if (!reader.wrong.empty()) return no_answer("\"" + reader.wrong + "\" is missing or wrong");
  return {};
}

}  // namespace

Result<StatusAnswer> read_status(std::string_view answer) {
  const auto json = open_envelope(answer);
  if (!json) return json.error();
  StatusAnswer status;
  FieldReader reader{*json, ""};
  each_status_field(status, reader);
  if (!reader.wrong.empty()) return no_answer("\"" + reader.wrong + "\" is missing or wrong");
  return status;
}

Result<AgentsAnswer> read_agents(std::string_view answer) {
  const auto json = open_envelope(answer);
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
