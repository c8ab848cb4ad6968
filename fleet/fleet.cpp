// Time: what happens next, and what must hold afterwards.
#include "fleet/fleet.hpp"

#include <algorithm>
#include <utility>

#include "core/base/random.hpp"
#include "fleet/fleet_parts.hpp"

namespace signet {

namespace {

constexpr std::size_t kViolationsMax = 20;
// How long agents are watched that the coordinator left behind.
constexpr Duration kAftermath = std::chrono::minutes(2);

}  // namespace

Result<std::unique_ptr<Fleet>> Fleet::create(Job job, std::vector<Dataset> shards,
                                             std::optional<Dataset> test, FleetFaults faults,
                                             std::uint64_t seed, FleetOptions options) {
  SIGNET_CHECK(!shards.empty(), "a fleet has agents");
  SIGNET_CHECK(options.batches.empty() || options.batches.size() == shards.size(),
               "a batch size for each agent");
  std::unique_ptr<Fleet> fleet(
      new Fleet(std::move(job), std::move(shards), faults, seed, std::move(options)));
  for (std::size_t i = 0; i < fleet->pool_.threads(); ++i) {
    auto workspace = Workspace::create(fleet->job_.model);
    if (!workspace) return workspace.error();
    fleet->workspaces_.push_back(std::move(*workspace));
  }
  fleet->initial_parameters_ =
      fleet->workspaces_.front().network.initial_parameters(fleet->job_.seed);
  fleet->referee_.emplace(
      fleet->job_, fleet->run_, fleet->initial_parameters_,
      [self = fleet.get()](std::string what) { self->violation(std::move(what)); });
  if (test) {
    auto evaluator = Evaluator::create(fleet->job_.model, std::move(*test));
    if (!evaluator) return evaluator.error();
    fleet->evaluator_.emplace(std::move(*evaluator));
  }
  return fleet;
}

Fleet::Fleet(Job job, std::vector<Dataset> shards, FleetFaults faults, std::uint64_t seed,
             FleetOptions options)
    : job_(std::move(job)),
      run_{mix(job_.seed, 0x72756e)},
      faults_(faults),
      options_(std::move(options)),
      dice_(seed),
      pool_(std::clamp<std::size_t>(options_.threads, 1, shards.size())),
      liars_(options_.liars, shards.size(), job_.seed),
      disk_(options_.disk ? options_.disk : std::make_shared<MemoryFleetDisk>()),
      coordinator_(std::make_unique<Process>()) {
  for (Dataset& shard : shards) {
    nodes_.push_back(std::make_unique<Node>());
    nodes_.back()->name = "agent-" + std::to_string(shards_.size());
    nodes_.back()->rogue = shards_.size() + faults_.rogues >= shards.size();
    shards_.push_back(std::make_shared<const Dataset>(std::move(shard)));
  }
  if (options_.only) dice_.allow_only(*options_.only);
}

Fleet::~Fleet() = default;

bool Fleet::strikes(FaultKind kind, std::uint32_t subject) {
  if (!faults_on() || !dice_.strikes(kind, subject, chance_of(faults_, kind))) return false;
  if (options_.trace) trace("*** " + to_text(dice_.struck().back()));
  return true;
}

void Fleet::violation(std::string what) {
  trace("!!! " + what);
  if (result_.violations.size() < kViolationsMax)
    result_.violations.push_back(std::to_string(seconds(now_ - Instant{})) +
                                 " s: " + std::move(what));
}

// --- time -----------------------------------------------------------------------------------

void Fleet::schedule(Instant at, Delivery delivery) {
  queue_.push_back({std::max(at, now_), sequence_++, std::move(delivery)});
  std::push_heap(queue_.begin(), queue_.end());
}

// The next event; or, where that is a gradient, all that follow it at the same instant with nothing
// between them: none of them can change what another is computed from.
void Fleet::take_due() {
  now_ = queue_.front().at;
  due_.clear();
  const auto gradient = [](const Later& later) {
    return later.delivery.kind == Delivery::Kind::Trained;
  };
  do {
    std::pop_heap(queue_.begin(), queue_.end());
    due_.push_back(std::move(queue_.back()));
    queue_.pop_back();
  } while (gradient(due_.front()) && !queue_.empty() && queue_.front().at == now_ &&
           gradient(queue_.front()));
  if (gradient(due_.front())) compute_due();
}

FleetResult Fleet::run(Duration limit) {
  start_coordinator();
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    Delivery start;
    start.kind = Delivery::Kind::AgentStart;
    start.agent = i;
    schedule(now_ + between(static_cast<std::uint32_t>(i), Duration{}, faults_.late_max), start);
  }
  const Instant end = Instant{} + limit;
  while (!over() && !queue_.empty() && queue_.front().at <= end) {
    take_due();
    for (std::size_t i = 0; i < due_.size(); ++i) {
      handle(i);
      ++result_.events;
      if (over()) break;
    }
    if (options_.events_max > 0 && result_.events > options_.events_max) {
      violation("no end after " + std::to_string(options_.events_max) + " events");
      break;
    }
  }
  result_.virtual_time = now_ - Instant{};
  result_.rounds = referee_->rounds();
  result_.rounds_lost = referee_->rounds_lost();
  result_.digest = referee_->digest();
  result_.faults = dice_.struck();
  return std::move(result_);
}

bool Fleet::over() const {
  return result_.summary && (present_ == 0 || now_ - Instant{} > result_.finished_at + kAftermath);
}

bool Fleet::alive(const Delivery& delivery) const {
  const Node& node = *nodes_[delivery.agent];
  return node.session != nullptr && node.process.life == delivery.life;
}

void Fleet::handle(std::size_t index) {
  using Kind = Delivery::Kind;
  const Delivery& d = due_[index].delivery;
  if (postpone(d)) return;
  Node& node = *nodes_[d.agent];
  switch (d.kind) {
    case Kind::ToCoordinator: return to_coordinator(d);
    case Kind::ToAgent: return to_agent(d);
    case Kind::Loaded:
      if (alive(d)) step_agent(d.agent, DataLoaded{node.trainer->summary(), initial_parameters_});
      return;
    case Kind::AgentTick:
      if (!alive(d) || node.tick_at != due_[index].at) return;
      node.tick_at = kNever;
      return step_agent(d.agent, Tick{});
    case Kind::CoordinatorTick:
      if (machine_ && d.life == coordinator_->life) step_coordinator(TimePassed{});
      return;
    case Kind::AgentStart: return start_agent(d.agent);
    case Kind::CoordinatorStart: return start_coordinator();
    case Kind::AgentWake:
    case Kind::CoordinatorWake: return wake(d);
    case Kind::AgentResumes: return resume(d);
    case Kind::Trained:
      if (alive(d)) step_agent(d.agent, Trained{computed_[index]});
      return;
  }
}

// --- invariants -----------------------------------------------------------------------------

// Whoever was not stepped is as it was: only a restart, which may take rounds back, makes it
// necessary to ask everybody.
void Fleet::check_agent(std::size_t index) {
  const Node& node = *nodes_[index];
  if (!node.session || !node.session->replica()) return;
  // Rounds that were taken back may also be mixed with new ones, until it is told.
  if (!referee_->tells_apart() && node.session->replica_is_bad()) return;
  referee_->saw(node.name, *node.session->replica());
}

void Fleet::check_everybody() {
  for (std::size_t i = 0; i < nodes_.size(); ++i) check_agent(i);
  if (machine_) referee_->saw("coordinator", machine_->replica());
}

}  // namespace signet
