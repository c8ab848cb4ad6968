#include "fleet/referee.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/check.hpp"
#include "core/base/digest.hpp"

namespace signet {

namespace {

std::string name_of(RoundId round) {
  return "round " + std::to_string(round.value);
}

/// Adds `weight` where a coordinate is set in `up`, and takes it where it is in `down`,
/// [sums.size()].
void add_up(int weight, std::uint32_t up, std::uint32_t down, std::span<int> sums) {
  for (std::uint32_t b = 0; b < sums.size(); ++b)
    sums[b] += weight * (static_cast<int>((up >> b) & 1U) - static_cast<int>((down >> b) & 1U));
}

/// What the votes for and against +1 come to at each of `d` coordinates.
template <typename Votes>
std::vector<int> sums_of(const Votes& votes, const std::map<std::string, int>& weights,
                         std::size_t d) {
  constexpr std::size_t kStep = 32;
  std::vector<int> sums(d, 0);
  for (const auto& [name, weight] : weights) {
    const auto& vote = votes.at(name);
    for (std::size_t at = 0; at < d; at += kStep) {
      const auto signs = static_cast<std::uint32_t>(vote.signs.words()[at / 64] >> at % 64);
      const Word none = vote.abstained.empty() ? 0 : vote.abstained.words()[at / 64];
      const auto counts = ~static_cast<std::uint32_t>(none >> at % 64);
      add_up(weight, signs & counts, ~signs & counts,
             std::span(sums).subspan(at, std::min(kStep, d - at)));
    }
  }
  return sums;
}

/// What a round's figures come to: no agent counts as more than `most` times the middle one, nor as
/// less than minus that one.
double fair_mean(const std::vector<double>& values, double most) {
  std::vector<double> sizes;
  sizes.reserve(values.size());
  for (const double value : values) sizes.push_back(std::abs(value));
  std::ranges::sort(sizes);
  const double middle = sizes[sizes.size() / 2];
  double sum = 0;
  for (const double value : values) sum += std::max(-middle, std::min(value, most * middle));
  return sum / static_cast<double>(values.size());
}

}  // namespace

Referee::Referee(const Job& job, RunId run, std::vector<float> initial_parameters,
                 Complain complain)
    : job_(job),
      run_(run),
      initial_(std::move(initial_parameters)),
      complain_(std::move(complain)) {
  reference_.emplace(initial_, RoundId{0});
  digest_ = reference_->digest();
  committed_[RoundId{0}] = digest_;
  rate_ = RateController::create(job.rate, initial_.size(), job.stop.rounds,
                                 {root_mean_square(initial_), vote_plan(job).local_steps > 1});
  memories_[RoundId{0}] = memory();
}

void Referee::restarted(const Replica& own, bool power_was_cut) {
  const RoundId next = own.next_round();
  votes_.clear();
  // It was written, and only the answer did not come.
  if (in_doubt_ && next == in_doubt_->update->round.next()) commit();
  not_saved();
  const bool may_lose = power_was_cut && job_.state.durability == Durability::Snapshot;
  if (may_lose && next.value < rounds_ && next >= snapshot_) {
    lose_rounds_after(next);
    reference_ = own;
    digest_ = own.digest();
    last_ = nullptr;  // the tie rule 'previous' is not looked at in the next round
    rewind_memory();
  }
  if (next.value != rounds_)
    complain_("restart at round " + std::to_string(next.value) + ", committed were " +
              std::to_string(rounds_));
  saw("the restarted coordinator", own);
}

void Referee::lose_rounds_after(RoundId next) {
  rounds_lost_ += rounds_ - next.value;
  rounds_ = next.value;
  for (auto it = committed_.upper_bound(next); it != committed_.end(); it = committed_.erase(it))
    abandoned_.insert(it->second);
}

// --- votes ----------------------------------------------------------------------------------

void Referee::vote_counted(const std::string& agent, const Vote& vote) {
  const std::string what = "counted a vote of " + agent + " for " + name_of(vote.round);
  if (vote.run != run_)
    complain_(what + " of another run");
  else if (vote.round.value != rounds_)
    complain_(what + "; open is " + name_of(RoundId{rounds_}));
  else if (vote.digest != digest_)
    complain_(what + " that was made at other parameters");
  if (answered_for_good(agent)) return complain_(what + " twice");
  Counted& counted = votes_[agent] = {};
  counted.paused = vote.abstention == Abstention::Paused;
  if (vote.abstention != Abstention::None) return;
  auto signs = SignVector::from_bytes(vote.signs, initial_.size());
  if (!signs) return complain_(what + " of another size");
  counted.voted = true;
  counted.signs = std::move(*signs);
  if (!vote.abstained.empty())
    if (auto plane = SignVector::from_bytes(vote.abstained, initial_.size()))
      counted.abstained = std::move(*plane);
  counted.local = double{vote.local};
  counted.cross = double{vote.cross};
  counted.loss = double{vote.loss};
  counted.curvature = vote.curvature;
}

// Who paused may still vote.
bool Referee::answered_for_good(const std::string& agent) const {
  const auto vote = votes_.find(agent);
  return vote != votes_.end() && !vote->second.paused;
}

void Referee::vote_refused(const std::string& agent, const Vote& vote, RefusalReason reason,
                           bool finishing) {
  const bool good =
      vote.run == run_ && vote.round.value == rounds_ && vote.digest == digest_ && !finishing &&
      !answered_for_good(agent) &&
      (vote.abstention != Abstention::None || vote.signs.size() == sign_bytes(initial_.size()));
  const bool stranger = reason == RefusalReason::UnknownPeer || reason == RefusalReason::NotBegun;
  if (good && !stranger)
    complain_("refused a good vote of " + agent + " for " + name_of(vote.round) + ": " +
              to_string(reason));
}

// --- rounds ---------------------------------------------------------------------------------

// What the round leads to is worked out here as well, so that a coordinator that takes another step
// than the one it saved is found out.
void Referee::saving(const SaveRound& action, const Replica& own) {
  const UpdateRecord& update = *action.update;
  const std::string what = name_of(update.round);
  if (update.round.value != rounds_)
    complain_(what + " is saved after " + std::to_string(rounds_) + " rounds");
  if (update.digest != own.digest())
    complain_(what + " does not start from the coordinator's parameters");
  if (update.digest != reference_->digest())
    complain_(what + " does not start where the rounds before it lead to");
  const Weights weights = weights_of_round();
  check_outcome(action, weights);
  check_rate(action, weights);
  check_trust(action);
  in_doubt_ = action;
}

// Where nobody who voted is known for anything, everybody counts.
Referee::Weights Referee::weights_of_round() const {
  Weights weights;
  for (const auto& [name, vote] : votes_)
    if (vote.voted) weights[name] = weighted() ? trust_.weight(name) : 1;
  if (std::ranges::all_of(weights, [](const auto& w) { return w.second == 0; }))
    for (auto& [name, weight] : weights) weight = 1;
  return weights;
}

void Referee::check_outcome(const SaveRound& action, const Weights& weights) {
  const UpdateRecord& update = *action.update;
  const std::string what = name_of(update.round);
  const std::size_t voters = weights.size();
  if (update.voters != voters)
    return complain_(what + " has " + std::to_string(update.voters) + " voters; " +
                     std::to_string(voters) + " votes were counted");
  if (voters < job_.round.quorum && update.rate != 0)
    complain_(what + " takes a step without a quorum");
  if (voters == 0) return;
  const std::vector<int> sums = sums_of(votes_, weights, initial_.size());
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const int sum = sums[i];
    const bool held = !update.ties.empty() && update.ties.positive(i);
    const bool wrong = sum != 0 ? held || update.signs.positive(i) != (sum > 0)
                                : (job_.tie == TieRule::Hold && !held) ||
                                      (job_.tie == TieRule::Previous && last_ != nullptr &&
                                       update.signs.positive(i) != last_->signs.positive(i));
    if (wrong)
      return complain_(what + " is not the majority of its votes at coordinate " +
                       std::to_string(i));
  }
}

