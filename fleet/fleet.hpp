#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
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
#include "core/base/time.hpp"
#include "core/data/dataset.hpp"
#include "core/job/job.hpp"
#include "fleet/disk.hpp"
#include "fleet/faults.hpp"
#include "fleet/liars.hpp"
#include "fleet/pool.hpp"
#include "fleet/referee.hpp"

namespace signet {

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
  /// Stands in for the agents' learners; none: agents compute gradients of their shards.
  std::function<std::unique_ptr<Trainer>(const Job& job, std::size_t agent)> make_trainer;
  /// What the coordinator saves on; null: a MemoryFleetDisk.
  std::shared_ptr<FleetDisk> disk;
  /// Of all faults only these may strike; none: any may.
  std::optional<std::set<Fault>> only;
  /// Told all that happens, one line each.
  std::function<void(Instant, const std::string&)> trace;
  /// More events than this in a run are a violation; 0: any number.
  std::uint64_t events_max = 0;
};

/// How a simulated run ended.
struct FleetResult {
  std::optional<RunSummary> summary;    ///< none: the time limit came first
  std::vector<std::string> violations;  ///< broken invariants, in the order they were seen
  std::uint64_t digest = 0;             ///< of the last committed replica
  std::uint64_t rounds = 0;             ///< committed
  std::uint64_t coordinator_crashes = 0, agent_crashes = 0, messages = 0;
  std::uint64_t partitions = 0, rounds_lost = 0;  ///< lost: by power cuts, and done again
  std::uint64_t events = 0;
  std::vector<Fault> faults;        ///< that struck, in order
  std::size_t agents_finished = 0;  ///< that were told the end
  Duration finished_at{};           ///< of the coordinator
  std::uint64_t resyncs = 0;        ///< replicas that found themselves different
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
  struct Process;
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
  void check_agent(std::size_t index);
  void check_everybody();
  bool faults_on() const { return now_ - Instant{} < faults_.faults_end; }
  bool strikes(FaultKind kind, std::uint32_t subject);
  Duration between(std::uint32_t subject, Duration low, Duration high) {
    return dice_.between(subject, low, high);
  }
  void trace(const std::string& what) const {
    if (options_.trace) options_.trace(now_, what);
  }

  // Processes, their clocks, and how they stand still: fleet_processes.cpp.
  void start_clock(Process& process, std::uint32_t subject);
  Instant local(const Process& process) const;
  Instant global(const Process& process, Instant local) const;
  void maybe_stand_still(Process& process, std::uint32_t subject);
  bool maybe_pause(std::size_t index);
  void resume(const Delivery& d);
  bool postpone(const Delivery& delivery);
  void wake(const Delivery& delivery);
  void check_wait(const std::string& who, const Process& process, Instant deadline);

  // The coordinator's side: fleet_coordinator.cpp.
  void start_coordinator();
  bool recover_coordinator();
  void crash_coordinator();
  void stop_coordinator();
  void restart_coordinator_later();
  void to_coordinator(const Delivery& delivery);
  void judge_vote(std::size_t agent, const Vote& vote, std::optional<RefusalReason> refusal);
  void step_coordinator(const CoordinatorEvent& event);
  void schedule_coordinator_tick();
  void perform(CoordinatorActions actions);
  bool perform_one(CoordinatorAction& action);  // false: the coordinator died on it
  bool perform_one(SendTo& to);
  bool perform_one(Publish& publish);
  bool perform_one(const SaveRound& round);
  bool save_by(const std::function<Status()>& call);
  void finish(const FinishRun& action);
  void judge(RoundId next_round, std::span<const float> parameters);

  // The agents' side: fleet_agents.cpp.
  void start_agent(std::size_t index);
  void stop_agent(std::size_t index);  // its process is gone, and comes back
  void crash_agent(std::size_t index);
  void to_agent(const Delivery& delivery);
  void load(std::size_t index, const LoadData& action);
  void compute_due();
  void step_agent(std::size_t index, const AgentEvent& event);
  void schedule_agent_tick(std::size_t index);
  void perform(std::size_t index, AgentActions actions);
  void perform_one(std::size_t index, AgentAction& action);
  void exit_agent(std::size_t index, const Exit& exit);

  // The network between them: fleet_network.cpp.
  void transmit(Delivery delivery);
  bool cut_off(const Delivery& delivery);
  void cut(std::size_t agent, std::uint64_t directions, Duration length);
  bool connected(const Delivery& delivery);
  void tamper_with(const Delivery& delivery);
  std::string described(const Delivery& delivery) const;

  Job job_;
  RunId run_;
  std::vector<std::shared_ptr<const Dataset>> shards_;
  FleetFaults faults_;
  FleetOptions options_;
  FaultDice dice_;
  Pool pool_;
  std::vector<Workspace> workspaces_;  // one for each thread
  Liars liars_;
  Instant now_{};
  std::uint64_t sequence_ = 0;
  std::shared_ptr<FleetDisk> disk_;
  std::unique_ptr<Process> coordinator_;
  Instant next_coordinator_tick_{};
  bool disk_is_full_ = false, power_was_cut_ = false;
  std::unique_ptr<Store> store_;
  std::unique_ptr<RoundMachine> machine_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::size_t present_ = 0;                    // nodes that run and are not told the end
  std::vector<Later> queue_;                   // a heap
  std::vector<Later> due_;                     // taken from it, to be handled in this order
  std::vector<const Contribution*> computed_;  // of each of due_, where it asks for a gradient
  std::vector<float> initial_parameters_;
  std::optional<Referee> referee_;
  std::optional<Evaluator> evaluator_;  // none: no test data
  // To be told after the actions under way.
  std::optional<Evaluated> evaluated_;
  std::vector<PeerGone> gone_;
  FleetResult result_;
};

}  // namespace signet
