#include "coordinator/round/round_machine.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "core/base/digest.hpp"
#include "core/base/random.hpp"
#include "core/wire/codec.hpp"

namespace signet {

namespace {

constexpr std::uint64_t kTieCoin = 0x7469652d636f696e;  // a stream of its own within the seed
constexpr std::uint64_t kEmptyRoundsMax = 100;
constexpr double kSmoothing = 0.2;
constexpr std::size_t kOpenedKept = 64;
constexpr Duration kFarewellWait = std::chrono::seconds(10);
// Most samples of one agent: a learner's limit, and what keeps the sum over agents from wrapping.
constexpr std::uint64_t kSamplesMax = std::numeric_limits<std::uint32_t>::max();

std::string counted(std::size_t n, const char* what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

}  // namespace

Result<std::unique_ptr<RoundMachine>> RoundMachine::create(Job job, std::string job_text,
                                                           RunState state,
                                                           std::uint16_t update_port, Instant now) {
  const Bytes controller = state.controller;
  std::unique_ptr<RoundMachine> machine(
      new RoundMachine(std::move(job), std::move(job_text), std::move(state), update_port, now));
  if (!controller.empty())
    if (auto restored = machine->controller_->restore(controller); !restored)
      return restored.error();
  return machine;
}

RoundMachine::RoundMachine(Job job, std::string job_text, RunState state, std::uint16_t update_port,
                           Instant now)
    : job_(std::move(job)),
      job_text_(std::move(job_text)),
      run_(state.run),
      update_port_(update_port),
      roster_(job_.round.silence),
      catch_up_(state.run),
      replica_(std::move(state.parameters), state.next_round),
      controller_(RateController::create(job_.rate, replica_.dimension(), job_.stop.rounds)),
      normalisation_(std::move(state.normalisation)),
      tally_(replica_.dimension(), std::max<std::size_t>(1, job_.round.agents)),
      expected_(std::move(state.expected)),
      best_accuracy_(state.best_accuracy),
      best_round_(state.best_round),
      elapsed_before_s_(state.elapsed_s) {
  for (auto& update : state.recent) catch_up_.remember(std::move(update));
  for (auto& agent : state.agents) roster_.remember(std::move(agent.name), agent.id, agent.samples);
  if (!normalisation_) {
    expected_.clear();
    return;
  }
  // A restart: the round that was open is open again, and waits for those who were there.
  expected_until_ = now + job_.round.rejoin;
  phase_ = Phase::Voting;
  voting_since_ = now;
  round_opened_ = now;
  round_deadline_ = now + deadline_length();
}

void RoundMachine::step(Instant now, const CoordinatorEvent& event, CoordinatorActions& actions) {
  out_ = &actions;
  // Before anything that could touch the votes of the published round.
  count_mismatches();
  std::visit([this, now](const auto& e) { on(now, e); }, event);
  out_ = nullptr;
}

Instant RoundMachine::deadline() const {
  if (uncounted_ != nullptr) return Instant::min();
  if (phase_ == Phase::Done) return kNever;
  Instant next = roster_.next_silence();
  // The open round does not close before those who were there are back or given up.
  if (!expected_.empty()) next = std::min(next, expected_until_);
  if (phase_ == Phase::Voting && expected_.empty()) next = std::min(next, round_deadline_);
  if (phase_ == Phase::Voting) next = std::min(next, wall_end());
  if (phase_ == Phase::Finishing) next = std::min(next, finish_until_);
  return next;
}

// --- events ---------------------------------------------------------------------------------

void RoundMachine::on(Instant now, const PeerMessage& event) {
  if (phase_ == Phase::Done) return;
  if (Member* member = roster_.find(event.peer)) roster_.heard(*member, now);
  std::visit([&](const auto& message) { on_message(now, event.peer, message); }, event.message);
}

void RoundMachine::on(Instant /*now*/, const PeerGarbage& event) {
  ++garbage_;
  if (Member* member = roster_.find(event.peer))
    ++member->refusals[static_cast<std::size_t>(RefusalReason::Malformed)];
  // A flood of garbage must not become a flood of log lines.
  if ((garbage_ & (garbage_ - 1)) == 0)
    note(Level::Warning,
         "unreadable message (" + event.why + "); " + std::to_string(garbage_) + " so far");
}

void RoundMachine::on(Instant now, const TimePassed& /*event*/) {
  for (Member* lost : roster_.lose_silent(now))
    note(Level::Warning, "agent " + lost->name + " is lost: silent for " +
                             std::to_string(static_cast<int>(seconds(job_.round.silence))) + " s");
  if (!expected_.empty() && now >= expected_until_) {
    note(Level::Warning,
         "going on without " + counted(expected_.size(), "agent") + " of before the restart");
    expected_.clear();
  }
  if (phase_ == Phase::Voting) {
    check_stop(now);
    try_close(now);
  }
  if (phase_ == Phase::Finishing) try_finish(now);
}

void RoundMachine::on(Instant now, const Evaluated& event) {
  evaluating_ = false;
  if (event.accuracy > best_accuracy_) {
    best_accuracy_ = event.accuracy;
    best_round_ = event.next_round;
  }
  if (phase_ != Phase::Voting) return;
  if (job_.stop.target_accuracy && event.accuracy >= *job_.stop.target_accuracy)
    return begin_finish(now, "target accuracy reached");
  if (job_.stop.patience &&
      event.next_round.value >=
          best_round_.value + *job_.stop.patience * std::max<std::uint64_t>(1, job_.evaluate.every))
    begin_finish(
        now, "no better test accuracy in " + std::to_string(*job_.stop.patience) + " evaluations");
}

void RoundMachine::on(Instant now, const StopRequested& /*event*/) {
  if (phase_ == Phase::Done) return;
  if (phase_ != Phase::Finishing) {
    summary_.elapsed_s = elapsed_s(now);
    summary_.next_round = replica_.next_round();
    summary_.digest = replica_.digest();
    summary_.agents = roster_.live_count();
    summary_.stopped = true;
    summary_.why = "stopped";
    if (begun()) out_->push_back(SaveSnapshot{catch_up_.freeze(replica_)});
    out_->push_back(Publish{encode(Goodbye{run_, Farewell::Stopped, "the coordinator was stopped",
                                           replica_.next_round(), replica_.digest(), 0, 0})});
  }
  phase_ = Phase::Done;
  out_->push_back(FinishRun{summary_});
}

// --- messages -------------------------------------------------------------------------------

void RoundMachine::on_message(Instant now, const PeerId& peer, const Hello& hello) {
  if (hello.protocol_max < kProtocolOldest || hello.protocol_min > kProtocol)
    return refuse(peer, {RefusalReason::Protocol,
                         "this coordinator speaks protocol " + std::to_string(kProtocolOldest) +
                             " to " + std::to_string(kProtocol) + ", agent '" + hello.name +
                             "' speaks " + std::to_string(hello.protocol_min) + " to " +
                             std::to_string(hello.protocol_max) + "; update the older one",
                         {}});
  // Two missed heartbeats: the old session of this name is taken for dead and replaced.
  const std::size_t live_before = roster_.live_count();
  auto joined = roster_.join(peer, hello.name, now, job_.round.heartbeat * 5 / 2);
  if (!joined) {
    const bool taken = joined.error().kind == ErrorKind::Denied;
    return refuse(
        peer,
        {taken ? RefusalReason::NameTaken : RefusalReason::Malformed, joined.error().message, {}});
  }
  // Back when the run is over: it is told, and asked for its digest, as those who stayed.
  if (phase_ == Phase::Finishing && roster_.live_count() > live_before) ++summary_.agents;
  if (hello.ready) return become_ready(now, **joined, hello);
  send(peer, welcome_for(**joined));
}

void RoundMachine::become_ready(Instant now, Member& member, const Hello& hello) {
  std::size_t inputs = 1;
  for (const std::size_t extent : job_.model.input) inputs *= extent;
  const std::size_t entries =
      job_.normalise == Normalise::Feature ? inputs : (job_.normalise == Normalise::All ? 1 : 0);
  if (hello.data.samples == 0 || hello.data.samples > kSamplesMax ||
      hello.data.mean.size() != entries) {
    refuse(member.peer,
           {RefusalReason::DataMismatch,
            "agent '" + member.name + "' has " + std::to_string(hello.data.samples) +
                " samples and statistics of " + std::to_string(hello.data.mean.size()) +
                " quantities; the job needs 1 to " + std::to_string(kSamplesMax) + " samples and " +
                std::to_string(entries),
            {}});
    return roster_.leave(member);
  }
  const bool was_ready = member.ready;
  member.data = hello.data;
  member.ready = true;
  if (!was_ready) {
    out_->push_back(SaveAgent{member.name, member.id, member.data.samples});
    note(Level::Info, "agent " + member.name + " joined with " +
                          std::to_string(member.data.samples) + " samples");
  }
  const auto expected = std::ranges::find(expected_, member.name);
  if (expected != expected_.end()) {
    expected_.erase(expected);
    member.awaited = true;
    // It has to be brought up to date and to vote: the clock starts anew for it.
    round_deadline_ = std::max(round_deadline_, now + deadline_length());
  }
  if (phase_ == Phase::Gathering && roster_.ready_count() >= job_.round.agents) return begin(now);
  send(member.peer, welcome_for(member));
  if (phase_ == Phase::Finishing)
    send(member.peer, Goodbye{run_, Farewell::Finished, summary_.why, replica_.next_round(),
                              replica_.digest(), 0, 0});
}

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
  if (member.answered) return no(RefusalReason::RepeatedVote, "already voted in this round");
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
    if (objection->reason == RefusalReason::LateVote) note_late(now, *member, vote.round);
    return refuse(peer, std::move(*objection));
  }
  count_vote(now, *member, vote);
  try_close(now);
}

