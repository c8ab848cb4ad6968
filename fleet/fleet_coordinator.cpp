// The coordinator's side: the round machine, its store, and what it asks to be done.
#include <algorithm>
#include <utility>

#include "coordinator/store/persistence.hpp"
#include "core/wire/codec.hpp"
#include "fleet/fleet_parts.hpp"

namespace signet {

namespace {

constexpr std::uint16_t kUpdatePort = 1;

/// The reason, where `actions` refuse what `peer` sent.
std::optional<RefusalReason> refusal_in(const CoordinatorActions& actions, const PeerId& peer) {
  for (const auto& action : actions) {
    const auto* to = std::get_if<SendTo>(&action);
    if (to == nullptr || to->peer != peer) continue;
    const std::vector<ByteView> views(to->frames.begin(), to->frames.end());
    const auto message = decode(views);
    if (!message) continue;
    if (const auto* refuse = std::get_if<Refuse>(&*message)) return refuse->reason;
  }
  return std::nullopt;
}

PeerId peer_of(std::size_t agent, std::uint64_t connection) {
  return std::to_string(agent) + "." + std::to_string(connection);
}

}  // namespace

void Fleet::start_coordinator() {
  if (!recover_coordinator()) return;
  check_everybody();
  step_coordinator(TimePassed{});
}

bool Fleet::recover_coordinator() {
  start_clock(*coordinator_, kCoordinator);
  next_coordinator_tick_ = Instant{};
  auto store = disk_->open(job_.state.durability);
  if (!store) {
    violation("the state cannot be opened: " + store.error().message);
    return false;
  }
  store_ = std::move(*store);
  auto state = recover(*store_, {job_, run_, initial_parameters_});
  if (!state) {
    violation("recovery failed: " + state.error().message);
    return false;
  }
  auto machine = RoundMachine::create(job_, canonical_text(job_), std::move(*state), kUpdatePort,
                                      local(*coordinator_));
  if (!machine) {
    violation("restart failed: " + machine.error().message);
    return false;
  }
  machine_ = std::move(*machine);
  trace("coordinator starts at round " + std::to_string(machine_->replica().next_round().value));
  referee_->restarted(machine_->replica(), std::exchange(power_was_cut_, false));
  return true;
}

// --- its end --------------------------------------------------------------------------------

void Fleet::crash_coordinator() {
  ++result_.coordinator_crashes;
  trace("coordinator dies");
  disk_->kill();
  restart_coordinator_later();
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    if (nodes_[i]->session && !nodes_[i]->gone &&
        strikes(FaultKind::CrashTogether, static_cast<std::uint32_t>(i)))
      crash_agent(i);
}

void Fleet::restart_coordinator_later() {
  machine_.reset();
  store_.reset();
  evaluated_.reset();
  gone_.clear();
  const bool power_cut = strikes(FaultKind::PowerCut, kCoordinator);
  power_was_cut_ = power_was_cut_ || power_cut;
  disk_->revive(power_cut, dice_.draw(kCoordinator));
  // Somebody made room.
  disk_->set_full(false);
  disk_is_full_ = false;
  Delivery start;
  start.kind = Delivery::Kind::CoordinatorStart;
  schedule(now_ + faults_.restart_after, start);
}

// Somebody stops it, and starts it again.
void Fleet::stop_coordinator() {
  trace("coordinator is stopped");
  CoordinatorActions actions;
  machine_->step(local(*coordinator_), StopRequested{}, actions);
  perform(std::move(actions));
  if (machine_) restart_coordinator_later();
}

// --- what happens to it ---------------------------------------------------------------------

void Fleet::to_coordinator(const Delivery& d) {
  if (!machine_ || !connected(d)) return;
  const PeerId peer = peer_of(d.agent, d.connection);
  const std::vector<ByteView> views(d.frames->begin(), d.frames->end());
  auto message = decode(views);
  if (!message) return step_coordinator(PeerGarbage{peer, message.error().message});
  step_coordinator(PeerMessage{peer, std::move(*message)});
}

void Fleet::step_coordinator(const CoordinatorEvent& event) {
  if (strikes(FaultKind::CoordinatorStop, kCoordinator) && !machine_->finished())
    return stop_coordinator();
  CoordinatorActions actions;
  machine_->step(local(*coordinator_), event, actions);
  // Who is done answers nothing.
  if (const auto* arrived = std::get_if<PeerMessage>(&event); arrived && !machine_->finished())
    if (const auto* vote = std::get_if<Vote>(&arrived->message))
      judge_vote(static_cast<std::size_t>(std::stoull(arrived->peer)), *vote,
                 refusal_in(actions, arrived->peer));
  perform(std::move(actions));
  if (!machine_) return;
  referee_->saw("coordinator", machine_->replica());
  if (evaluated_) return step_coordinator(*std::exchange(evaluated_, std::nullopt));
  if (!gone_.empty()) {
    const PeerGone gone = std::move(gone_.back());
    gone_.pop_back();
    return step_coordinator(gone);
  }
  if (machine_->begun() && !machine_->finished())
    check_wait("coordinator", *coordinator_, machine_->deadline());
  schedule_coordinator_tick();
  maybe_stand_still(*coordinator_, kCoordinator);
}

void Fleet::judge_vote(std::size_t agent, const Vote& vote, std::optional<RefusalReason> refusal) {
  if (!refusal) return referee_->vote_counted(nodes_[agent]->name, vote);
  if (options_.trace)
    trace("coordinator refuses the vote of " + nodes_[agent]->name + ": " + to_string(*refusal));
  const RunPhase phase = machine_->look(local(*coordinator_)).phase;
  referee_->vote_refused(nodes_[agent]->name, vote, *refusal, phase != RunPhase::Voting);
}

// A tick for each event would flood the queue: only what is due before the next message matters.
void Fleet::schedule_coordinator_tick() {
  const Instant deadline = global(*coordinator_, machine_->deadline());
  if (deadline == kNever) return;
  Delivery tick;
  tick.kind = Delivery::Kind::CoordinatorTick;
  tick.life = coordinator_->life;
  if (deadline <= now_) {
    schedule(now_, std::move(tick));
  } else if (next_coordinator_tick_ <= now_ || deadline < next_coordinator_tick_) {
    next_coordinator_tick_ = deadline;
    schedule(next_coordinator_tick_, std::move(tick));
  }
}

// --- what it asks for -----------------------------------------------------------------------

void Fleet::perform(CoordinatorActions actions) {
  for (auto& action : actions) {
    if (strikes(FaultKind::CoordinatorCrash, kCoordinator)) return crash_coordinator();
    if (!perform_one(action)) return crash_coordinator();
  }
}

bool Fleet::perform_one(CoordinatorAction& action) {
  if (auto* to = std::get_if<SendTo>(&action)) return perform_one(*to);
  if (auto* publish = std::get_if<Publish>(&action)) return perform_one(*publish);
  if (const auto* round = std::get_if<SaveRound>(&action)) return perform_one(*round);
  if (const auto* agent = std::get_if<SaveAgent>(&action))
    return save_by([&] { return save(*store_, *agent); });
  if (const auto* normalisation = std::get_if<SaveNormalisation>(&action))
    return save_by([&] { return save(*store_, *normalisation); });
  if (const auto* snapshot = std::get_if<SaveSnapshot>(&action)) {
    if (!save_by([&] { return save(*store_, *snapshot); })) return false;
    referee_->snapshot_saved(snapshot->next_round);
    trace("coordinator saved a snapshot");
  } else if (const auto* evaluate = std::get_if<Evaluate>(&action)) {
    evaluated_ = Evaluated{evaluate->snapshot->next_round};
    judge(evaluate->snapshot->next_round, evaluate->snapshot->parameters);
    if (evaluator_) {
      evaluated_->accuracy = result_.judgements.back().accuracy();
      evaluated_->loss = result_.judgements.back().loss();
    }
  } else if (const auto* report = std::get_if<Report>(&action)) {
    result_.reports.push_back(report->report);
    if (options_.observer != nullptr) options_.observer->reported(report->report);
  } else if (const auto* note = std::get_if<Note>(&action)) {
    if (options_.trace) trace("coordinator: " + note->text);
  } else if (const auto* over = std::get_if<FinishRun>(&action)) {
    if (!over->summary.stopped) finish(*over);
  }
  return true;
}

bool Fleet::perform_one(SendTo& to) {
  const auto dot = to.peer.find('.');
  Delivery d;
  d.kind = Delivery::Kind::ToAgent;
  d.agent = static_cast<std::size_t>(std::stoull(to.peer.substr(0, dot)));
  d.connection = std::stoull(to.peer.substr(dot + 1));
  d.frames = std::make_shared<const std::vector<Bytes>>(std::move(to.frames));
  // Over a bad wire nobody hears that a connection was closed: it is half open.
  const Node& node = *nodes_[d.agent];
  const bool closed = d.connection != node.connection || !node.session;
  if (closed && now_ >= node.cut_until) gone_.push_back({std::move(to.peer)});
  transmit(std::move(d));
  return true;
}

bool Fleet::perform_one(Publish& publish) {
  const std::vector<ByteView> views(publish.frames.begin(), publish.frames.end());
  if (const auto message = decode(views); !message) {
    violation("coordinator publishes what nobody can read");
  } else if (const auto* update = std::get_if<Update>(&*message)) {
    referee_->told(update->round);
  }
  Delivery d;
  d.kind = Delivery::Kind::ToAgent;
  d.broadcast = true;
  d.frames = std::make_shared<const std::vector<Bytes>>(std::move(publish.frames));
  for (d.agent = 0; d.agent < nodes_.size(); ++d.agent) transmit(d);
  return true;
}

bool Fleet::perform_one(const SaveRound& round) {
  referee_->saving(round, machine_->replica());
  if (!save_by([&] { return save(*store_, round); })) return false;
  referee_->saved();
  if (options_.trace)
    trace("coordinator saved round " + std::to_string(round.update->round.value) + " of " +
          std::to_string(round.update->voters) + " votes, rate " +
          std::to_string(round.update->rate));
  return true;
}

// False: it is dead, or ends because it cannot save.
bool Fleet::save_by(const std::function<Status()>& call) {
  if (strikes(FaultKind::DiskFull, kCoordinator)) {
    disk_is_full_ = true;
    disk_->set_full(true);
  }
  const bool dies = strikes(FaultKind::StoreCrash, kCoordinator);
  if (dies) disk_->die_soon(dice_.draw(kCoordinator));
  const Status saved = call();
  if (dies) return false;
  if (saved) return true;
  trace("coordinator cannot save: " + saved.error().message);
  if (!disk_is_full_ || saved.error().kind != ErrorKind::Full)
    violation("store: " + saved.error().message);
  referee_->not_saved();
  return false;
}

void Fleet::finish(const FinishRun& action) {
  const Replica& last = machine_->replica();
  result_.summary = action.summary;
  result_.finished_at = now_ - Instant{};
  result_.parameters.assign(last.parameters().begin(), last.parameters().end());
  judge(last.next_round(), result_.parameters);
}

void Fleet::judge(RoundId next_round, std::span<const float> parameters) {
  if (!evaluator_) return;
  result_.judgements.push_back(evaluator_->judge(parameters, machine_->normalisation()));
  if (options_.observer != nullptr)
    options_.observer->judged(next_round, result_.judgements.back());
}

}  // namespace signet
