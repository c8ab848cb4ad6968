#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "agent/session/agent_session.hpp"
#include "agent/trainer/learner.hpp"
#include "coordinator/evaluator.hpp"
#include "coordinator/round/round_machine.hpp"
#include "coordinator/store/memory_store.hpp"
#include "core/base/random.hpp"
#include "core/base/time.hpp"
#include "core/data/dataset.hpp"
#include "core/job/job.hpp"
#include "fleet/liars.hpp"
#include "fleet/pool.hpp"

namespace signet {

/// What goes wrong in a simulated fleet, all of it drawn from one seed.
struct FleetFaults {
  double loss = 0;       ///< share of messages that never arrive
  double duplicate = 0;  ///< share that arrive twice
  Duration delay_min = std::chrono::milliseconds(1), delay_max = std::chrono::milliseconds(1);
  Duration train_min = std::chrono::milliseconds(20), train_max = std::chrono::milliseconds(20);
  /// Chance, at each action of a coordinator, to die before that action is done: also between
  /// "round saved" and "update published".
  double coordinator_crash = 0;
  double agent_crash = 0;     ///< chance, at each event of an agent
  double crash_together = 0;  ///< chance of each agent to die when the coordinator does
  /// Chance that the death of the coordinator is a power cut: with Durability::Snapshot its disk is
  /// then back at the last snapshot.
  double power_cut = 0;
  /// Chance, at each message, that its agent is cut off: of what it sends, of the answers, of the
  /// updates, or of several of them.
  double partition = 0;
  Duration partition_max{};
  Duration late_max{};  ///< agents start at any time up to this
  Duration restart_after = std::chrono::seconds(3);
  /// No more faults of any kind after this time, so that a run can end.
  Duration faults_end = Duration::max();
};

/// Looks on while a fleet trains. Called on the thread that runs it.
class FleetObserver {
 public:
  virtual ~FleetObserver() = default;
  /// A round was closed, saved and published.
  virtual void reported(const RoundReport& report) = 0;
  /// Parameters x_k were judged on test data, k = `next_round`.
  virtual void judged(RoundId next_round, const Judgement& judgement) = 0;
};

/// How a fleet differs from boards that are all alike, and who watches it.
struct FleetOptions {
  /// Threads that compute gradients. The result does not depend on it.
  std::size_t threads = 1;
  /// Samples that each agent draws for a vote, [agents]; empty: the job's number.
  std::vector<std::size_t> batches;
  LiarSpec liars;
  FleetObserver* observer = nullptr;  ///< may be null; must outlive the run
};

/// How a simulated run ended.
struct FleetResult {
  std::optional<RunSummary> summary;    ///< none: the time limit came first
  std::vector<std::string> violations;  ///< broken invariants, in the order they were seen
  std::uint64_t digest = 0;             ///< of the last committed replica
  std::uint64_t rounds = 0;             ///< committed
  std::uint64_t coordinator_crashes = 0, agent_crashes = 0, messages = 0;
  std::uint64_t partitions = 0, rounds_lost = 0;  ///< lost: by power cuts, and done again
  std::size_t agents_finished = 0;                ///< that were told the end
  Duration finished_at{};                         ///< of the coordinator
  std::uint64_t resyncs = 0;                      ///< replicas that found themselves different
  std::vector<RoundReport> reports;
  std::vector<Judgement> judgements;  ///< of test data, when there are some
  std::vector<float> parameters;      ///< the coordinator's, when the run was over
  std::uint64_t samples = 0;          ///< gradients of single samples, over all agents
  /// Frames of all messages that were sent to the coordinator and to agents, lost ones included.
  std::uint64_t bytes_up = 0, bytes_down = 0;
  Duration virtual_time{};
};

/// A whole fleet in one process: the same state machines, learners and wire encoding as the
/// daemons, on a virtual clock, with seeded loss, delay, repeats and crashes. After every event the
/// invariants of docs/architecture.md are checked. Deterministic: one seed, one run. Gradients that
/// are due at the same instant are computed in parallel; all else is done by the caller's thread.
class Fleet {
 public:
  /// `shards`: one data set for each agent. Fails as Network::create does.
  static Result<std::unique_ptr<Fleet>> create(Job job, std::vector<Dataset> shards,
                                               std::optional<Dataset> test, FleetFaults faults,
                                               std::uint64_t seed, FleetOptions options = {});
  ~Fleet();

  /// Runs until the coordinator is done and no agent is left, or `limit` of virtual time is over.
  FleetResult run(Duration limit);

 private:
  struct Node;
  struct Delivery;
  struct Later;

  Fleet(Job job, std::vector<Dataset> shards, FleetFaults faults, std::uint64_t seed,
        FleetOptions options);

  // Time: fleet.cpp.
  void schedule(Instant at, Delivery delivery);
  void take_due();
  void handle(std::size_t index);  // of due_
  bool over() const;
  bool alive(const Delivery& delivery) const;
  void violation(std::string what);
  void check_replica(const std::string& who, const Replica& replica);
  void check_agent(std::size_t index);
  void check_everybody();
  bool faults_on() const { return now_ - Instant{} < faults_.faults_end; }
  bool chance(double probability);
  Duration between(Duration low, Duration high);

  // The coordinator's side: fleet_coordinator.cpp.
  bool start_coordinator();
  void crash_coordinator();
  void lose_rounds_after(RoundId next);
  void to_coordinator(const Delivery& delivery);
  void step_coordinator(const CoordinatorEvent& event);
  void schedule_coordinator_tick();
  void perform(CoordinatorActions actions);
  bool perform_one(CoordinatorAction& action);  // false: the coordinator died on it
  void commit(const SaveRound& action);
  void finish(const FinishRun& action);
  void judge(RoundId next_round, std::span<const float> parameters);

  // The agents' side: fleet_agents.cpp.
  void start_agent(std::size_t index);
  void crash_agent(std::size_t index);
  void to_agent(const Delivery& delivery);
  void load(std::size_t index, const LoadData& action);
  void compute_due();
  void step_agent(std::size_t index, const AgentEvent& event);
  void perform(std::size_t index, AgentActions actions);
  void perform_one(std::size_t index, AgentAction& action);

  // The network between them: fleet_network.cpp.
  void transmit(Delivery delivery);
  bool cut_off(const Delivery& delivery);

  Job job_;
  std::vector<std::shared_ptr<const Dataset>> shards_;
  FleetFaults faults_;
  FleetOptions options_;
  Rng rng_;
  Pool pool_;
  std::vector<Workspace> workspaces_;  // one for each thread
  Liars liars_;
  Instant now_{}, next_coordinator_tick_{};
  std::uint64_t sequence_ = 0, coordinator_epoch_ = 0;
  std::shared_ptr<MemoryDisk> disk_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<RoundMachine> machine_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::size_t present_ = 0;                     // nodes that run and are not told the end
  std::vector<Later> queue_;                    // a heap
  std::vector<Later> due_;                      // taken from it, to be handled in this order
  std::vector<const Contribution*> computed_;   // of each of due_, where it asks for a gradient
  std::map<RoundId, std::uint64_t> committed_;  // digest of x_k by k
  std::optional<Replica> reference_;            // where the committed rounds lead to
  std::set<std::uint64_t> abandoned_;           // digests of rounds that a power cut took back
  bool power_was_cut_ = false;
  std::vector<float> initial_parameters_;
  std::optional<Evaluator> evaluator_;  // none: no test data
  std::optional<Evaluated> evaluated_;  // to be told after the actions under way
  FleetResult result_;
};

}  // namespace signet