void RoundMachine::count_vote(Instant now, Member& member, const Vote& vote) {
  const double took = seconds(now - round_opened_);
  member.response_s += (took - member.response_s) * (member.response_s > 0 ? kSmoothing : 1.0);
  member.answered = member.awaited = true;
  member.vote = vote;
  member.vote.signs = member.vote.abstained = {};
  if (vote.abstention != Abstention::None) {
    ++member.abstentions;
    member.last_abstention = vote.reason;
    // Once, not each round: the first time and then at every power of two.
    if ((member.abstentions & (member.abstentions - 1)) == 0)
      note(Level::Warning, "agent " + member.name + " abstained in round " +
                               std::to_string(vote.round.value) + ": " + vote.reason + " (" +
                               std::to_string(member.abstentions) + " so far)");
    return;
  }
  member.voted = true;
  ++member.votes;
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
  if (tally_.total_weight() == tally_.weight_max()) {
    // More voters than the counters have room for: make room and count the kept votes again.
    tally_ = MajorityTally(dimension, tally_.weight_max() * 2);
    for (const auto& [name, other] : roster_.members())
      if (other.voted && &other != &member) tally_.add(other.signs, other.abstained);
  }
  tally_.add(member.signs, member.abstained);
}

void RoundMachine::note_late(Instant now, Member& member, RoundId voted) {
  ++member.late;
  if (phase_ != Phase::Voting) return;
  // Quick enough for a deadline, only not awaited (it has just joined): wait for it from now on. A
  // board that is slower than that goes on voting when it can, and nobody waits for it.
  const std::uint64_t ago = replica_.next_round().value - voted.value;
  if (ago > earlier_opened_.size()) return;
  const Instant opened = earlier_opened_[earlier_opened_.size() - ago];
  if (now - opened < deadline_length()) member.awaited = true;
}

