// Opening and closing a round.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <span>
#include <utility>

#include "coordinator/round/round_machine.hpp"
#include "core/base/random.hpp"
#include "core/base/short_number.hpp"

namespace signet {

namespace {

constexpr std::uint64_t kTieCoin = 0x7469652d636f696e;  // a stream of its own within the seed
constexpr std::size_t kOpenedKept = 64;
constexpr std::uint64_t kCompareEvery = 8;  // rounds
constexpr std::size_t kComparedMost = 64;   // voters: 2016 pairs
// How many times the middle voter's size a voter's figure counts at most. Honest ones of equation
// (1) lie within a factor of two or so; losses differ more where data do.
constexpr double kStatisticMost = 10, kLossMost = 100;
// How many times the middle agent's size an agent's data may have without a word.
constexpr double kDataMost = 1000;

/// Root mean square of all inputs, in raw units.
double size_of(const DataSummary& data) {
  double sum = 0;
  std::size_t known = 0;
  for (std::size_t i = 0; i < data.mean.size(); ++i) {
    const double square = data.mean[i] * data.mean[i] + data.variance[i];
    if (std::isnan(square)) continue;  // no value here
    sum += square;
    ++known;
  }
  return known == 0 ? 0 : std::sqrt(sum / static_cast<double>(known));
}

/// The mean in the order given, so that it does not depend on who was first. No voter decides
/// alone, with whatever number it makes up: each counts as `most` times the middle one's size at
/// most, and below zero as that size at most.
double bounded_mean(const std::vector<double>& values, double most) {
  if (values.empty()) return 0;
  std::vector<double> sizes;
  sizes.reserve(values.size());
  for (const double value : values) sizes.push_back(std::abs(value));
  const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
  std::ranges::nth_element(sizes, middle);
  double sum = 0;
  for (const double value : values) sum += std::clamp(value, -*middle, most * *middle);
  return sum / static_cast<double>(values.size());
}

/// The middle one, of an even number the larger of the two: a few voters with whatever numbers they
/// make up do not move it beyond the others'. None of none.
std::optional<double> middle_of(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

}  // namespace

void RoundMachine::begin(Instant now) {
  std::vector<DataSummary> parts;
  for (const Member* member : roster_.participants())
    if (member->live && member->ready) parts.push_back(member->data);
  auto pooled = pool(parts);
  SIGNET_CHECK(pooled, "every ready agent has samples and the same number of entries");
  normalisation_ = normalisation_from(*pooled);
  note_odd_data();
  out_->emplace_back(SaveNormalisation{*normalisation_});
  note(Level::Info, "the run begins with " + counted(parts.size(), "agent") + " and " +
                        std::to_string(pooled->samples) + " samples");
  phase_ = Phase::Voting;
  voting_since_ = now;
  open_round(now);
  for (Member* member : roster_.participants()) {
    if (!member->live || !member->ready) continue;
    roster_.await(*member);
    send(member->peer, welcome_for(*member));
  }
}

// All inputs are normalised by what the agents say of their data, so that one broken sample may
// make all the others equal: whoever stands out is named while there is nothing to lose yet.
void RoundMachine::note_odd_data() {
  std::vector<std::pair<double, const Member*>> sizes;
  for (const Member* member : roster_.participants())
    if (member->live && member->ready) sizes.emplace_back(size_of(member->data), member);
  if (sizes.empty() || sizes.front().second->data.mean.empty()) return;
  const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>((sizes.size() - 1) / 2);
  std::ranges::nth_element(sizes, middle);
  const double usual = middle->first;
  for (const auto& [size, member] : sizes)
    if (size > kDataMost * usual)
      note(Level::Warning,
           "the data of agent " + member->name + " are " + short_number(size / usual) +
               " times as large as the middle agent's, and all inputs are normalised by them: if a "
               "sample of it is broken, mend it, and begin the run anew with --fresh");
}

void RoundMachine::open_round(Instant now) {
  tally_.clear();
  round_refused_ = 0;
  round_waits_ = 0;
  roster_.open_round();
  expect_weights();
  earlier_opened_.push_back(round_opened_);
  if (earlier_opened_.size() > kOpenedKept) earlier_opened_.pop_front();
  round_opened_ = now;
  round_deadline_ = now + deadline_length();
  check_stop(now);
}

// What the votes of the closed round say about the voters holds from the next round on, so that a
// vote's weight is known when it arrives.
void RoundMachine::learn_weights() {
  if (job_.weights == VoteWeights::Equal) return;
  std::vector<VoterTrust::Voter> voters;
  for (const Member* member : roster_.participants())
    if (member->voted) voters.push_back({member->name, &member->signs, &member->abstained});
  observe_voters(replica_.next_round(), voters);
  for (Member* member : roster_.participants()) {
    if (!member->voted) continue;
    const int weight = trust_.weight(member->name), before = std::exchange(member->weight, weight);
    const auto side = [](int w) { return (w > 0 ? 1 : 0) - (w < 0 ? 1 : 0); };
    if (side(weight) != side(before)) note_side(*member);
  }
}

// Where all is noise weights change from round to round: of that it is enough to hear at every
// power of two.
void RoundMachine::note_side(Member& member) {
  if (!is_power_of_two(++member.turns)) return;
  const std::string who = "agent " + member.name;
  if (member.weight > 0) note(Level::Info, who + " votes like the others: its votes count");
  if (member.weight == 0) note(Level::Warning, who + " votes at random: its votes do not count");
  if (member.weight < 0)
    note(Level::Warning, who + " votes against the others: its votes count reversed");
}

void RoundMachine::observe_voters(RoundId told, std::span<const VoterTrust::Voter> voters) {
  trust_.observe(told, voters);
  best_reliability_ = 0;
  for (const auto& voter : voters)
    best_reliability_ = std::max(best_reliability_, std::abs(trust_.reliability(voter.name)));
}

// Where all votes weigh the same, nothing depends on what they say about the voters: they are
// compared for the operator only, while the agents compute, seldom, and in a large fleet a part of
// the voters at a time.
void RoundMachine::compare_voters() {
  if (job_.weights != VoteWeights::Equal || closed_->round.value % kCompareEvery != 0) return;
  std::vector<VoterTrust::Voter> all;
  for (const Member* member : roster_.participants())
    if (member->voted) all.push_back({member->name, &member->signs, &member->abstained});
  std::vector<VoterTrust::Voter> some;
  for (std::size_t i = 0; i < std::min(all.size(), kComparedMost); ++i)
    some.push_back(all[(compared_from_ + i) % all.size()]);
  compared_from_ += some.size();
  // The window that is compared moves on with each round that is told.
  observe_voters(RoundId{closed_->round.value / kCompareEvery}, some);
}

void RoundMachine::expect_weights() {
  if (job_.weights == VoteWeights::Equal) return;
  std::uint64_t total = 0;
  for (const Member* member : roster_.participants())
    if (member->live && member->awaited)
      total += static_cast<std::uint64_t>(std::abs(trust_.weight(member->name)));
  tally_.expect(std::max<std::uint64_t>(1, total));
}

// [bytes of the controller's u32 | controller | trust]; the controller alone while votes are equal.
Bytes RoundMachine::memory_of_rounds() const {
  Bytes controller = controller_->state();
  if (job_.weights == VoteWeights::Equal) return controller;
  const auto size = static_cast<std::uint32_t>(controller.size());
  Bytes memory = to_bytes(std::as_bytes(std::span(&size, 1)));
  memory.insert(memory.end(), controller.begin(), controller.end());
  const Bytes trust = trust_.state();
  memory.insert(memory.end(), trust.begin(), trust.end());
  return memory;
}

Status RoundMachine::restore_memory(ByteView memory) {
  if (job_.weights == VoteWeights::Equal) return controller_->restore(memory);
  std::uint32_t size = 0;
  if (memory.size() >= sizeof size) std::memcpy(&size, memory.data(), sizeof size);
  if (memory.size() < sizeof size + size)
    return Error{ErrorKind::Corrupt, "the saved state of rate and weights is cut off"};
  if (auto restored = controller_->restore(memory.subspan(sizeof size, size)); !restored)
    return restored;
  return trust_.restore(memory.subspan(sizeof size + size));
}

bool RoundMachine::waits_for_expected(Instant now) const {
  return !expected_.empty() && now < expected_until_;
}

void RoundMachine::try_close(Instant now) {
  if (phase_ != Phase::Voting || closed_ != nullptr || waits_for_expected(now)) return;
  const std::size_t voted = roster_.voted_count(), answered = roster_.answered_count();
  const bool all_here = roster_.missing_count() == 0 && answered > 0;
  if (!all_here && now < round_deadline_) return;
  // Who answered cannot vote in this round any more, but for those that paused: for them the round
  // waits. Where too few could, it closes without a step: its samples are lost, the next may do.
  // That takes more than half of the fleet, or else one sick board that is alone for a while would
  // run through all the rounds.
  const std::size_t spent = answered - roster_.paused_count(), paused = paused_here();
  const bool decides = somebody_counts();
  const bool hopeless = spent >= job_.round.quorum && 2 * spent > job_.round.agents &&
                        (voted + paused < job_.round.quorum || (!decides && paused == 0));
  if ((voted >= job_.round.quorum && decides) || hopeless) {
    give_up_missing();
    return close_round(now);
  }
  if (now < round_deadline_) return;
  note_wait();
  round_deadline_ = now + deadline_length();
}

// Those whose votes count reversed say where not to go, and take no step alone. Where nobody who
// voted has any weight all count alike.
bool RoundMachine::somebody_counts() const {
  return tally_.total_weight() == 0 ||
         std::ranges::any_of(roster_.participants(),
                             [](const Member* m) { return m->voted && m->weight > 0; });
}

std::size_t RoundMachine::paused_here() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      roster_.participants(), [](const Member* m) { return m->live && m->paused; }));
}

