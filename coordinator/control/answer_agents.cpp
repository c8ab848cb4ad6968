#include <iterator>
#include <set>

#include "coordinator/control/answer.hpp"
#include "coordinator/control/remarks.hpp"
#include "core/config/text.hpp"

namespace signet {

namespace {

AgentState state_of(const Member& m, const RoundStatus& status) {
  if (!m.live) return m.lost || m.peer.empty() ? AgentState::Lost : AgentState::Left;
  if (!m.ready) return AgentState::Loading;
  if (status.phase != RunPhase::Voting) return AgentState::Ready;
  if (m.abstaining) return AgentState::Abstaining;
  if (m.awaited || m.answered) return AgentState::Voting;
  const bool new_here = m.votes + m.abstentions + m.late == 0;
  return new_here ? AgentState::Ready : AgentState::Late;
}

std::uint64_t refused(const Member& m, RefusalReason reason) {
  return m.refusals[static_cast<std::size_t>(reason)];
}

std::map<std::string, std::uint64_t> refused_by_reason(const Member& m) {
  std::map<std::string, std::uint64_t> by_reason;
  for (std::size_t i = 0; i < m.refusals.size(); ++i)
    if (m.refusals[i] > 0) by_reason[to_string(static_cast<RefusalReason>(i))] = m.refusals[i];
  return by_reason;
}

/// What an agent wrote is the agent's: any bytes, of any length.
std::string tame(const std::string& text) {
  return config::printable(text);
}

Conduct conduct_of(const Member& m, const RoundMachine& machine, const RoundStatus& status,
                   const AgentAnswer& answer, Instant now) {
  Conduct conduct;
  conduct.state = state_of(m, status);
  conduct.heard_s = answer.heard_s;
  conduct.heartbeat_s = seconds(status.heartbeat);
  if (m.votes + m.abstentions > 0) conduct.answered_s = seconds(now - m.last_answer);
  conduct.deadline_s = seconds(status.deadline_length);
  conduct.votes = m.votes;
  conduct.lateness = m.lateness;
  conduct.mismatch = answer.mismatch;
  conduct.opinion = machine.opinion_of(m.name);
  conduct.weight = m.weight;
  conduct.resyncs = m.resyncs;
  conduct.wrong_digests = refused(m, RefusalReason::WrongDigest);
  conduct.malformed = refused(m, RefusalReason::Malformed);
  conduct.unfit_data = m.live ? 0 : refused(m, RefusalReason::DataMismatch);
  if (m.abstaining) conduct.abstention = answer.last_abstention;
  conduct.failure = tame(m.last_failure);
  return conduct;
}

AgentAnswer answer_of(const Member& m, const RoundMachine& machine, const RoundStatus& status,
                      Instant now) {
  AgentAnswer answer;
  answer.name = m.name;
  if (!m.peer.empty()) answer.heard_s = seconds(now - m.last_heard);
  answer.samples = m.data.samples;
  answer.votes = m.votes;
  answer.abstentions = m.abstentions;
  answer.last_abstention = tame(m.last_abstention);
  answer.late = m.late;
  answer.refused = refused_by_reason(m);
  answer.resyncs = m.resyncs;
  if (m.response_s > 0) answer.response_s = m.response_s;
  if (m.votes > 0) answer.mismatch = m.mismatch;
  answer.weight = m.weight;
  const Conduct conduct = conduct_of(m, machine, status, answer, now);
  if (conduct.opinion.known) answer.wrong_signs = conduct.opinion.wrong_share;
  answer.state = to_string(conduct.state);
  answer.remark = remark_on(conduct);
  return answer;
}

/// Names that agents have, had, or lost, after `after`: one more than an answer holds.
std::set<std::string> next_names(const Roster& roster, const Enrolment* fleet,
                                 std::string_view after) {
  std::set<std::string> names;
  const auto add = [&](const std::string& name) {
    if (name > after) names.insert(name);
    if (names.size() > kAgentsPerAnswer + 1) names.erase(std::prev(names.end()));
  };
  for (const auto& [name, member] : roster.members())
    // Without a key there is no agent any more, but for one that was revoked: it was renamed.
    if (fleet == nullptr || fleet->names().contains(name)) add(name);
  if (fleet == nullptr) return names;
  for (const auto& [name, key] : fleet->names()) add(name);
  for (const std::string& name : fleet->revoked_names()) add(name);
  return names;
}

AgentAnswer absent_agent(const std::string& name) {
  AgentAnswer answer;
  answer.name = name;
  answer.state = to_string(AgentState::Absent);
  return answer;
}

}  // namespace

AgentsAnswer answer_agents(const RoundMachine& machine, const Enrolment* fleet,
                           std::string_view after, Instant now) {
  const RoundStatus status = machine.look(now);
  const auto& members = machine.roster().members();
  AgentsAnswer answer;
  for (const std::string& name : next_names(machine.roster(), fleet, after)) {
    answer.more = answer.agents.size() == kAgentsPerAnswer;
    if (answer.more) break;
    const auto member = members.find(name);
    answer.agents.push_back(member == members.end()
                                ? absent_agent(name)
                                : answer_of(member->second, machine, status, now));
    if (fleet != nullptr)
      answer.agents.back().key = fleet->names().contains(name) ? "enrolled" : "revoked";
  }
  return answer;
}

}  // namespace signet
