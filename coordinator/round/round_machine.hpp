#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "coordinator/roster/roster.hpp"
#include "coordinator/round/catch_up_server.hpp"
#include "coordinator/round/events.hpp"
#include "coordinator/round/round_status.hpp"
#include "core/base/time.hpp"
#include "core/job/job.hpp"
#include "core/optim/rate_controller.hpp"
#include "core/optim/replica.hpp"
#include "core/vote/data_likeness.hpp"
#include "core/vote/majority_tally.hpp"
#include "core/vote/voter_trust.hpp"

namespace signet {

/// Where a run stands: at its start, or as the store remembers it.
struct RunState {
  RunId run;
  std::vector<float> parameters;  ///< x_k, k = next_round
  RoundId next_round;
  std::optional<Normalisation> normalisation;  ///< set once the run has begun
  Bytes controller;                            ///< SaveRound::controller; empty at the start
  std::vector<SharedUpdate> recent;            ///< last updates in order, for the log
  std::vector<SaveAgent> agents;               ///< who has joined before
  std::vector<std::string> expected;           ///< live when the last round closed
  double elapsed_s = 0;
  double best_accuracy = -1;  ///< of the evaluations so far
  std::uint64_t evaluations_since_best = 0;
};

/// One training run as the coordinator sees it: gathers agents, collects votes, closes rounds,
/// tells what to save and what to publish (Algorithm 1, line 4).
///
/// Deterministic: the same events give the same actions, on every machine, on every run. Does no
/// I/O and reads no clock. Memory: d floats, d / 8 bytes for each agent, the tally's planes, the
/// log of 33 updates (4.1 d bytes), and 4 d bytes for each snapshot that is being read or judged.
class RoundMachine {
 public:
  /// `job` must be the run's; `job_text` is what agents are sent; `update_port` where updates are
  /// published. Fails with Corrupt when the saved controller state does not fit.
  static Result<std::unique_ptr<RoundMachine>> create(Job job, std::string job_text, RunState state,
                                                      std::uint16_t update_port, Instant now);

  /// Appends what must be done to `actions`, in order.
  void step(Instant now, const CoordinatorEvent& event, CoordinatorActions& actions);
  /// step() with TimePassed is due at or after this.
  Instant deadline() const;

  const Roster& roster() const { return roster_; }
  const Replica& replica() const { return replica_; }
  bool begun() const { return normalisation_.has_value(); }
  /// Needs begun().
  const Normalisation& normalisation() const { return *normalisation_; }
  bool finished() const { return phase_ == Phase::Done; }
  /// One line for people: "round 412 of 705, loss 0.31, waiting for 2 of 4 agents".
  std::string status() const;
  /// The same and more, for programs.
  RoundStatus look(Instant now) const;
  /// Agents' votes are compared now and then even where all weigh the same.
  VoterOpinion opinion_of(std::string_view name) const;

 private:
  using Phase = RunPhase;
  // Weight of the newest figure in an agent's smoothed ones.
  static constexpr double kSmoothing = 0.2;

  RoundMachine(Job job, std::string job_text, RunState state, std::uint16_t update_port,
               Instant now);

  void on(Instant now, const PeerMessage& event);
  void on(Instant now, const PeerGarbage& event);
  void on(Instant now, const PeerGone& event);
  void on(Instant now, const AgentRevoked& event);
  void on(Instant now, const AgentRenamed& event);
  void on(Instant now, const TimePassed& event);
  void on(Instant now, const Evaluated& event);
  void on(Instant now, const StopRequested& event);

  void on_message(Instant now, const PeerId& peer, const Hello& hello);
  void greet(Instant now, const PeerId& peer, const Hello& hello, bool proven);
  void greet_by_key(Instant now, const PeerId& peer, Hello hello, const std::string& name);
  void on_message(Instant now, const PeerId& peer, const Vote& vote);
  void on_message(Instant now, const PeerId& peer, const CatchUpRequest& request);
  void on_message(Instant now, const PeerId& peer, const Heartbeat& heartbeat);
  void on_message(Instant now, const PeerId& peer, const Goodbye& goodbye);
  template <typename T>
  void on_message(Instant now, const PeerId& peer, const T& message);

