#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "agent/board/board_watch.hpp"
#include "agent/config.hpp"
#include "agent/session/agent_session.hpp"
#include "agent/trainer/trainer.hpp"
#include "core/config/exit_code.hpp"
#include "core/platform/service.hpp"
#include "core/platform/signals.hpp"
#include "core/platform/transport.hpp"
#include "core/platform/worker.hpp"

namespace signet {

/// An agent's one event loop: wait for a frame, the trainer or the session's deadline; step the
/// session; do what it says; repeat. A gradient is computed on the worker's thread, so that
/// heartbeats do not wait for training, unless the last one took a moment only.
class AgentDaemon {
 public:
  /// `config.name` is not empty where there are no keys. All references must outlive this.
  /// `make_trainer` is called on the worker's thread.
  AgentDaemon(const AgentConfig& config, AgentTransport& transport, Waker& waker,
              const StopSignals& signals, TrainerFactory make_trainer);

  /// What SIGHUP does, where it does not end the process.
  void on_reload(std::function<void()> reload) { reload_ = std::move(reload); }
  /// Where the coordinator is to be looked for while no connection stands: called again and again,
  /// on a thread that may wait.
  using Find = std::function<Result<std::vector<std::string>>()>;
  void find_by(Find find);
  /// Other rules of when to step back, from now on.
  void set_guest(GuestRules rules);
  /// Runs until the run is over, a signal, or an error that trying again cannot mend.
  ExitCode run();
  /// False while a gradient or a look for the coordinator goes on that nobody waits for any more.
  bool idle() const { return worker_.idle() && (!finder_ || finder_->idle()); }

 private:
  void step(const AgentEvent& event);
  void handle(const AgentEvent& event);
  void train(RoundId round);
  void perform(AgentActions actions);
  void perform_one(Send& action);
  void perform_one(Reconnect& action);
  void perform_one(Subscribe& action);
  void perform_one(LoadData& action);
  void perform_one(UseNormalisation& action);
  void perform_one(Train& action);
  void perform_one(Remark& action);
  void perform_one(Exit& action);
  void receive();
  void look_for_trouble();
  void look_for_coordinator();
  void found(const Result<std::vector<std::string>>& addresses);
  void report_status();
  void look_at_signals();
  void look_at_board();

  AgentConfig config_;
  AgentTransport& transport_;
  Waker& waker_;
  const StopSignals& signals_;
  TrainerFactory make_trainer_;
  std::shared_ptr<Trainer> trainer_;
  bool brief_ = false;          // the last gradient was
  std::optional<RoundId> due_;  // to be trained for, when the other actions are done
  AgentSession session_;
  Instant next_status_;
  std::uint64_t handshakes_failed_ = 0;
  ServiceManager service_;
  std::function<void()> reload_ = [] {};
  std::optional<ExitCode> ended_;
  Find find_;
  Instant next_find_ = kNever;
  std::string find_failed_;  // why, as it was last said
  BoardWatch board_;
  std::unique_ptr<Worker> finder_;  // only where find_ is
  Worker worker_;                   // last: its thread uses the trainer and the session's replica
};

}  // namespace signet