void Referee::check_rate(const SaveRound& action, const Weights& weights) {
  std::vector<double> local, cross, loss, curvature;
  for (const auto& [name, weight] : weights) {
    if (weight <= 0) continue;  // nothing that it says is believed
    const Counted& vote = votes_.at(name);
    local.push_back(vote.local);
    cross.push_back(vote.cross);
    loss.push_back(vote.loss);
    if (vote.curvature) curvature.push_back(double{*vote.curvature});
  }
  RoundStatistics s;
  s.round = action.update->round;
  s.voters = local.size();
  const bool enough = s.voters > 0 && weights.size() >= job_.round.quorum;
  if (enough) {
    s.local = fair_mean(local, 10);
    s.cross = fair_mean(cross, 10);
    s.loss = fair_mean(loss, 100);
    std::ranges::sort(curvature);
    if (!curvature.empty()) s.curvature = curvature[curvature.size() / 2];
  }
  const float rate = enough ? rate_->rate(s) : 0.0F;
  const Bytes state = rate_->state();
  // With weights the voters' reliabilities are saved beside it.
  const Bytes& saved = action.controller;
  const bool same = weighted() ? std::search(saved.begin(), saved.end(), state.begin(),
                                             state.end()) != saved.end()
                               : saved == state;
  if (rate != action.update->rate || !same)
    complain_(name_of(s.round) + " has the rate " + std::to_string(action.update->rate) +
              ", a controller that never died says " + std::to_string(rate));
}

