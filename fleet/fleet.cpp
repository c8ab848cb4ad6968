#include "fleet/fleet.hpp"

#include <algorithm>
#include <utility>

#include "coordinator/store/persistence.hpp"
#include "core/base/digest.hpp"
#include "core/wire/codec.hpp"

namespace signet {

namespace {

constexpr std::uint16_t kUpdatePort = 1;
constexpr Duration kLoadTime = std::chrono::milliseconds(10);
constexpr std::size_t kViolationsMax = 20;
// How long agents are watched that the coordinator left behind.
constexpr Duration kAftermath = std::chrono::minutes(2);
// Directions of a partition.
constexpr std::uint64_t kCutVotes = 1, kCutAnswers = 2, kCutUpdates = 4;

std::vector<ByteView> views_of(const std::vector<Bytes>& frames) {
  return {frames.begin(), frames.end()};
}

}  // namespace

struct Fleet::Node {
  std::string name;
  std::unique_ptr<AgentSession> session;
  std::optional<Learner> learner;
  std::uint64_t life = 0, connection = 0;
  bool subscribed = false, gone = false;
  std::uint64_t cut = 0;  // directions
  Instant cut_until{};
  Instant tick_at = kNever;
};

struct Fleet::Delivery {
  enum class Kind {
    ToCoordinator,
    ToAgent,
    Loaded,
    Trained,
    AgentTick,
    CoordinatorTick,
    AgentStart,
    CoordinatorStart
  };
  Kind kind = Kind::CoordinatorTick;
  std::size_t agent = 0;
  std::uint64_t life = 0, connection = 0, epoch = 0;
  bool broadcast = false;
  RoundId round;
  std::shared_ptr<const std::vector<Bytes>> frames;
};

struct Fleet::Later {
  Instant at;
  std::uint64_t sequence;  // first come, first served among equals
  Delivery delivery;
  bool operator<(const Later& other) const {
    return at != other.at ? at > other.at : sequence > other.sequence;
  }
};

Result<std::unique_ptr<Fleet>> Fleet::create(Job job, std::vector<Dataset> shards,
                                             std::optional<Dataset> test, FleetFaults faults,
                                             std::uint64_t seed) {
  SIGNET_CHECK(!shards.empty(), "a fleet has agents");
  auto network = Network::create(job.model);
  if (!network) return network.error();
  std::unique_ptr<Fleet> fleet(new Fleet(std::move(job), std::move(shards), faults, seed));
  fleet->initial_parameters_ = network->initial_parameters(fleet->job_.seed);
  if (test) {
    auto evaluator = Evaluator::create(fleet->job_.model, std::move(*test));
    if (!evaluator) return evaluator.error();
    fleet->evaluator_.emplace(std::move(*evaluator));
  }
  return fleet;
}

Fleet::Fleet(Job job, std::vector<Dataset> shards, FleetFaults faults, std::uint64_t seed)
    : job_(std::move(job)),
      shards_(std::move(shards)),
      faults_(faults),
      rng_(seed),
      disk_(std::make_shared<MemoryDisk>()) {
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    nodes_.push_back(std::make_unique<Node>());
    nodes_.back()->name = "agent-" + std::to_string(i);
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

FleetResult Fleet::run(Duration limit) {
  using Kind = Delivery::Kind;
  start_coordinator();
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    Delivery start;
    start.kind = Kind::AgentStart;
    start.agent = i;
    schedule(now_ + between(Duration{}, faults_.late_max), start);
  }
  const Instant end = Instant{} + limit;
  while (!queue_.empty()) {
    std::pop_heap(queue_.begin(), queue_.end());
    const Later later = std::move(queue_.back());
    queue_.pop_back();
    if (later.at > end) break;
    now_ = later.at;
    const Delivery& d = later.delivery;
    Node* node = d.agent < nodes_.size() ? nodes_[d.agent].get() : nullptr;
    const bool alive = node != nullptr && node->session && node->life == d.life;
    switch (d.kind) {
      case Kind::ToCoordinator: to_coordinator(d); break;
      case Kind::ToAgent: to_agent(d); break;
      case Kind::Loaded:
        if (alive)
          step_agent(d.agent,
                     DataLoaded{node->learner->summary(), node->learner->initial_parameters()});
        break;
      case Kind::Trained:
        if (alive) {
          const auto& c = node->learner->learn(d.round, node->session->replica()->parameters());
          step_agent(d.agent, Trained{&c});
        }
        break;
      case Kind::AgentTick:
        if (alive && node->tick_at == later.at) {
          node->tick_at = kNever;
          step_agent(d.agent, Tick{});
        }
        break;
      case Kind::CoordinatorTick:
        if (machine_ && d.epoch == coordinator_epoch_) step_coordinator(TimePassed{});
        break;
      case Kind::AgentStart: start_agent(d.agent); break;
      case Kind::CoordinatorStart: start_coordinator(); break;
    }
    check_invariants();
    const bool all_gone =
        std::ranges::all_of(nodes_, [](const auto& n) { return n->gone || !n->session; });
    const bool over =
        result_.summary && (all_gone || now_ - Instant{} > result_.finished_at + kAftermath);
    if (over) break;
  }
  result_.virtual_time = now_ - Instant{};
  return std::move(result_);
}

// --- coordinator ----------------------------------------------------------------------------

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
  if (std::exchange(power_was_cut_, false)) lose_rounds_after(next);
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
  Node& node = *nodes_[d.agent];
  if (!machine_ || d.epoch != coordinator_epoch_ || d.connection != node.connection) return;
  const PeerId peer = std::to_string(d.agent) + "." + std::to_string(d.connection);
  const auto views = views_of(*d.frames);
  auto message = decode(views);
  if (!message) return step_coordinator(PeerGarbage{peer, message.error().message});
  step_coordinator(PeerMessage{peer, std::move(*message)});
}

