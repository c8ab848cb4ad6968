// The coordinator's side of questions and answers.
#include "coordinator/control/protocol.hpp"

#include "coordinator/control/envelope.hpp"
#include "coordinator/control/fields.hpp"
#include "coordinator/control/json_fields.hpp"
#include "core/config/text.hpp"

namespace signet {

namespace {

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

std::string answer_for_agents(const Json& question, const RoundMachine& machine,
                              const Enrolment* fleet, Instant now) {
  std::string after;
  const auto given = question.find("after");
  if (given != question.end() && !from_json_value(*given, after))
    return error_answer("\"after\" must be an agent's name");
  const AgentsAnswer found = answer_agents(machine, fleet, after, now);
  return enveloped("answer", Json{{"agents", json_of(found.agents)}, {"more", found.more}});
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
                            const Enrolment* fleet, const RunFigures& figures, Instant now) {
  const auto opened = open_question(question);
  if (!opened) return error_answer(opened.error().message);
  const auto& [ask, json] = *opened;
  if (ask == "status") return enveloped("answer", json_of(answer_status(machine, figures, now)));
  if (ask == "agents") return answer_for_agents(json, machine, fleet, now);
  return error_answer("unknown question " + config::quoted(ask) +
                      "; allowed: status, agents, token, tokens, withdraw, revoke, rename");
}

std::string status_json(const StatusAnswer& status) {
  return written(json_of(status), 2) + "\n";
}

std::string agents_json(std::span<const AgentAnswer> agents) {
  return written(Json{{"agents", json_of(agents)}}, 2) + "\n";
}

}  // namespace signet
