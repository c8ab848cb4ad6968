// Time: what happens next, and what must hold afterwards.
#include "fleet/fleet.hpp"

#include <algorithm>
#include <utility>

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
      faults_(faults),
      options_(std::move(options)),
      rng_(seed),
      pool_(std::clamp<std::size_t>(options_.threads, 1, shards.size())),
      liars_(options_.liars, shards.size(), job_.seed),
      disk_(std::make_shared<MemoryDisk>()) {
  for (Dataset& shard : shards) {
    nodes_.push_back(std::make_unique<Node>());
    nodes_.back()->name = "agent-" + std::to_string(shards_.size());
    shards_.push_back(std::make_shared<const Dataset>(std::move(shard)));
  }
}

Fleet::~Fleet() = default;

bool Fleet::chance(double probability) {
  return probability > 0 && faults_on() && double{rng_.uniform()} < probability;
}

Duration Fleet::between(Duration low, Duration high) {
  return low + Duration(static_cast<Duration::rep>(
                   rng_.below(static_cast<std::uint64_t>((high - low).count()) + 1)));
}

void Fleet::violation(std::string what) {
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
    schedule(now_ + between(Duration{}, faults_.late_max), start);
  }
  const Instant end = Instant{} + limit;
  while (!over() && !queue_.empty() && queue_.front().at <= end) {
    take_due();
    for (std::size_t i = 0; i < due_.size(); ++i) {
      handle(i);
      if (over()) break;
    }
  }
  result_.virtual_time = now_ - Instant{};
  return std::move(result_);
}

bool Fleet::over() const {
  return result_.summary && (present_ == 0 || now_ - Instant{} > result_.finished_at + kAftermath);
}

bool Fleet::alive(const Delivery& delivery) const {
  const Node& node = *nodes_[delivery.agent];
  return node.session != nullptr && node.life == delivery.life;
}

void Fleet::handle(std::size_t index) {
  using Kind = Delivery::Kind;
  const Delivery& d = due_[index].delivery;
  Node& node = *nodes_[d.agent];
  switch (d.kind) {
    case Kind::ToCoordinator: return to_coordinator(d);
    case Kind::ToAgent: return to_agent(d);
    case Kind::Loaded:
      if (alive(d)) step_agent(d.agent, DataLoaded{node.learner->summary(), initial_parameters_});
      return;
    case Kind::AgentTick:
      if (!alive(d) || node.tick_at != due_[index].at) return;
      node.tick_at = kNever;
      return step_agent(d.agent, Tick{});
    case Kind::CoordinatorTick:
      if (machine_ && d.epoch == coordinator_epoch_) step_coordinator(TimePassed{});
      return;
    case Kind::AgentStart: return start_agent(d.agent);
    case Kind::CoordinatorStart: start_coordinator(); return;
    case Kind::Trained:
      if (alive(d)) step_agent(d.agent, Trained{computed_[index]});
      return;
  }
}

// --- invariants -----------------------------------------------------------------------------

// Nobody is further than what is durable, and equal rounds have equal bits. Whoever was not stepped
// is as it was: only a restart, which may take rounds back, makes it necessary to ask everybody.
void Fleet::check_replica(const std::string& who, const Replica& replica) {
  // After a power cut an agent may be in rounds that were taken back.
  if (abandoned_.contains(replica.digest())) return;
  if (replica.next_round().value > result_.rounds)
    return violation(who + " is at round " + std::to_string(replica.next_round().value) +
                     ", committed are " + std::to_string(result_.rounds));
  const auto known = committed_.find(replica.next_round());
  if (known != committed_.end() && known->second != replica.digest())
    violation(who + " differs at round " + std::to_string(replica.next_round().value));
}

void Fleet::check_agent(std::size_t index) {
  const Node& node = *nodes_[index];
  if (!node.session || !node.session->replica()) return;
  // Rounds that were taken back may also be mixed with new ones, until it is told.
  if (!abandoned_.empty() && node.session->replica_is_bad()) return;
  check_replica(node.name, *node.session->replica());
}

void Fleet::check_everybody() {
  for (std::size_t i = 0; i < nodes_.size(); ++i) check_agent(i);
  if (machine_) check_replica("coordinator", machine_->replica());
}

}  // namespace signet