// A fleet may pause for a night. Of that it is enough to hear at every power of two.
void RoundMachine::note_wait() {
  ++round_waits_;
  const bool all_paused = roster_.paused_count() > 0 && roster_.missing_count() == 0;
  if (all_paused && !is_power_of_two(round_waits_)) return;
  std::string text = "round " + std::to_string(replica_.next_round().value) +
                     " waits: " + counted(roster_.voted_count(), "vote") + ", quorum " +
                     std::to_string(job_.round.quorum);
  if (roster_.paused_count() > 0) text += "; paused: " + counted(roster_.paused_count(), "agent");
  note(all_paused ? Level::Info : Level::Warning, std::move(text));
}

void RoundMachine::give_up_missing() {
  if (roster_.missing_count() == 0) return;  // Whoever has left is not awaited.
  for (Member* member : roster_.participants())
    if (member->awaited && !member->answered) {
      roster_.give_up(*member);
      note(Level::Info, "round " + std::to_string(replica_.next_round().value) +
                            " closes without " + member->name);
    }
}

RoundStatistics RoundMachine::statistics_of_round() const {
  std::vector<double> local, cross, loss, curvature;
  for (const Member* member : roster_.participants()) {
    if (!member->voted || (member->weight <= 0 && !counts_equally_)) continue;
    local.push_back(double{member->vote.local});
    cross.push_back(double{member->vote.cross});
    loss.push_back(double{member->vote.loss});
    if (member->vote.curvature) curvature.push_back(double{*member->vote.curvature});
  }
  RoundStatistics s;
  s.round = replica_.next_round();
  s.voters = local.size();
  s.local = bounded_mean(local, kStatisticMost);
  s.cross = bounded_mean(cross, kStatisticMost);
  s.loss = bounded_mean(loss, kLossMost);
  s.curvature = middle_of(std::move(curvature));
  return s;
}

