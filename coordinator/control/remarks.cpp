#include "coordinator/control/remarks.hpp"

#include <algorithm>

#include "coordinator/control/words.hpp"

namespace signet {

namespace {

std::string absence(const Conduct& c) {
  if (!c.failure.empty()) return "gave up: " + c.failure;
  if (c.state == AgentState::Lost)
    return c.heard_s ? "lost " + time_text(*c.heard_s) + " ago"
                     : "not back since the coordinator was started";
  const bool silent =
      c.state != AgentState::Left && c.heard_s && *c.heard_s >= kSilentHeartbeats * c.heartbeat_s;
  return silent ? "silent for " + time_text(*c.heard_s) : "";
}

/// What its signs are worth. The estimate goes before the mismatch, which flatters.
std::string signs(const Conduct& c) {
  const std::string wrong = percent_text(c.opinion.wrong_share) + " of its signs are wrong)";
  if (c.opinion.known && c.opinion.standing <= kAgainstStanding)
    return "votes against the others (" + wrong;
  if (c.votes >= kVotesToJudge && c.mismatch && *c.mismatch >= kAgainstMismatch)
    return "votes against the others (mismatch " + percent_text(*c.mismatch) + ")";
  if (c.opinion.known && c.opinion.standing < kCoinsStanding) return "signs are coins (" + wrong;
  return "";
}

std::string counting(const Conduct& c) {
  if (c.weight < 0) return "its votes count reversed";
  return c.weight == 0 && c.votes >= kVotesToJudge ? "its votes do not count" : "";
}

std::string replica(const Conduct& c) {
  const std::uint64_t times = std::max(c.resyncs, c.wrong_digests);
  return times == 0 ? "" : "replica differed " + (times == 1 ? "once" : counted(times, "time"));
}

std::string lateness(const Conduct& c) {
  if (c.lateness >= kAlwaysLate) return "always late";
  if (c.lateness >= kOftenLate) return "often late";
  const bool hangs = c.state == AgentState::Late && c.answered_s &&
                     *c.answered_s >= kSilentDeadlines * c.deadline_s;
  return hangs ? "shows itself, but has not voted for " + time_text(*c.answered_s) : "";
}

std::string abstention(const Conduct& c) {
  return c.abstention.empty() ? "" : "abstained: " + c.abstention;
}

std::string messages(const Conduct& c) {
  if (c.unfit_data > 0) return "its data do not fit the job";
  return c.malformed == 0 ? "" : "sent " + counted(c.malformed, "malformed message");
}

}  // namespace

const char* to_string(AgentState state) {
  switch (state) {
    case AgentState::Loading: return "loading";
    case AgentState::Ready: return "ready";
    case AgentState::Voting: return "voting";
    case AgentState::Abstaining: return "abstaining";
    case AgentState::Late: return "late";
    case AgentState::Lost: return "lost";
    case AgentState::Left: return "left";
    case AgentState::Absent: return "absent";
  }
  return "?";
}

std::string remark_on(const Conduct& conduct) {
  std::string all;
  for (const auto look : {absence, signs, counting, replica, abstention, lateness, messages}) {
    const std::string one = look(conduct);
    if (!one.empty()) all += (all.empty() ? "" : "; ") + one;
  }
  return all;
}

}  // namespace signet