void RoundMachine::on_message(Instant /*now*/, const PeerId& peer, const CatchUpRequest& request) {
  Member* member = roster_.find(peer);
  if (member == nullptr || !begun())
    return refuse(peer, {RefusalReason::UnknownPeer, "say hello first", replica_.next_round()});
  if (request.chunk == 0 && !request.has_replica && request.run == run_) {
    ++member->resyncs;
    note(Level::Info, "agent " + member->name + " takes a snapshot");
  }
  for (auto& frames : catch_up_.answer(request, replica_, deadline_ms()))
    out_->push_back(SendTo{peer, std::move(frames)});
}

void RoundMachine::on_message(Instant /*now*/, const PeerId& peer, const Heartbeat& /*beat*/) {
  Member* member = roster_.find(peer);
  if (member == nullptr)
    return refuse(peer, {RefusalReason::UnknownPeer, "say hello first", replica_.next_round()});
  const Activity activity = !member->ready               ? Activity::Loading
                            : phase_ == Phase::Gathering ? Activity::Waiting
                            : phase_ == Phase::Voting    ? Activity::Idle
                                                         : Activity::Finished;
  send(peer, Heartbeat{run_, replica_.next_round(), activity, member->answered});
  // The broadcast may have been lost; what is said at the end is said again until it is answered.
  if (phase_ == Phase::Finishing)
    send(peer, Goodbye{run_, Farewell::Finished, summary_.why, replica_.next_round(),
                       replica_.digest(), 0, 0});
}