// What a vote says of its voter counts from the next round on.
void Referee::check_trust(const SaveRound& action) {
  if (!weighted()) return;
  std::vector<VoterTrust::Voter> voters;
  for (const auto& [name, vote] : votes_)
    if (vote.voted) voters.push_back({name, &vote.signs, &vote.abstained});
  trust_.observe(action.update->round, voters);
  const Bytes state = trust_.state();
  const Bytes& saved = action.controller;
  if (saved.size() < state.size() ||
      !std::equal(state.begin(), state.end(),
                  saved.end() - static_cast<std::ptrdiff_t>(state.size())))
    complain_(name_of(action.update->round) +
              " is saved with other reliabilities of the voters than their votes have shown");
}

void Referee::saved() {
  if (in_doubt_) commit();
}

void Referee::not_saved() {
  if (!std::exchange(in_doubt_, std::nullopt)) return;
  rewind_memory();
}

void Referee::rewind_memory() {
  const auto memory = memories_.find(RoundId{rounds_});
  SIGNET_CHECK(memory != memories_.end(), "every committed round has its state");
  const auto rate = rate_->restore(memory->second.rate);
  SIGNET_CHECK(rate, "a controller reads its own state");
  const auto trust = trust_.restore(memory->second.trust);
  SIGNET_CHECK(trust, "reliabilities are read as they were written");
}

void Referee::commit() {
  const SaveRound action = *std::exchange(in_doubt_, std::nullopt);
  const UpdateRecord& update = *action.update;
  reference_->apply(update.rate, update.signs, update.ties);
  digest_ = reference_->digest();
  rounds_ = update.round.value + 1;
  if (!committed_.try_emplace(update.round.next(), digest_).second)
    complain_(name_of(update.round) + " committed twice");
  memories_[update.round.next()] = memory();
  last_ = action.update;
  votes_.clear();
}

void Referee::told(RoundId round) {
  if (round.value >= rounds_)
    complain_("the update of " + name_of(round) + " is told, saved are " + std::to_string(rounds_) +
              " rounds");
}

// Nobody is further than what is durable, and equal rounds have equal bits.
void Referee::saw(const std::string& who, const Replica& replica) {
  // After a power cut an agent may be in rounds that were taken back.
  if (abandoned_.contains(replica.digest())) return;
  const RoundId next = replica.next_round();
  if (next.value > rounds_)
    return complain_(who + " is at " + name_of(next) + ", committed are " +
                     std::to_string(rounds_));
  const auto known = committed_.find(next);
  if (known != committed_.end() && known->second != replica.digest())
    complain_(who + " differs at " + name_of(next));
}

}  // namespace signet