// Where nobody who voted has a weight, as when all that are known pause, nothing is known of any of
// them.
void RoundMachine::count_equally_if_unknown() {
  counts_equally_ = tally_.total_weight() == 0;
  if (!counts_equally_) return;
  for (const Member* member : roster_.participants())
    if (member->voted) tally_.add(member->signs, member->abstained);
}

void RoundMachine::close_round(Instant now) {
  auto update = std::make_shared<UpdateRecord>();
  update->round = replica_.next_round();
  count_equally_if_unknown();
  RoundStatistics statistics = statistics_of_round();
  Majority majority = tally_.majority();
  statistics.margin = majority.margin;
  closed_ties_ = majority.ties;
  const SharedUpdate last = catch_up_.last();
  update->ties = break_ties(majority, job_.tie, mix(mix(job_.seed, kTieCoin), update->round.value),
                            last != nullptr ? last->signs : SignVector());
  update->signs = std::move(majority.signs);
  update->voters = static_cast<std::uint32_t>(roster_.voted_count());
  // Votes that weigh nothing decide nothing.
  const bool enough = statistics.voters > 0 && update->voters >= job_.round.quorum;
  update->rate = enough ? controller_->rate(statistics) : 0.0F;
  update->digest = replica_.digest();
  learn_weights();
  last_loss_ = statistics.voters > 0 ? statistics.loss : std::numeric_limits<double>::quiet_NaN();
  rounds_without_step_ = enough ? 0 : rounds_without_step_ + 1;

  RoundReport report{update->round,
                     job_.stop.rounds,
                     update->rate,
                     last_loss_,
                     statistics.margin,
                     update->voters,
                     0,
                     round_refused_,
                     static_cast<std::uint32_t>(roster_.live_count()),
                     elapsed_s(now)};
  std::vector<std::string> awaited;
  for (const Member* member : roster_.participants()) {
    report.abstained += member->answered && !member->voted ? 1U : 0U;
    if (member->live && member->awaited) awaited.push_back(member->name);
  }

  // Durable before anyone is told of it; told before anything that can wait. The step itself is
  // taken by complete_round(), while the agents take theirs.
  out_->emplace_back(SaveRound{update, memory_of_rounds(), report, std::move(awaited)});
  publish(message_of(*update, run_, deadline_ms()));
  closed_ = update;
  out_->emplace_back(Report{report});
}