void RoundMachine::on_message(Instant now, const PeerId& peer, const Goodbye& goodbye) {
  Member* member = roster_.find(peer);
  if (member == nullptr) return;
  if (phase_ == Phase::Finishing && goodbye.reason == Farewell::Finished &&
      goodbye.round == replica_.next_round() && goodbye.run == run_) {
    ++(goodbye.digest == replica_.digest() ? summary_.confirmed : summary_.different);
    summary_.bytes_sent_sum += goodbye.bytes_sent;
    summary_.bytes_received_sum += goodbye.bytes_received;
  } else {
    note(goodbye.reason == Farewell::Failed ? Level::Warning : Level::Info,
         "agent " + member->name + " left: " + goodbye.text);
  }
  roster_.leave(*member);
  if (phase_ == Phase::Voting) try_close(now);
  if (phase_ == Phase::Finishing) try_finish(now);
}

template <typename T>
void RoundMachine::on_message(Instant now, const PeerId& peer, const T& /*message*/) {
  on(now, PeerGarbage{peer, "a message that only a coordinator sends"});
}

// --- rounds ---------------------------------------------------------------------------------

void RoundMachine::begin(Instant now) {
  std::vector<DataSummary> parts;
  for (const auto& [name, member] : roster_.members())
    if (member.live && member.ready) parts.push_back(member.data);
  auto pooled = pool(parts);
  SIGNET_CHECK(pooled, "every ready agent has samples and the same number of entries");
  normalisation_ = normalisation_from(*pooled);
  out_->push_back(SaveNormalisation{*normalisation_});
  note(Level::Info, "the run begins with " + counted(parts.size(), "agent") + " and " +
                        std::to_string(pooled->samples) + " samples");
  phase_ = Phase::Voting;
  voting_since_ = now;
  open_round(now);
  for (auto& [name, member] : roster_.members()) {
    if (!member.live || !member.ready) continue;
    member.awaited = true;
    send(member.peer, welcome_for(member));
  }
}

void RoundMachine::open_round(Instant now) {
  tally_.clear();
  round_refused_ = 0;
  for (auto& [name, member] : roster_.members()) member.answered = member.voted = false;
  earlier_opened_.push_back(round_opened_);
  if (earlier_opened_.size() > kOpenedKept) earlier_opened_.pop_front();
  round_opened_ = now;
  round_deadline_ = now + deadline_length();
  check_stop(now);
}

bool RoundMachine::waits_for_expected(Instant now) const {
  return !expected_.empty() && now < expected_until_;
}

void RoundMachine::try_close(Instant now) {
  if (phase_ != Phase::Voting || waits_for_expected(now)) return;
  std::size_t voted = 0, answered = 0, missing = 0;
  for (const auto& [name, member] : roster_.members()) {
    voted += member.voted ? 1U : 0U;
    answered += member.answered ? 1U : 0U;
    missing += member.live && member.awaited && !member.answered ? 1U : 0U;
  }
  const bool all_here = missing == 0 && answered > 0;
  if (!all_here && now < round_deadline_) return;
  // Nobody who answered can vote in this round any more. Where too few could, it closes without a
  // step: its samples are lost, the next may do. That takes half of the fleet at least, or else one
  // sick board that is alone for a while would run through all the rounds.
  const bool hopeless = answered >= job_.round.quorum && 2 * answered >= job_.round.agents;
  if (voted >= job_.round.quorum || hopeless) {
    for (auto& [name, member] : roster_.members())
      if (member.awaited && !member.answered) {
        member.awaited = false;
        if (member.live)
          note(Level::Info,
               "round " + std::to_string(replica_.next_round().value) + " closes without " + name);
      }
    return close_round(now);
  }
  if (now < round_deadline_) return;
  note(Level::Warning, "round " + std::to_string(replica_.next_round().value) +
                           " waits: " + counted(voted, "vote") + ", quorum " +
                           std::to_string(job_.round.quorum));
  round_deadline_ = now + deadline_length();
}

