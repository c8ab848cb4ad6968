// The coordinator's side of questions and answers.
#include "coordinator/control/protocol.hpp"

#include "coordinator/control/fields.hpp"
#include "coordinator/control/json_fields.hpp"
#include "core/config/text.hpp"

namespace signet {

namespace {

/// Texts are checked or tamed where they come in; should one be no UTF-8 all the same, a
/// replacement character is better than no answer.
std::string written(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string enveloped(const char* key, Json content) {
  return written(Json{{"version", kControlProtocol}, {key, std::move(content)}});
}

std::string error_answer(const std::string& why) {
  return enveloped("error", why);
}

Json json_of(const StatusAnswer& status) {
  Json json = Json::object();
  each_status_field(status, FieldWriter{json});
  return json;
}

Json json_of(std::span<const AgentAnswer> agents) {
  Json list = Json::array();
  for (const AgentAnswer& agent : agents) {
    Json one = Json::object();
    each_agent_field(agent, FieldWriter{one});
    list.push_back(std::move(one));
  }
  return list;
}

std::string answer_for_agents(const Json& question, const RoundMachine& machine, Instant now) {
  std::string after;
  const auto given = question.find("after");
  if (given != question.end() && !from_json_value(*given, after))
    return error_answer("\"after\" must be an agent's name");
  const AgentsAnswer found = answer_agents(machine, after, now);
  return enveloped("answer", Json{{"agents", json_of(found.agents)}, {"more", found.more}});
}

/// Empty when it is our version.
std::string objection_to_version(const Json& question) {
  std::uint64_t version = 0;
  const auto given = question.find("version");
  if (given == question.end() || !from_json_value(*given, version))
    return "a question needs a \"version\", such as " + std::to_string(kControlProtocol);
  if (version == kControlProtocol) return "";
  return "the question is of version " + std::to_string(version) +
         ", this coordinator answers version " + std::to_string(kControlProtocol) +
         "; use the signet of the coordinator's release";
}

}  // namespace

std::string status_question() {
  return written(Json{{"version", kControlProtocol}, {"ask", "status"}});
}

std::string agents_question(std::string_view after) {
  return written(
      Json{{"version", kControlProtocol}, {"ask", "agents"}, {"after", std::string(after)}});
}

std::string answer_question(std::string_view question, const RoundMachine& machine,
                            const RunFigures& figures, Instant now) {
  const Json json = Json::parse(question, nullptr, false);
  if (!json.is_object()) return error_answer("a question is a JSON object");
  if (const auto objection = objection_to_version(json); !objection.empty())
    return error_answer(objection);
  std::string ask;
  const auto given = json.find("ask");
  if (given == json.end() || !from_json_value(*given, ask))
    return error_answer("a question needs an \"ask\": status or agents");
  if (ask == "status") return enveloped("answer", json_of(answer_status(machine, figures, now)));
  if (ask == "agents") return answer_for_agents(json, machine, now);
  return error_answer("unknown question " + config::quoted(ask) + "; allowed: status, agents");
}

std::string status_json(const StatusAnswer& status) {
  return written(json_of(status), 2) + "\n";
}

std::string agents_json(std::span<const AgentAnswer> agents) {
  return written(Json{{"agents", json_of(agents)}}, 2) + "\n";
}

}  // namespace signet