void Fleet::step_coordinator(const CoordinatorEvent& event) {
  CoordinatorActions actions;
  machine_->step(now_, event, actions);
  perform(std::move(actions));
  if (!machine_) return;
  if (evaluated_) return step_coordinator(*std::exchange(evaluated_, std::nullopt));
  if (machine_->deadline() == kNever) return;
  Delivery tick;
  tick.kind = Delivery::Kind::CoordinatorTick;
  tick.epoch = coordinator_epoch_;
  // A tick for each event would flood the queue: only what is due before the next message matters.
  if (machine_->deadline() <= now_) {
    schedule(now_, tick);
  } else if (next_coordinator_tick_ <= now_ || machine_->deadline() < next_coordinator_tick_) {
    next_coordinator_tick_ = machine_->deadline();
    schedule(next_coordinator_tick_, tick);
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
    Delivery d;
    d.kind = Delivery::Kind::ToAgent;
    d.agent = agent_of(to->peer);
    d.connection = std::stoull(to->peer.substr(to->peer.find('.') + 1));
    d.frames = std::make_shared<const std::vector<Bytes>>(std::move(to->frames));
    transmit(std::move(d));
  } else if (auto* publish = std::get_if<Publish>(&action)) {
    Delivery d;
    d.kind = Delivery::Kind::ToAgent;
    d.broadcast = true;
    d.frames = std::make_shared<const std::vector<Bytes>>(std::move(publish->frames));
    for (d.agent = 0; d.agent < nodes_.size(); ++d.agent) transmit(d);
  } else if (auto* agent = std::get_if<SaveAgent>(&action)) {
    return saved(save(*store_, *agent));
  } else if (auto* normalisation = std::get_if<SaveNormalisation>(&action)) {
    return saved(save(*store_, *normalisation));
  } else if (auto* round = std::get_if<SaveRound>(&action)) {
    if (!saved(save(*store_, *round))) return false;
    const RoundId next = round->update->round.next();
    if (next.value != result_.rounds + 1)
      violation("round " + std::to_string(round->update->round.value) + " committed after " +
                std::to_string(result_.rounds) + " rounds");
    Replica replica = machine_->replica();
    if (round->update->digest != replica.digest())
      violation("round " + std::to_string(round->update->round.value) +
                " does not start from the coordinator's parameters");
    replica.apply(round->update->rate, round->update->signs, round->update->ties);
    if (!committed_.try_emplace(next, replica.digest()).second)
      violation("round " + std::to_string(round->update->round.value) + " committed twice");
    result_.rounds = next.value;
    result_.digest = replica.digest();
  } else if (auto* snapshot = std::get_if<SaveSnapshot>(&action)) {
    return saved(save(*store_, *snapshot));
  } else if (auto* evaluate = std::get_if<Evaluate>(&action)) {
    judge(evaluate->snapshot);
    evaluated_ = Evaluated{evaluate->snapshot->next_round};
    if (evaluator_) {
      evaluated_->accuracy = result_.judgements.back().accuracy();
      evaluated_->loss = result_.judgements.back().loss();
    }
  } else if (auto* report = std::get_if<Report>(&action)) {
    result_.reports.push_back(report->report);
  } else if (auto* finish = std::get_if<FinishRun>(&action)) {
    result_.summary = finish->summary;
    result_.finished_at = now_ - Instant{};
    if (evaluator_)
      judge(std::make_shared<const SnapshotRecord>(SnapshotRecord{
          machine_->replica().next_round(),
          machine_->replica().digest(),
          {machine_->replica().parameters().begin(), machine_->replica().parameters().end()}}));
  }
  return true;
}

void Fleet::judge(const SharedSnapshot& snapshot) {
  if (evaluator_)
    result_.judgements.push_back(
        evaluator_->judge(snapshot->parameters, machine_->normalisation()));
}

std::size_t Fleet::agent_of(const PeerId& peer) const {
  return static_cast<std::size_t>(std::stoull(peer));
}

// --- agents ---------------------------------------------------------------------------------

bool Fleet::start_agent(std::size_t index) {
  Node& node = *nodes_[index];
  ++node.life;
  ++node.connection;
  node.learner.reset();
  node.subscribed = node.gone = false;
  node.tick_at = kNever;
  node.session = std::make_unique<AgentSession>(
      AgentSession::Identity{node.name, "fleet", mix(job_.seed, node.life)}, now_);
  step_agent(index, Tick{});
  return true;
}

