// Stepping back behind the board's own business.
#include <memory>
#include <utility>

#include "agent/session/agent_session.hpp"
#include "core/wire/codec.hpp"

namespace signet {

void AgentSession::on(Instant now, const AllowanceChanged& event) {
  const Pace before = std::exchange(allowance_, event.allowance).pace;
  if (allowance_.pace != Pace::Slow) rest_until_ = kNever;
  if (allowance_.pace != before)
    remark(Severity::Info, allowance_.pace == Pace::Full     ? "trains at full pace again"
                           : allowance_.pace == Pace::Paused ? "pauses: " + allowance_.why
                                                             : why_at_rest());
  reconsider(now);
}

bool AgentSession::rests(Instant now) const {
  return allowance_.pace == Pace::Paused ||
         (allowance_.pace == Pace::Slow && rest_until_ != kNever && now < rest_until_);
}

/// What the coordinator is told, too; it adds "abstained" to it.
std::string AgentSession::why_at_rest() const {
  return (allowance_.pace == Pace::Paused ? "" : "slowed: ") + allowance_.why;
}

void AgentSession::rest_after_gradient(Instant now) {
  if (allowance_.pace == Pace::Slow)
    rest_until_ = now + kRestsPerGradient * (now - training_since_);
}

/// The open round was answered with a pause: with a vote now, where there may be one, or else with
/// the reason as it is by now.
void AgentSession::reconsider(Instant now) {
  if (!vote_is_pause_ || training_) return;
  voted_round_.reset();
  vote_is_pause_ = false;
  advance(now);
}

void AgentSession::abstain_for_now(Instant now, RoundId round) {
  Vote vote;
  vote.run = run_;
  vote.round = round;
  vote.digest = replica_->digest();
  vote.abstention = Abstention::Paused;
  vote.reason = why_at_rest();
  vote_frames_ = std::make_shared<const std::vector<Bytes>>(encode(vote));
  voted_round_ = round;
  vote_is_pause_ = true;
  send_vote(now);
}

}  // namespace signet