void RoundMachine::complete_round(Instant now) {
  if (closed_ == nullptr) return;
  count_mismatches();
  compare_data();
  compare_voters();
  replica_.apply(closed_->rate, closed_->signs, closed_->ties);
  catch_up_.remember(std::exchange(closed_, nullptr));
  const std::uint64_t done = replica_.next_round().value;
  if (done % std::max<std::uint64_t>(1, job_.state.snapshot_every) == 0) save_snapshot();
  if (job_.evaluate.every > 0 && done % job_.evaluate.every == 0 && !evaluating_ &&
      done < job_.stop.rounds) {
    evaluating_ = true;
    out_->emplace_back(Evaluate{catch_up_.freeze(replica_)});
  }
  open_round(now);
}

void RoundMachine::count_mismatches() {
  for (Member* member : roster_.participants()) {
    if (!member->voted) continue;
    const double share = static_cast<double>(mismatch(member->signs, closed_->signs, closed_ties_,
                                                      member->abstained)) /
                         static_cast<double>(std::max<std::size_t>(1, replica_.dimension()));
    member->mismatch += (share - member->mismatch) * (member->votes > 1 ? kSmoothing : 1.0);
  }
}

// Losses by local steps are of the same x_k, and compare as well; a job that says `unequal` needs
// no remark. Said once: nobody changes a job in the middle of its run.
void RoundMachine::compare_data() {
  const std::size_t steps = vote_plan(job_).local_steps;  // the loss is that of the first
  for (const Member* member : roster_.participants())
    if (member->voted)
      likeness_.add(member->name, double{member->vote.loss}, member->vote.samples / steps,
                    member->data.samples);
  likeness_.end_round();
  if (job_.distribution == Distribution::Unequal || unequal_told_ || !likeness_.unequal()) return;
  unequal_told_ = true;
  note(Level::Warning,
       "the agents' data seem to differ in kind: some have a larger loss than others, round after "
       "round; data.distribution = \"unequal\" in the job is made for that");
}

Duration RoundMachine::deadline_length() const {
  // Three times what the middle agent needs: a straggler among them does not move it.
  std::vector<double> responses;
  for (const Member* member : roster_.participants())
    if (member->live && member->awaited && member->response_s > 0)
      responses.push_back(member->response_s);
  if (responses.empty()) return job_.round.deadline_max;
  const auto middle = responses.begin() + static_cast<std::ptrdiff_t>(responses.size() / 2);
  std::ranges::nth_element(responses, middle);
  const auto wanted = std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(std::min(3 * *middle, seconds(job_.round.deadline_max))));
  return std::clamp(wanted, job_.round.deadline_min, job_.round.deadline_max);
}

std::uint32_t RoundMachine::deadline_ms() const {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline_length()).count());
}

}  // namespace signet
