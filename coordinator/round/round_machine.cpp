#include "coordinator/round/round_machine.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "core/base/short_number.hpp"
#include "core/wire/codec.hpp"

namespace signet {

namespace {

static_assert(kAgentsMax == kMembersMax, "a run takes as many agents as a job may ask for");

std::unique_ptr<RateController> controller_of(const Job& job, const Replica& replica) {
  return RateController::create(
      job.rate, replica.dimension(), job.stop.rounds,
      {root_mean_square(replica.parameters()), vote_plan(job).local_steps > 1});
}

}  // namespace

Result<std::unique_ptr<RoundMachine>> RoundMachine::create(Job job, std::string job_text,
                                                           RunState state,
                                                           std::uint16_t update_port, Instant now) {
  const Bytes controller = state.controller;
  std::unique_ptr<RoundMachine> machine(
      new RoundMachine(std::move(job), std::move(job_text), std::move(state), update_port, now));
  if (!controller.empty())
    if (auto restored = machine->restore_memory(controller); !restored) return restored.error();
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
      controller_(controller_of(job_, replica_)),
      normalisation_(std::move(state.normalisation)),
      tally_(replica_.dimension(), std::max<std::size_t>(1, job_.round.agents)),
      expected_(std::move(state.expected)),
      best_accuracy_(state.best_accuracy),
      since_best_(state.evaluations_since_best),
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
  // Before anything else: no event sees a round that is published and not completed.
  complete_round(now);
  std::visit([this, now](const auto& e) { on(now, e); }, event);
  out_ = nullptr;
}

Instant RoundMachine::deadline() const {
  if (closed_ != nullptr) return Instant::min();
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
  Member* member = roster_.find(event.peer);
  const bool proven = !event.name.empty();
  const auto* hello = std::get_if<Hello>(&event.message);
  // A connection says itself how it is called, and may take the name of one that is gone.
  if (proven && hello == nullptr && member != nullptr && member->name != event.name)
    return refuse(event.peer,
                  {RefusalReason::UnknownPeer, "say hello first", replica_.next_round()});
  if (member != nullptr) roster_.heard(*member, now);
  // Who its key says it is, whatever it says itself.
  if (proven && hello != nullptr) return greet_by_key(now, event.peer, *hello, event.name);
  std::visit([&](const auto& message) { on_message(now, event.peer, message); }, event.message);
}

void RoundMachine::on(Instant now, const PeerGarbage& event) {
  ++garbage_;
  ++refused_[RefusalReason::Malformed];
  Member* member = roster_.find(event.peer);
  if (member != nullptr) ++member->refusals[static_cast<std::size_t>(RefusalReason::Malformed)];
  // A flood of garbage must not become a flood of log lines.
  if (is_power_of_two(garbage_))
    note(Level::Warning,
         "unreadable message (" + event.why + "); " + std::to_string(garbage_) + " so far");
  if (member != nullptr) wait_no_longer(now, *member);
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
  ++since_best_;
  if (event.accuracy > best_accuracy_) {
    best_accuracy_ = event.accuracy;
    since_best_ = 0;
  }
  check_stop(now);
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
    if (begun()) save_snapshot();
    publish(Goodbye{run_, Farewell::Stopped, "the coordinator was stopped", replica_.next_round(),
                    replica_.digest(), 0, 0});
  }
  finish();
}

// Messages that only a coordinator sends.
template <typename T>
void RoundMachine::on_message(Instant now, const PeerId& peer, const T& /*message*/) {
  on(now, PeerGarbage{peer, "a message that only a coordinator sends"});
}

// --- helpers --------------------------------------------------------------------------------

std::string RoundMachine::counted(std::uint64_t n, const char* what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

void RoundMachine::send(const PeerId& peer, const Message& message) {
  out_->emplace_back(SendTo{peer, encode(message)});
}

void RoundMachine::publish(const Message& message) {
  out_->emplace_back(Publish{encode(message)});
}

void RoundMachine::save_snapshot() {
  out_->emplace_back(SaveSnapshot{replica_.next_round(), replica_.digest(), replica_.parameters()});
}

void RoundMachine::finish() {
  phase_ = Phase::Done;
  catch_up_ =
      CatchUpServer(run_);  // Nobody is served any more, and the model is yet to be written.
  out_->emplace_back(FinishRun{summary_});
}

void RoundMachine::refuse(const PeerId& peer, Refuse refusal) {
  ++refused_[refusal.reason];
  note(Level::Debug, std::string("refused: ") + to_string(refusal.reason) + ": " + refusal.text);
  send(peer, refusal);
}

void RoundMachine::note(Level level, std::string text) {
  out_->emplace_back(Note{level, std::move(text)});
}

std::string RoundMachine::status() const {
  std::string text = "round " + std::to_string(replica_.next_round().value) + " of " +
                     std::to_string(job_.stop.rounds);
  if (phase_ == Phase::Gathering)
    return "waiting for agents: " + std::to_string(roster_.ready_count()) + " of " +
           std::to_string(job_.round.agents) + " are ready";
  if (phase_ == Phase::Voting) {
    if (!std::isnan(last_loss_)) text += ", loss " + short_number(last_loss_);
    text += ", " + std::to_string(roster_.answered_count()) + " of " +
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
