#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/console/progress.hpp"
#include "coordinator/control/orders.hpp"
#include "coordinator/enrolment/registrar.hpp"
#include "coordinator/evaluator.hpp"
#include "coordinator/round/round_machine.hpp"
#include "coordinator/store/store.hpp"
#include "core/config/exit_code.hpp"
#include "core/job/job.hpp"
#include "core/platform/service.hpp"
#include "core/platform/signals.hpp"
#include "core/platform/transport.hpp"
#include "core/platform/worker.hpp"

namespace signet {

/// The coordinator's one event loop: wait for a frame or the machine's deadline, step, perform the
/// actions in order, repeat. One question of an operator is answered in each turn. Test data are
/// judged on the worker's thread.
class CoordinatorDaemon {
 public:
  struct Parts {
    RoundMachine& machine;
    CoordinatorTransport& transport;
    Store& store;
    Waker& waker;
    const StopSignals& signals;
    ProgressDisplay& progress;
    std::optional<Evaluator> evaluator;  ///< none: no test data
    Registrar* registrar = nullptr;      ///< null: anybody may take part, nothing is encrypted
  };
  CoordinatorDaemon(const Job& job, Parts parts);

  /// What SIGHUP does, where it does not end the process.
  void on_reload(std::function<void()> reload) { reload_ = std::move(reload); }
  /// Runs until the run ends or something the machine cannot go on without fails (exit code State,
  /// already logged). Then summary() tells how it ended.
  ExitCode run();

  const std::optional<RunSummary>& summary() const { return summary_; }
  /// Rounds closed by this process, and the seconds from the first one's opening to the last one.
  std::uint64_t rounds_here() const { return rounds_; }
  double seconds_here() const { return seconds(last_round_ - first_round_); }
  /// From the arrival of a vote that closes a round to the departure of the update, mean over
  /// rounds_here(); nullopt without rounds.
  std::optional<double> closing_seconds() const;
  /// Of the final parameters; nullopt without test data. Takes as long as an evaluation takes.
  std::optional<Judgement> judge_final();

 private:
  void step(const CoordinatorEvent& event);
  // Each returns false when the coordinator must stop at once (the error is logged).
  bool perform(CoordinatorAction& action);
  bool saved(const Status& status);
  void receive();
  void answer_question();
  void guard_memory();
  void drop_messages();
  std::string answer_to(std::string_view question);
  std::string obey(const Order& order);
  std::string carry_out(const MakeToken& order);
  std::string carry_out(const ListTokens& order);
  std::string carry_out(const WithdrawToken& order);
  std::string carry_out(const RevokeAgent& order);
  std::string carry_out(const RenameAgent& order);
  void enrol_boards();
  void tidy();
  void look_at_signals();
  void tell_manager();
  void evaluate(SharedSnapshot snapshot);
  void on_report(const RoundReport& report);

  Job job_;
  Parts parts_;
  std::optional<double> accuracy_;
  std::optional<RunSummary> summary_;
  std::optional<ExitCode> failed_;
  std::uint64_t rounds_ = 0;
  std::uint64_t memory_before_ = 0;  // bytes, of this process before its run
  Instant next_guard_{};
  bool untidy_ = false;  // a round was saved since the store was last tidied
  Instant started_;
  Instant first_round_{}, last_round_{};
  Instant step_begun_{};
  std::vector<PeerId> gone_;  // found out by the actions of the step under way
  Duration closing_{};        // sum over the rounds
  ServiceManager service_;
  std::function<void()> reload_ = [] {};
  bool stop_told_ = false;
  Worker worker_;  // last: its thread uses the evaluator
};

}  // namespace signet
