// The agents' side: sessions, their learners, and what sessions ask to be done.
#include <algorithm>
#include <utility>

#include "core/wire/codec.hpp"
#include "fleet/fleet_parts.hpp"

namespace signet {

namespace {

constexpr Duration kLoadTime = std::chrono::milliseconds(10);

}  // namespace

void Fleet::start_agent(std::size_t index) {
  Node& node = *nodes_[index];
  if (!node.session || node.gone) ++present_;
  ++node.life;
  ++node.connection;
  node.learner.reset();
  node.subscribed = node.gone = false;
  node.tick_at = kNever;
  node.session = std::make_unique<AgentSession>(
      AgentSession::Identity{node.name, "fleet", mix(job_.seed, node.life)}, now_);
  step_agent(index, Tick{});
}

void Fleet::crash_agent(std::size_t index) {
  Node& node = *nodes_[index];
  ++result_.agent_crashes;
  if (node.session && !node.gone) --present_;
  node.session.reset();
  ++node.life;
  Delivery start;
  start.kind = Delivery::Kind::AgentStart;
  start.agent = index;
  schedule(now_ + faults_.restart_after, start);
}

void Fleet::to_agent(const Delivery& d) {
  Node& node = *nodes_[d.agent];
  if (!node.session || (!d.broadcast && d.connection != node.connection)) return;
  if (d.broadcast && !node.subscribed) return;
  const std::vector<ByteView> views(d.frames->begin(), d.frames->end());
  auto message = decode(views);
  if (!message) return violation("agent got a message it cannot read");
  step_agent(d.agent, Arrived{std::move(*message)});
}

// Each gradient has a learner and a replica of its own, and nobody else is stepped meanwhile.
void Fleet::compute_due() {
  computed_.assign(due_.size(), nullptr);
  pool_.run(due_.size(), [this](std::size_t i, std::size_t worker) {
    const Delivery& d = due_[i].delivery;
    Node& node = *nodes_[d.agent];
    // A session that has ended wants no vote any more.
    if (!alive(d) || node.session->ended()) return;
    computed_[i] =
        &node.learner->learn(d.round, node.session->replica()->parameters(), workspaces_[worker]);
  });
  for (std::size_t i = 0; i < due_.size(); ++i) {
    if (computed_[i] == nullptr) continue;
    result_.samples += computed_[i]->samples;
    computed_[i] = &liars_.told(due_[i].delivery.agent, *computed_[i]);
  }
}

void Fleet::step_agent(std::size_t index, const AgentEvent& event) {
  if (chance(faults_.agent_crash)) return crash_agent(index);
  Node& node = *nodes_[index];
  AgentActions actions;
  node.session->step(now_, event, actions);
  perform(index, std::move(actions));
  check_agent(index);
  if (!node.session || node.session->deadline() == kNever) return;
  if (node.tick_at > node.session->deadline()) {
    node.tick_at = std::max(now_, node.session->deadline());
    Delivery tick;
    tick.kind = Delivery::Kind::AgentTick;
    tick.agent = index;
    tick.life = node.life;
    schedule(node.tick_at, tick);
  }
}

void Fleet::perform(std::size_t index, AgentActions actions) {
  for (auto& action : actions) perform_one(index, action);
}

void Fleet::load(std::size_t index, const LoadData& action) {
  Node& node = *nodes_[index];
  Job job = action.job;
  if (!options_.batches.empty()) job.training.batch = options_.batches[index];
  auto learner = Learner::create(job, node.name, shards_[index]);
  if (!learner) {
    AgentActions more;
    node.session->step(now_, DataFailed{learner.error()}, more);
    return perform(index, std::move(more));
  }
  node.learner.emplace(std::move(*learner));
  Delivery d;
  d.kind = Delivery::Kind::Loaded;
  d.agent = index;
  d.life = node.life;
  schedule(now_ + kLoadTime, std::move(d));
}

void Fleet::perform_one(std::size_t index, AgentAction& action) {
  Node& node = *nodes_[index];
  Delivery d;
  d.agent = index;
  d.life = node.life;
  if (auto* send = std::get_if<Send>(&action)) {
    d.kind = Delivery::Kind::ToCoordinator;
    d.connection = node.connection;
    d.epoch = coordinator_epoch_;
    d.frames = send->frames;
    transmit(std::move(d));
  } else if (std::holds_alternative<Reconnect>(action)) {
    ++node.connection;
  } else if (std::holds_alternative<Subscribe>(action)) {
    node.subscribed = true;
  } else if (const auto* data = std::get_if<LoadData>(&action)) {
    load(index, *data);
  } else if (auto* use = std::get_if<UseNormalisation>(&action)) {
    node.learner->set_normalisation(std::move(use->normalisation));
  } else if (const auto* train = std::get_if<Train>(&action)) {
    d.kind = Delivery::Kind::Trained;
    d.round = train->round;
    schedule(now_ + between(faults_.train_min, faults_.train_max), std::move(d));
  } else if (const auto* exit = std::get_if<Exit>(&action)) {
    if (exit->ending != Ending::Finished) violation(node.name + " gave up: " + exit->text);
    if (!std::exchange(node.gone, true)) --present_;
    ++result_.agents_finished;
    result_.resyncs += node.session->resyncs();
  }
}

}  // namespace signet
