// The agents' side: sessions, their learners, and what sessions ask to be done.
#include <algorithm>
#include <utility>

#include "core/base/random.hpp"
#include "core/wire/codec.hpp"
#include "fleet/fleet_parts.hpp"

namespace signet {

namespace {

constexpr Duration kLoadTime = std::chrono::milliseconds(10);

}  // namespace

void Fleet::start_agent(std::size_t index) {
  Node& node = *nodes_[index];
  if (!node.session || node.gone) ++present_;
  start_clock(node.process, static_cast<std::uint32_t>(index));
  ++node.connection;
  node.trainer.reset();
  node.learner = nullptr;
  node.subscribed = node.gone = node.paused = false;
  node.tick_at = kNever;
  node.session = std::make_unique<AgentSession>(
      AgentSession::Identity{node.name, "fleet", mix(job_.seed, node.process.life)},
      local(node.process));
  trace(node.name + " starts");
  step_agent(index, Tick{});
}

void Fleet::stop_agent(std::size_t index) {
  Node& node = *nodes_[index];
  if (node.session && !node.gone) --present_;
  node.session.reset();
  ++node.process.life;
  Delivery start;
  start.kind = Delivery::Kind::AgentStart;
  start.agent = index;
  schedule(now_ + faults_.restart_after, start);
}

void Fleet::crash_agent(std::size_t index) {
  trace(nodes_[index]->name + " dies");
  ++result_.agent_crashes;
  stop_agent(index);
}

void Fleet::to_agent(const Delivery& d) {
  Node& node = *nodes_[d.agent];
  if (!node.session || !connected(d)) return;
  const std::vector<ByteView> views(d.frames->begin(), d.frames->end());
  auto message = decode(views);
  if (!message) return violation("agent got a message it cannot read");
  if (options_.trace && !node.session->ended()) trace(node.name + " gets " + described(d));
  step_agent(d.agent, Arrived{std::move(*message), d.broadcast});
}

// Each gradient has a learner and a replica of its own, and nobody else is stepped meanwhile.
void Fleet::compute_due() {
  computed_.assign(due_.size(), nullptr);
  pool_.run(due_.size(), [this](std::size_t i, std::size_t worker) {
    const Delivery& d = due_[i].delivery;
    Node& node = *nodes_[d.agent];
    // A session that has ended wants no vote any more; a process that stands still computes later.
    if (!alive(d) || node.session->ended() || now_ < node.process.still_until) return;
    const auto parameters = node.session->replica()->parameters();
    computed_[i] = node.learner != nullptr
                       ? &node.learner->learn(d.round, parameters, workspaces_[worker])
                       : &node.trainer->learn(d.round, parameters);
  });
  for (std::size_t i = 0; i < due_.size(); ++i) {
    if (computed_[i] == nullptr) continue;
    result_.samples += computed_[i]->samples;
    computed_[i] = &liars_.told(due_[i].delivery.agent, *computed_[i]);
  }
}

void Fleet::step_agent(std::size_t index, const AgentEvent& event) {
  Node& node = *nodes_[index];
  const auto subject = static_cast<std::uint32_t>(index);
  const bool leaves = strikes(FaultKind::AgentLeave, subject);
  AgentActions actions;
  node.session->step(local(node.process), leaves ? AgentEvent(StopAsked{}) : event, actions);
  perform(index, std::move(actions));
  if (!node.session) return;
  check_agent(index);
  if (node.session->ended()) return;
  check_wait(node.name, node.process, node.session->deadline());
  schedule_agent_tick(index);
  if (!maybe_pause(index)) maybe_stand_still(node.process, subject);
}

void Fleet::schedule_agent_tick(std::size_t index) {
  Node& node = *nodes_[index];
  const Instant deadline = global(node.process, node.session->deadline());
  if (node.tick_at <= deadline) return;
  node.tick_at = std::max(now_, deadline);
  Delivery tick;
  tick.kind = Delivery::Kind::AgentTick;
  tick.agent = index;
  tick.life = node.process.life;
  schedule(node.tick_at, tick);
}

void Fleet::perform(std::size_t index, AgentActions actions) {
  for (auto& action : actions) {
    // It may have died, or have been stopped, on the one before.
    if (!nodes_[index]->session) return;
    if (strikes(FaultKind::AgentCrash, static_cast<std::uint32_t>(index)))
      return crash_agent(index);
    perform_one(index, action);
  }
}

void Fleet::load(std::size_t index, const LoadData& action) {
  Node& node = *nodes_[index];
  Job job = action.job;
  if (!options_.batches.empty()) job.training.batch = options_.batches[index];
  node.learner = nullptr;
  if (options_.make_trainer) {
    node.trainer = options_.make_trainer(job, index);
  } else {
    auto learner = Learner::create(job, node.name, shards_[index]);
    if (!learner) {
      AgentActions more;
      node.session->step(local(node.process), DataFailed{learner.error()}, more);
      return perform(index, std::move(more));
    }
    auto owned = std::make_unique<Learner>(std::move(*learner));
    node.learner = owned.get();
    node.trainer = std::move(owned);
  }
  Delivery d;
  d.kind = Delivery::Kind::Loaded;
  d.agent = index;
  d.life = node.process.life;
  schedule(now_ + kLoadTime, std::move(d));
}

void Fleet::perform_one(std::size_t index, AgentAction& action) {
  Node& node = *nodes_[index];
  Delivery d;
  d.agent = index;
  d.life = node.process.life;
  if (auto* send = std::get_if<Send>(&action)) {
    d.kind = Delivery::Kind::ToCoordinator;
    d.connection = node.connection;
    d.life = coordinator_->life;
    d.frames = send->frames;
    if (options_.trace) trace(node.name + " sends " + described(d));
    transmit(std::move(d));
  } else if (std::holds_alternative<Reconnect>(action)) {
    ++node.connection;
  } else if (std::holds_alternative<Subscribe>(action)) {
    node.subscribed = true;
  } else if (const auto* data = std::get_if<LoadData>(&action)) {
    load(index, *data);
  } else if (auto* use = std::get_if<UseNormalisation>(&action)) {
    node.trainer->set_normalisation(std::move(use->normalisation));
  } else if (const auto* train = std::get_if<Train>(&action)) {
    d.kind = Delivery::Kind::Trained;
    d.round = train->round;
    schedule(
        now_ + between(static_cast<std::uint32_t>(index), faults_.train_min, faults_.train_max),
        std::move(d));
  } else if (const auto* remark = std::get_if<Remark>(&action)) {
    if (options_.trace) trace(node.name + ": " + remark->text);
  } else if (const auto* exit = std::get_if<Exit>(&action)) {
    exit_agent(index, *exit);
  }
}

void Fleet::exit_agent(std::size_t index, const Exit& exit) {
  Node& node = *nodes_[index];
  trace(node.name + " ends: " + exit.text);
  if (exit.ending == Ending::Stopped) return stop_agent(index);
  // A rogue is refused sooner or later, and tries again.
  if (exit.ending != Ending::Finished && node.rogue) return stop_agent(index);
  if (exit.ending != Ending::Finished) violation(node.name + " gave up: " + exit.text);
  const auto& replica = node.session->replica();
  if (exit.ending == Ending::Finished && replica && replica->digest() != referee_->digest())
    violation(node.name + " left without the final replica");
  if (!std::exchange(node.gone, true)) --present_;
  ++result_.agents_finished;
  result_.resyncs += node.session->resyncs();
}

}  // namespace signet
