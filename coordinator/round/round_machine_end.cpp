// Why a run ends, and how.
#include <algorithm>
#include <utility>

#include "coordinator/round/round_machine.hpp"

namespace signet {

namespace {

constexpr std::uint64_t kEmptyRoundsMax = 100;
constexpr Duration kFarewellWait = std::chrono::seconds(10);  // at least

}  // namespace

double RoundMachine::elapsed_s(Instant now) const {
  return elapsed_before_s_ + (voting_since_ == kNever ? 0 : seconds(now - voting_since_));
}

Instant RoundMachine::wall_end() const {
  if (!job_.stop.wall_time || voting_since_ == kNever) return kNever;
  const auto before = std::chrono::duration<double>(elapsed_before_s_);
  return voting_since_ + *job_.stop.wall_time - std::chrono::duration_cast<Duration>(before);
}

void RoundMachine::check_stop(Instant now) {
  if (phase_ != Phase::Voting) return;
  if (replica_.next_round().value >= job_.stop.rounds)
    return begin_finish(now, counted(job_.stop.rounds, "round") + " done");
  if (now >= wall_end()) return begin_finish(now, "wall time is over");
  // Also of before a restart: agents may have been told that it is over.
  if (job_.stop.target_accuracy && best_accuracy_ >= *job_.stop.target_accuracy)
    return begin_finish(now, "target accuracy reached");
  if (job_.stop.patience && since_best_ >= *job_.stop.patience)
    return begin_finish(
        now, "no better test accuracy in " + std::to_string(*job_.stop.patience) + " evaluations");
  if (rounds_without_step_ >= kEmptyRoundsMax) {
    summary_.diverged = true;
    begin_finish(now, "too few agents could vote for " + counted(kEmptyRoundsMax, "round") +
                          ": training has diverged");
  }
}

void RoundMachine::begin_finish(Instant now, std::string why) {
  phase_ = Phase::Finishing;
  finishing_since_ = now;
  summary_.why = std::move(why);
  summary_.next_round = replica_.next_round();
  summary_.digest = replica_.digest();
  summary_.elapsed_s = elapsed_s(now);
  summary_.agents = roster_.live_count();
  save_snapshot();
  publish(Goodbye{run_, Farewell::Finished, summary_.why, replica_.next_round(), replica_.digest(),
                  0, 0});
  try_finish(now);
}

// A board in the middle of a gradient says goodbye after it, and shows itself meanwhile: it is
// given as long as a round may take.
Instant RoundMachine::farewell_end() const {
  const Duration least = std::max(kFarewellWait, job_.round.heartbeat * 5 / 2);
  const bool busy = std::ranges::any_of(
      roster_.participants(), [](const Member* member) { return member->live && member->busy; });
  return finishing_since_ + (busy ? std::max(least, job_.round.deadline_max) : least);
}

void RoundMachine::try_finish(Instant now) {
  finish_until_ = farewell_end();
  // After a restart, those who were there may not know the last update yet.
  const bool somebody = roster_.live_count() > 0 || waits_for_expected(now);
  if (somebody && now < finish_until_) return;
  finish();
}

}  // namespace signet
