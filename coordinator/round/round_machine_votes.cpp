// One vote: is it one, and what does it count.
#include <algorithm>

#include "coordinator/round/round_machine.hpp"
#include "core/base/digest.hpp"

namespace signet {

namespace {

Answer answer_of(const Vote& vote) {
  if (vote.abstention == Abstention::None) return Answer::Vote;
  return vote.abstention == Abstention::Paused ? Answer::Pause : Answer::Abstention;
}

}  // namespace

std::optional<Refuse> RoundMachine::objection_to(const Member& member, const Vote& vote) const {
  const auto no = [this](RefusalReason reason, std::string text) {
    return Refuse{reason, std::move(text), replica_.next_round()};
  };
  const RoundId open = replica_.next_round();
  if (vote.run != run_)
    return no(RefusalReason::WrongRun,
              "a vote of run " + to_hex(vote.run.value) + "; this is run " + to_hex(run_.value));
  if (!begun() || !member.ready) return no(RefusalReason::NotBegun, "no round is open yet");
  if (vote.round < open || phase_ == Phase::Finishing)
    return no(RefusalReason::LateVote, "round " + std::to_string(vote.round.value) +
                                           " is closed; round " + std::to_string(open.value) +
                                           " is open");
  if (vote.round > open)
    return no(RefusalReason::EarlyVote, "round " + std::to_string(vote.round.value) +
                                            " is not open yet; round " +
                                            std::to_string(open.value) + " is");
  if (member.answered && !member.paused)
    return no(RefusalReason::RepeatedVote, "already voted in this round");
  if (vote.digest != replica_.digest())
    return no(RefusalReason::WrongDigest, "voted at parameters " + to_hex(vote.digest) + "; x_" +
                                              std::to_string(open.value) + " is " +
                                              to_hex(replica_.digest()));
  if (vote.abstention != Abstention::None) return std::nullopt;
  if (vote.signs.size() != sign_bytes(replica_.dimension()))
    return no(RefusalReason::Malformed, std::to_string(vote.signs.size()) +
                                            " bytes of signs; dimension " +
                                            std::to_string(replica_.dimension()) + " needs " +
                                            std::to_string(sign_bytes(replica_.dimension())));
  if (!vote.abstained.empty() && job_.training.zero != ZeroRule::Abstain)
    return no(RefusalReason::Malformed, "abstentions, but the job's zero rule is not 'abstain'");
  return std::nullopt;
}

void RoundMachine::on_message(Instant now, const PeerId& peer, const Vote& vote) {
  Member* member = roster_.find(peer);
  if (member == nullptr)
    return refuse(peer, {RefusalReason::UnknownPeer, "say hello first", replica_.next_round()});
  if (auto objection = objection_to(*member, vote)) {
    ++member->refusals[static_cast<std::size_t>(objection->reason)];
    ++round_refused_;
    const RefusalReason reason = objection->reason;
    refuse(peer, std::move(*objection));
    if (reason == RefusalReason::LateVote) note_late(now, *member, vote.round);
    if (reason == RefusalReason::Malformed) wait_no_longer(now, *member);
    return;
  }
  count_vote(now, *member, vote);
  try_close(now);
}

void RoundMachine::count_vote(Instant now, Member& member, const Vote& vote) {
  const bool was_paused = member.paused;
  const Answer answer = answer_of(vote);
  // How long a gradient takes is not told by an answer without one, nor by one after a pause.
  if (!was_paused && answer != Answer::Pause) measure_response(now, member);
  roster_.answer(member, answer);
  member.last_answer = now;
  member.abstaining = answer != Answer::Vote;
  member.vote = vote;
  member.vote.signs = member.vote.abstained = {};
  if (answer != Answer::Vote) {
    member.last_abstention = vote.reason;
    if (!was_paused) count_abstention(member, vote);
    return;
  }
  ++member.votes;
  member.differs = false;
  const std::size_t dimension = replica_.dimension();
  if (member.signs.dimension() != dimension) member.signs = SignVector(dimension);
  auto kept = member.signs.assign(vote.signs);
  SIGNET_CHECK(kept, "the size was checked by objection_to()");
  member.abstained = SignVector();
  if (!vote.abstained.empty()) {
    auto plane = SignVector::from_bytes(vote.abstained, dimension);
    SIGNET_CHECK(plane, "both planes have one size, the codec checked");
    member.abstained = std::move(*plane);
  }
  tally(member);
}

void RoundMachine::measure_response(Instant now, Member& member) {
  const double took = seconds(now - round_opened_);
  member.response_s += (took - member.response_s) * (member.response_s > 0 ? kSmoothing : 1.0);
  member.lateness -= member.lateness * kSmoothing;
}

// Told once, not each round: the first time and then at every power of two.
void RoundMachine::count_abstention(Member& member, const Vote& vote) {
  if (!is_power_of_two(++member.abstentions)) return;
  note(vote.abstention == Abstention::Paused ? Level::Info : Level::Warning,
       "agent " + member.name + " abstained in round " + std::to_string(vote.round.value) + ": " +
           vote.reason + " (" + std::to_string(member.abstentions) + " so far)");
}

void RoundMachine::tally(Member& member) {
  member.weight = job_.weights == VoteWeights::Equal ? 1 : trust_.weight(member.name);
  if (member.weight >= 0) {
    if (member.weight > 0)
      tally_.add(member.signs, member.abstained, static_cast<std::uint64_t>(member.weight));
    return;
  }
  member.opposite = member.signs;
  for (Word& word : member.opposite.words()) word = ~word;
  member.opposite.mask_padding();
  tally_.add(member.opposite, member.abstained, static_cast<std::uint64_t>(-member.weight));
}

// Who sends what nobody can read would hold up each round to its deadline. A good vote makes it
// awaited again.
void RoundMachine::wait_no_longer(Instant now, Member& member) {
  if (!member.awaited) return;
  roster_.give_up(member);
  try_close(now);
}

void RoundMachine::note_late(Instant now, Member& member, RoundId voted) {
  ++member.late;
  member.lateness += (1 - member.lateness) * kSmoothing;
  if (phase_ != Phase::Voting) return;
  // Quick enough for a deadline, only not awaited (it has just joined): wait for it from now on. A
  // board that is slower than that goes on voting when it can, and nobody waits for it.
  const std::uint64_t ago = replica_.next_round().value - voted.value;
  if (ago > earlier_opened_.size()) return;
  const Instant opened = earlier_opened_[earlier_opened_.size() - static_cast<std::size_t>(ago)];
  if (now - opened < deadline_length()) roster_.await(member);
}

}  // namespace signet
