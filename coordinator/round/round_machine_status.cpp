// What a run looks like from outside.
#include <algorithm>
#include <cmath>

#include "coordinator/round/round_machine.hpp"

namespace signet {

namespace {

// Voters that all flip coins seem to agree all the same, the best with up to 1.5 d^(-1/4) (measured
// for 260 to 235,146 parameters and 3 to 20 voters): an agreement of d coins is of the size
// d^(-1/2), and a reliability is the root of an agreement.
double reliability_of_coins(std::size_t dimension) {
  return 1.5 / std::sqrt(std::sqrt(static_cast<double>(std::max<std::size_t>(1, dimension))));
}

}  // namespace

RoundStatus RoundMachine::look(Instant now) const {
  RoundStatus status;
  status.job = job_.name;
  status.run = run_;
  status.phase = phase_;
  status.round = replica_.next_round();
  status.rounds = job_.stop.rounds;
  status.agents_wanted = job_.round.agents;
  status.quorum = job_.round.quorum;
  status.opened = round_opened_;
  status.deadline = phase_ == Phase::Voting ? round_deadline_ : kNever;
  status.deadline_length = deadline_length();
  if (waits_for_expected(now)) {
    status.expected = expected_.size();
    status.expected_until = expected_until_;
  }
  status.heartbeat = job_.round.heartbeat;
  status.refused = refused_;
  if (const SharedUpdate last = catch_up_.last()) status.rate = last->rate;
  if (!std::isnan(last_loss_)) status.train_loss = last_loss_;
  status.loss_ratio = likeness_.ratio();
  const bool over = phase_ == Phase::Finishing || phase_ == Phase::Done;
  status.elapsed_s = over ? summary_.elapsed_s : elapsed_s(now);
  status.why_ended = summary_.why;
  return status;
}

VoterOpinion RoundMachine::opinion_of(std::string_view name) const {
  const double reliability = trust_.reliability(name);
  const bool known = trust_.rounds(name) >= VoterTrust::kProbation &&
                     best_reliability_ >= reliability_of_coins(replica_.dimension());
  return {known, (1 - reliability) / 2, known ? reliability / best_reliability_ : 0};
}

}  // namespace signet
