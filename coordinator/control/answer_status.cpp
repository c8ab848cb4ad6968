#include <algorithm>

#include "coordinator/control/answer.hpp"
#include "coordinator/control/words.hpp"
#include "core/base/digest.hpp"

namespace signet {

namespace {

const char* word_of(RunPhase phase) {
  switch (phase) {
    case RunPhase::Gathering: return "waiting";
    case RunPhase::Voting: return "collecting";
    case RunPhase::Finishing: return "ending";
    case RunPhase::Done: return "ended";
  }
  return "?";
}

void list_awaited(const Roster& roster, StatusAnswer& answer) {
  for (const auto& [name, member] : roster.members()) {
    if (!member.live || !member.awaited || member.answered) continue;
    ++answer.awaited_count;
    if (answer.awaited.size() < kAwaitedNamesMax) answer.awaited.push_back(name);
  }
}

std::string waiting_for_agents(const StatusAnswer& a) {
  const std::uint64_t missing = a.agents_wanted - std::min(a.agents_wanted, a.agents_ready);
  std::string text = "waiting for " + counted(missing, "more agent");
  if (const std::uint64_t loading = a.agents_live - a.agents_ready; loading > 0)
    text +=
        " (" + std::to_string(loading) + (loading == 1 ? " loads its" : " load their") + " data)";
  return text;
}

std::string waiting_for_votes(const StatusAnswer& a) {
  constexpr std::size_t kNamesTold = 3;
  std::string text =
      a.awaited_count == 1 ? "waiting for the vote of " : "waiting for the votes of ";
  const std::size_t told = std::min(kNamesTold, a.awaited.size());
  for (std::size_t i = 0; i < told; ++i) {
    const bool last = i + 1 == a.awaited_count;
    text += (i == 0 ? "" : last ? " and " : ", ") + a.awaited[i];
  }
  if (a.awaited_count > told) text += " and " + std::to_string(a.awaited_count - told) + " more";
  return text;
}

std::string waiting_of_open_round(const StatusAnswer& a, const RoundStatus& status, Instant now) {
  if (status.expected > 0)
    return "waiting for " + counted(status.expected, "agent") + " of before the restart, for " +
           time_text(seconds(status.expected_until - now)) + " at most";
  if (a.agents_ready == 0) return "nobody is here: waiting for agents to come back";
  if (a.awaited_count > 0) return waiting_for_votes(a);
  if (a.votes < a.quorum)
    return "waiting for " + counted(a.quorum - a.votes, "more vote") + ": the quorum is " +
           std::to_string(a.quorum);
  return "";
}

std::string waiting_of(const StatusAnswer& a, const RoundStatus& status, Instant now) {
  switch (status.phase) {
    case RunPhase::Gathering: return waiting_for_agents(a);
    case RunPhase::Voting: return waiting_of_open_round(a, status, now);
    case RunPhase::Finishing:
      return "waiting for " + counted(a.agents_live, "agent") + " to say goodbye";
    case RunPhase::Done: return "";
  }
  return "";
}

void tell_open_round(const RoundMachine& machine, const RoundStatus& status, Instant now,
                     StatusAnswer& answer) {
  answer.votes = machine.roster().voted_count();
  answer.answers = machine.roster().answered_count();
  list_awaited(machine.roster(), answer);
  const Instant due =
      status.expected > 0 ? std::max(status.deadline, status.expected_until) : status.deadline;
  answer.deadline_s = std::max(0.0, seconds(due - now));
}

/// What the transport refused has no message to be read; whoever asks need not know that.
std::map<std::string, std::uint64_t> refused_by_reason(
    const std::map<RefusalReason, std::uint64_t>& refused, std::uint64_t unframed) {
  std::map<std::string, std::uint64_t> by_reason;
  for (const auto& [reason, count] : refused) by_reason[to_string(reason)] = count;
  if (unframed > 0) by_reason[to_string(RefusalReason::Malformed)] += unframed;
  return by_reason;
}

}  // namespace

StatusAnswer answer_status(const RoundMachine& machine, const RunFigures& figures, Instant now) {
  const RoundStatus status = machine.look(now);
  const Roster& roster = machine.roster();
  StatusAnswer answer;
  answer.job = status.job;
  answer.run = to_hex(status.run.value);
  answer.state = word_of(status.phase);
  answer.round = status.round.value;
  answer.rounds = status.rounds;
  answer.agents_wanted = status.agents_wanted;
  answer.agents_known = roster.members().size();
  answer.agents_live = roster.live_count();
  answer.agents_ready = roster.ready_count();
  answer.quorum = status.quorum;
  if (status.phase == RunPhase::Voting) tell_open_round(machine, status, now, answer);
  if (status.rate) answer.rate = double{*status.rate};
  answer.train_loss = status.train_loss;
  answer.test_accuracy = figures.test_accuracy;
  answer.loss_ratio = status.loss_ratio;
  answer.refused = refused_by_reason(status.refused, figures.unframed);
  answer.bytes_up = figures.bytes_up;
  answer.bytes_down = figures.bytes_down;
  answer.training_s = status.elapsed_s;
  answer.uptime_s = seconds(figures.uptime);
  answer.ended = status.why_ended;
  answer.waiting = waiting_of(answer, status, now);
  return answer;
}

}  // namespace signet