  void wait_for_fewer(Instant now);
  void look_for_holder(Instant now, const std::string& name);
  void save_agent(Member& member);
  void become_ready(Instant now, Member& member, const Hello& hello);
  std::optional<Refuse> objection_to(const Member& member, const Vote& vote) const;
  void count_vote(Instant now, Member& member, const Vote& vote);
  void measure_response(Instant now, Member& member);
  void count_abstention(Member& member, const Vote& vote);
  void tally(Member& member);
  void wait_no_longer(Instant now, Member& member);
  void note_late(Instant now, Member& member, RoundId voted);

  void begin(Instant now);
  void note_odd_data();
  void open_round(Instant now);
  void expect_weights();
  void try_close(Instant now);
  void note_wait();
  void give_up_missing();
  void close_round(Instant now);
  RoundStatistics statistics_of_round() const;
  void learn_weights();
  void note_side(Member& member);
  void count_equally_if_unknown();
  void compare_voters();
  void observe_voters(RoundId told, std::span<const VoterTrust::Voter> voters);
  Bytes memory_of_rounds() const;
  Status restore_memory(ByteView memory);
  void complete_round(Instant now);
  void count_mismatches();
  void compare_data();
  void check_stop(Instant now);
  void begin_finish(Instant now, std::string why);
  void try_finish(Instant now);
  Instant farewell_end() const;

  void send(const PeerId& peer, const Message& message);
  void publish(const Message& message);
  void save_snapshot();
  void finish();
  void refuse(const PeerId& peer, Refuse refusal);
  void note(Level level, std::string text);
  static std::string counted(std::uint64_t n, const char* what);
  /// What may happen again and again is told of where this holds of how often it has.
  static bool is_power_of_two(std::uint64_t n) { return n > 0 && (n & (n - 1)) == 0; }
  Welcome welcome_for(const Member& member) const;
  Heartbeat heartbeat_for(const Member& member) const;
  Duration deadline_length() const;
  std::uint32_t deadline_ms() const;
  double elapsed_s(Instant now) const;
  Instant wall_end() const;
  bool waits_for_expected(Instant now) const;
  /// Those that paused and are still here: they may vote in the open round.
  std::size_t paused_here() const;
  bool somebody_counts() const;

  Job job_;
  std::string job_text_;
  RunId run_;
  std::uint16_t update_port_;
  Roster roster_;
  CatchUpServer catch_up_;
  Replica replica_;
  std::unique_ptr<RateController> controller_;
  std::optional<Normalisation> normalisation_;

  Phase phase_ = Phase::Gathering;
  MajorityTally tally_;
  VoterTrust trust_;
  DataLikeness likeness_;
  bool unequal_told_ = false;
  double best_reliability_ = 0;    // largest of those that were observed last
  std::size_t compared_from_ = 0;  // see compare_voters()
  Instant round_opened_{}, round_deadline_ = kNever;
  std::deque<Instant> earlier_opened_;  // of the rounds before the open one, newest last
  std::uint32_t round_refused_ = 0;
  std::uint64_t round_waits_ = 0;  // deadlines that passed without a quorum
  std::uint64_t rounds_without_step_ = 0;

  // After a restart: who was there and is not back yet, and how long they are waited for.
  std::vector<std::string> expected_;
  Instant expected_until_ = kNever;

  // A round that is saved and published, until complete_round(); the votes are still its own.
  SharedUpdate closed_;
  SignVector closed_ties_;

  bool evaluating_ = false;
  bool counts_equally_ = false;  // the votes of this round, whatever weights the voters have
  double best_accuracy_ = -1;
  std::uint64_t since_best_ = 0;  // evaluations
  double last_loss_ = std::numeric_limits<double>::quiet_NaN();
  double elapsed_before_s_ = 0;
  Instant voting_since_ = kNever;
  Instant finishing_since_ = kNever, finish_until_ = kNever;
  RunSummary summary_;
  std::uint64_t garbage_ = 0;
  std::map<RefusalReason, std::uint64_t> refused_;
  CoordinatorActions* out_ = nullptr;  // of the step() under way
};

/// Bytes of a normalisation as the store keeps it, and back (Corrupt on other bytes).
Bytes pack_normalisation(const Normalisation& normalisation);
Result<Normalisation> unpack_normalisation(ByteView bytes);

}  // namespace signet