RoundStatistics RoundMachine::statistics_of_round() const {
  // In the order of names, so that the sums do not depend on who was first.
  RoundStatistics s;
  s.round = replica_.next_round();
  for (const auto& [name, member] : roster_.members()) {
    if (!member.voted) continue;
    ++s.voters;
    s.local += double{member.vote.local};
    s.cross += double{member.vote.cross};
    s.loss += double{member.vote.loss};
  }
  const double n = static_cast<double>(std::max<std::size_t>(1, s.voters));
  s.local /= n;
  s.cross /= n;
  s.loss /= n;
  return s;
}

void RoundMachine::close_round(Instant now) {
  auto update = std::make_shared<UpdateRecord>();
  update->round = replica_.next_round();
  RoundStatistics statistics = statistics_of_round();
  Majority majority = tally_.majority();
  statistics.margin = tally_.mean_margin(majority);
  uncounted_ties_ = majority.ties;
  const SharedUpdate last = catch_up_.last();
  update->ties = break_ties(majority, job_.tie, mix(mix(job_.seed, kTieCoin), update->round.value),
                            last != nullptr ? last->signs : SignVector());
  update->signs = std::move(majority.signs);
  update->voters = static_cast<std::uint32_t>(statistics.voters);
  const bool enough = statistics.voters >= std::max<std::size_t>(1, job_.round.quorum);
  update->rate = enough ? controller_->rate(statistics) : 0.0F;
  update->digest_after = replica_.apply(update->rate, update->signs, update->ties);
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
  for (const auto& [name, member] : roster_.members()) {
    report.abstained += member.answered && !member.voted ? 1U : 0U;
    if (member.live && member.awaited) awaited.push_back(name);
  }

  // Durable before anyone is told of it.
  out_->push_back(SaveRound{update, controller_->state(), report, std::move(awaited)});
  out_->push_back(Publish{encode(message_of(*update, run_, deadline_ms()))});
  catch_up_.remember(update);
  uncounted_ = update;
  out_->push_back(Report{report});

  const std::uint64_t done = replica_.next_round().value;
  if (done % std::max<std::uint64_t>(1, job_.state.snapshot_every) == 0)
    out_->push_back(SaveSnapshot{catch_up_.freeze(replica_)});
  if (job_.evaluate.every > 0 && done % job_.evaluate.every == 0 && !evaluating_ &&
      done < job_.stop.rounds) {
    evaluating_ = true;
    out_->push_back(Evaluate{catch_up_.freeze(replica_)});
  }
  open_round(now);
}

void RoundMachine::count_mismatches() {
  if (uncounted_ == nullptr) return;
  for (auto& [name, member] : roster_.members()) {
    // open_round() cleared `voted`; the kept signs are this round's where the vote says so.
    if (member.vote.round != uncounted_->round || member.signs.empty() ||
        member.vote.abstention != Abstention::None)
      continue;
    const double share = static_cast<double>(mismatch(member.signs, uncounted_->signs,
                                                      uncounted_ties_, member.abstained)) /
                         static_cast<double>(std::max<std::size_t>(1, replica_.dimension()));
    member.mismatch += (share - member.mismatch) * (member.votes > 1 ? kSmoothing : 1.0);
  }
  uncounted_ = nullptr;
}

Duration RoundMachine::deadline_length() const {
  // Three times what the middle agent needs: a straggler among them does not move it.
  std::vector<double> responses;
  for (const auto& [name, member] : roster_.members())
    if (member.live && member.awaited && member.response_s > 0)
      responses.push_back(member.response_s);
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

// --- the end --------------------------------------------------------------------------------

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
  if (rounds_without_step_ >= kEmptyRoundsMax) {
    summary_.diverged = true;
    begin_finish(now, "too few agents could vote for " + counted(kEmptyRoundsMax, "round") +
                          ": training has diverged");
  }
}