void Fleet::crash_agent(std::size_t index) {
  ++result_.agent_crashes;
  nodes_[index]->session.reset();
  ++nodes_[index]->life;
  Delivery start;
  start.kind = Delivery::Kind::AgentStart;
  start.agent = index;
  schedule(now_ + faults_.restart_after, start);
}

void Fleet::to_agent(const Delivery& d) {
  Node& node = *nodes_[d.agent];
  if (!node.session || (!d.broadcast && d.connection != node.connection)) return;
  if (d.broadcast && !node.subscribed) return;
  const auto views = views_of(*d.frames);
  auto message = decode(views);
  if (!message) return violation("agent got a message it cannot read");
  step_agent(d.agent, Arrived{std::move(*message)});
}

void Fleet::step_agent(std::size_t index, const AgentEvent& event) {
  if (chance(faults_.agent_crash)) return crash_agent(index);
  Node& node = *nodes_[index];
  AgentActions actions;
  node.session->step(now_, event, actions);
  perform(index, std::move(actions));
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
  Node& node = *nodes_[index];
  Delivery d;
  d.agent = index;
  d.life = node.life;
  for (auto& action : actions) {
    if (auto* send = std::get_if<Send>(&action)) {
      d.kind = Delivery::Kind::ToCoordinator;
      d.connection = node.connection;
      d.epoch = coordinator_epoch_;
      d.frames = std::make_shared<const std::vector<Bytes>>(std::move(send->frames));
      transmit(d);
    } else if (std::holds_alternative<Reconnect>(action)) {
      ++node.connection;
    } else if (std::holds_alternative<Subscribe>(action)) {
      node.subscribed = true;
    } else if (auto* load = std::get_if<LoadData>(&action)) {
      auto learner = Learner::create(load->job, node.name, shards_[index]);
      if (!learner) {
        AgentActions more;
        node.session->step(now_, DataFailed{learner.error()}, more);
        return perform(index, std::move(more));
      }
      node.learner.emplace(std::move(*learner));
      d.kind = Delivery::Kind::Loaded;
      schedule(now_ + kLoadTime, d);
    } else if (auto* use = std::get_if<UseNormalisation>(&action)) {
      node.learner->set_normalisation(std::move(use->normalisation));
    } else if (auto* train = std::get_if<Train>(&action)) {
      d.kind = Delivery::Kind::Trained;
      d.round = train->round;
      schedule(now_ + between(faults_.train_min, faults_.train_max), d);
    } else if (auto* exit = std::get_if<Exit>(&action)) {
      if (exit->ending != Ending::Finished) violation(node.name + " gave up: " + exit->text);
      node.gone = true;
      ++result_.agents_finished;
      result_.resyncs += node.session->resyncs();
    }
  }
}

// --- network --------------------------------------------------------------------------------

void Fleet::transmit(Delivery delivery) {
  ++result_.messages;
  if (delivery.kind == Delivery::Kind::ToAgent && !delivery.broadcast &&
      delivery.connection != nodes_[delivery.agent]->connection)
    return;
  if (cut_off(delivery) || chance(faults_.loss)) return;
  if (chance(faults_.duplicate))
    schedule(now_ + between(faults_.delay_min, faults_.delay_max), delivery);
  schedule(now_ + between(faults_.delay_min, faults_.delay_max), std::move(delivery));
}

bool Fleet::cut_off(const Delivery& delivery) {
  Node& node = *nodes_[delivery.agent];
  if (now_ >= node.cut_until && chance(faults_.partition)) {
    node.cut = 1 + rng_.below(kCutVotes + kCutAnswers + kCutUpdates);
    node.cut_until = now_ + between(Duration{}, faults_.partition_max);
    ++result_.partitions;
  }
  const std::uint64_t direction = delivery.kind == Delivery::Kind::ToCoordinator ? kCutVotes
                                  : delivery.broadcast                           ? kCutUpdates
                                                                                 : kCutAnswers;
  return now_ < node.cut_until && (node.cut & direction) != 0;
}

// --- invariants -----------------------------------------------------------------------------

void Fleet::check_invariants() {
  // Nobody is further than what is durable, and equal rounds have equal bits. After a power cut an
  // agent may be in rounds that were taken back, or mix them with new ones, until it is told.
  const auto check = [this](const std::string& who, const Replica& replica) {
    if (abandoned_.contains(replica.digest())) return;
    if (replica.next_round().value > result_.rounds)
      return violation(who + " is at round " + std::to_string(replica.next_round().value) +
                       ", committed are " + std::to_string(result_.rounds));
    const auto known = committed_.find(replica.next_round());
    if (known != committed_.end() && known->second != replica.digest())
      violation(who + " differs at round " + std::to_string(replica.next_round().value));
  };
  for (const auto& node : nodes_) {
    if (!node->session || !node->session->replica()) continue;
    if (!abandoned_.empty() && node->session->replica_is_bad()) continue;
    check(node->name, *node->session->replica());
  }
  if (machine_) check("coordinator", machine_->replica());
}

}  // namespace signet
