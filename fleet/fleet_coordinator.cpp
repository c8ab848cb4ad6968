// The coordinator's side: the round machine, its store, and what it asks to be done.
#include <utility>

#include "coordinator/store/persistence.hpp"
#include "core/wire/codec.hpp"
#include "fleet/fleet_parts.hpp"

namespace signet {

namespace {

constexpr std::uint16_t kUpdatePort = 1;

/// The round that `action` closes, for people.
std::string name_of(const SaveRound& action) {
  return "round " + std::to_string(action.update->round.value);
}

}  // namespace

bool Fleet::start_coordinator() {
  auto store = MemoryStore::open(disk_, job_.state.durability);
  SIGNET_CHECK(store, "the store of the coordinator before is closed");
  store_ = std::move(*store);
  RunPlan plan{job_, RunId{mix(job_.seed, 0x72756e)}, initial_parameters_};
  auto state = recover(*store_, std::move(plan));
  if (!state) {
    violation("recovery failed: " + state.error().message);
    return false;
  }
  const RoundId next = state->next_round;
  const bool lost = std::exchange(power_was_cut_, false);
  if (lost) lose_rounds_after(next);
  auto machine =
      RoundMachine::create(job_, canonical_text(job_), std::move(*state), kUpdatePort, now_);
  if (!machine) {
    violation("restart failed: " + machine.error().message);
    return false;
  }
  machine_ = std::move(*machine);
  ++coordinator_epoch_;
  next_coordinator_tick_ = Instant{};
  if (next.value != result_.rounds)
    violation("restart at round " + std::to_string(next.value) + ", committed were " +
              std::to_string(result_.rounds));
  committed_.try_emplace(next, machine_->replica().digest());
  if (lost || !reference_) reference_ = machine_->replica();
  check_everybody();
  step_coordinator(TimePassed{});
  return true;
}

void Fleet::crash_coordinator() {
  ++result_.coordinator_crashes;
  machine_.reset();
  store_.reset();
  evaluated_.reset();
  if (chance(faults_.power_cut)) {
    disk_->lose_power();
    power_was_cut_ = true;
  }
  Delivery start;
  start.kind = Delivery::Kind::CoordinatorStart;
  schedule(now_ + faults_.restart_after, start);
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    if (nodes_[i]->session && !nodes_[i]->gone && chance(faults_.crash_together)) crash_agent(i);
}

void Fleet::lose_rounds_after(RoundId next) {
  if (next.value > result_.rounds) return;  // start_coordinator() says so
  result_.rounds_lost += result_.rounds - next.value;
  result_.rounds = next.value;
  for (auto it = committed_.upper_bound(next); it != committed_.end(); it = committed_.erase(it))
    abandoned_.insert(it->second);
}

void Fleet::to_coordinator(const Delivery& d) {
  const Node& node = *nodes_[d.agent];
  if (!machine_ || d.epoch != coordinator_epoch_ || d.connection != node.connection) return;
  const PeerId peer = std::to_string(d.agent) + "." + std::to_string(d.connection);
  const std::vector<ByteView> views(d.frames->begin(), d.frames->end());
  auto message = decode(views);
  if (!message) return step_coordinator(PeerGarbage{peer, message.error().message});
  step_coordinator(PeerMessage{peer, std::move(*message)});
}

void Fleet::step_coordinator(const CoordinatorEvent& event) {
  CoordinatorActions actions;
  machine_->step(now_, event, actions);
  perform(std::move(actions));
  if (!machine_) return;
  check_replica("coordinator", machine_->replica());
  if (evaluated_) return step_coordinator(*std::exchange(evaluated_, std::nullopt));
  schedule_coordinator_tick();
}

// A tick for each event would flood the queue: only what is due before the next message matters.
void Fleet::schedule_coordinator_tick() {
  const Instant deadline = machine_->deadline();
  if (deadline == kNever) return;
  Delivery tick;
  tick.kind = Delivery::Kind::CoordinatorTick;
  tick.epoch = coordinator_epoch_;
  if (deadline <= now_) {
    schedule(now_, std::move(tick));
  } else if (next_coordinator_tick_ <= now_ || deadline < next_coordinator_tick_) {
    next_coordinator_tick_ = deadline;
    schedule(next_coordinator_tick_, std::move(tick));
  }
}

void Fleet::perform(CoordinatorActions actions) {
  for (auto& action : actions) {
    if (chance(faults_.coordinator_crash)) return crash_coordinator();
    if (!perform_one(action)) return crash_coordinator();
  }
}

bool Fleet::perform_one(CoordinatorAction& action) {
  const auto saved = [this](const Status& status) {
    if (!status) violation("store: " + status.error().message);
    return bool{status};
  };
  if (auto* to = std::get_if<SendTo>(&action)) {
    const auto dot = to->peer.find('.');
    Delivery d;
    d.kind = Delivery::Kind::ToAgent;
    d.agent = static_cast<std::size_t>(std::stoull(to->peer.substr(0, dot)));
    d.connection = std::stoull(to->peer.substr(dot + 1));
    d.frames = std::make_shared<const std::vector<Bytes>>(std::move(to->frames));
    transmit(std::move(d));
  } else if (auto* publish = std::get_if<Publish>(&action)) {
    Delivery d;
    d.kind = Delivery::Kind::ToAgent;
    d.broadcast = true;
    d.frames = std::make_shared<const std::vector<Bytes>>(std::move(publish->frames));
    for (d.agent = 0; d.agent < nodes_.size(); ++d.agent) transmit(d);
  } else if (const auto* agent = std::get_if<SaveAgent>(&action)) {
    return saved(save(*store_, *agent));
  } else if (const auto* normalisation = std::get_if<SaveNormalisation>(&action)) {
    return saved(save(*store_, *normalisation));
  } else if (const auto* round = std::get_if<SaveRound>(&action)) {
    if (!saved(save(*store_, *round))) return false;
    commit(*round);
  } else if (const auto* snapshot = std::get_if<SaveSnapshot>(&action)) {
    return saved(save(*store_, *snapshot));
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
  } else if (const auto* over = std::get_if<FinishRun>(&action)) {
    finish(*over);
  }
  return true;
}

// What the round leads to is worked out here as well, so that a coordinator that takes another step
// than the one it saved is found out.
void Fleet::commit(const SaveRound& action) {
  const UpdateRecord& update = *action.update;
  const RoundId next = update.round.next();
  if (next.value != result_.rounds + 1)
    violation(name_of(action) + " committed after " + std::to_string(result_.rounds) + " rounds");
  if (update.digest != machine_->replica().digest())
    violation(name_of(action) + " does not start from the coordinator's parameters");
  if (update.digest != reference_->digest())
    violation(name_of(action) + " does not start where the rounds before it lead to");
  reference_->apply(update.rate, update.signs, update.ties);
  if (!committed_.try_emplace(next, reference_->digest()).second)
    violation(name_of(action) + " committed twice");
  result_.rounds = next.value;
  result_.digest = reference_->digest();
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