void RoundMachine::begin_finish(Instant now, std::string why) {
  phase_ = Phase::Finishing;
  finish_until_ = now + kFarewellWait;
  summary_.why = std::move(why);
  summary_.next_round = replica_.next_round();
  summary_.digest = replica_.digest();
  summary_.elapsed_s = elapsed_s(now);
  summary_.agents = roster_.live_count();
  out_->push_back(SaveSnapshot{catch_up_.freeze(replica_)});
  out_->push_back(Publish{encode(Goodbye{run_, Farewell::Finished, summary_.why,
                                         replica_.next_round(), replica_.digest(), 0, 0})});
  try_finish(now);
}

void RoundMachine::try_finish(Instant now) {
  // After a restart, those who were there may not know the last update yet.
  const bool somebody = roster_.live_count() > 0 || waits_for_expected(now);
  if (somebody && now < finish_until_) return;
  phase_ = Phase::Done;
  out_->push_back(FinishRun{summary_});
}

// --- helpers --------------------------------------------------------------------------------

Welcome RoundMachine::welcome_for(const Member& member) const {
  Welcome welcome;
  welcome.agent = member.id;
  welcome.run = run_;
  welcome.job = job_text_;
  welcome.begun = begun();
  welcome.round = replica_.next_round();
  welcome.update_port = update_port_;
  if (begun()) welcome.normalisation = *normalisation_;
  return welcome;
}

void RoundMachine::send(const PeerId& peer, const Message& message) {
  out_->push_back(SendTo{peer, encode(message)});
}

void RoundMachine::refuse(const PeerId& peer, Refuse refusal) {
  note(Level::Debug, std::string("refused: ") + to_string(refusal.reason) + ": " + refusal.text);
  send(peer, refusal);
}

void RoundMachine::note(Level level, std::string text) {
  out_->push_back(Note{level, std::move(text)});
}

std::string RoundMachine::status() const {
  std::string text = "round " + std::to_string(replica_.next_round().value) + " of " +
                     std::to_string(job_.stop.rounds);
  if (phase_ == Phase::Gathering)
    return "waiting for agents: " + std::to_string(roster_.ready_count()) + " of " +
           std::to_string(job_.round.agents) + " are ready";
  if (phase_ == Phase::Voting) {
    std::size_t answered = 0;
    for (const auto& [name, member] : roster_.members()) answered += member.answered ? 1U : 0U;
    text += ", loss " + std::to_string(last_loss_) + ", " + std::to_string(answered) + " of " +
            std::to_string(roster_.live_count()) + " agents answered";
  }
  if (phase_ == Phase::Finishing)
    text += ", over (" + summary_.why + "), " + std::to_string(summary_.confirmed) + " of " +
            counted(summary_.agents, "agent") + " said goodbye";
  return text;
}

Bytes pack_normalisation(const Normalisation& normalisation) {
  Bytes bytes = to_bytes(std::as_bytes(std::span(normalisation.mean)));
  const auto deviation = std::as_bytes(std::span(normalisation.deviation));
  bytes.insert(bytes.end(), deviation.begin(), deviation.end());
  // A run without normalisation has begun as well: one byte tells it from "not begun".
  bytes.push_back(std::byte{1});
  return bytes;
}

Result<Normalisation> unpack_normalisation(ByteView bytes) {
  if (bytes.size() % 8 != 1)
    return Error{ErrorKind::Corrupt, "the saved normalisation has an impossible size"};
  Normalisation normalisation;
  const std::size_t entries = bytes.size() / 8;
  normalisation.mean.resize(entries);
  normalisation.deviation.resize(entries);
  if (entries > 0) {
    std::memcpy(normalisation.mean.data(), bytes.data(), 4 * entries);
    std::memcpy(normalisation.deviation.data(), bytes.data() + 4 * entries, 4 * entries);
  }
  return normalisation;
}

}  // namespace signet
