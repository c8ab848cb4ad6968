#include "agent/daemon.hpp"

#include <algorithm>
#include <utility>

#include "core/base/random.hpp"
#include "core/platform/clock.hpp"
#include "core/platform/files.hpp"
#include "core/platform/log.hpp"
#include "core/wire/codec.hpp"

namespace signet {

namespace {

constexpr const char* kSoftware = "signet " SIGNET_VERSION;
constexpr Duration kLongestWait = std::chrono::hours(1);
constexpr Duration kStatusEvery = std::chrono::seconds(30);
// Frames handled before the deadline is looked at again.
constexpr int kFramesPerTurn = 64;
// A look asks the whole local network, and the coordinator's machine may just be booting.
constexpr Duration kFindEvery = std::chrono::seconds(15);
// A gradient that took less is computed on the loop's own thread: no heartbeat is late for it, and
// on a small model two hand-overs to another thread cost as much as the gradient.
constexpr Duration kBrief = std::chrono::milliseconds(2);

ExitCode exit_code_of(Ending ending) {
  switch (ending) {
    case Ending::Finished:
    case Ending::Stopped: return ExitCode::Done;
    case Ending::Refused: return ExitCode::Refused;
    case Ending::BadData: return ExitCode::Data;
    // Not Configuration: services are not started again after that, and the coordinator's next job
    // may be one that this agent can read.
    case Ending::BadJob: return ExitCode::Other;
  }
  return ExitCode::Other;
}

}  // namespace

AgentDaemon::AgentDaemon(const AgentConfig& config, AgentTransport& transport, Waker& waker,
                         const StopSignals& signals, TrainerFactory make_trainer)
    : config_(config),
      transport_(transport),
      waker_(waker),
      signals_(signals),
      make_trainer_(std::move(make_trainer)),
      session_({config.name, kSoftware, mix(hash_text(config.name), hash_text(host_name()))},
               steady_now()),
      next_status_(steady_now() + kStatusEvery),
      board_(config.guest, config.board_root, waker),
      worker_(waker) {}

void AgentDaemon::find_by(Find find) {
  find_ = std::move(find);
  next_find_ = steady_now();
  finder_ = std::make_unique<Worker>(waker_);
}

ExitCode AgentDaemon::run() {
  log_info("{}{} looks for its coordinator at {}, {}", kSoftware,
           config_.name.empty() ? "" : " '" + config_.name + "'", config_.coordinator,
           config_.server_key.empty() ? "not encrypted" : "encrypted");
  service_.ready();
  step(AllowanceChanged{board_.first(steady_now())});
  step(Tick{});
  while (!ended_) {
    const Instant now = steady_now();
    service_.alive(now);
    const Instant due =
        std::min({session_.deadline(), next_status_, service_.due(), next_find_, board_.due()});
    transport_.wait(waker_, std::clamp<Duration>(due - now, Duration::zero(), kLongestWait));
    waker_.drain();
    look_at_signals();
    if (!ended_) worker_.complete();
    look_at_board();
    receive();
    look_for_trouble();
    look_for_coordinator();
    if (!ended_ && steady_now() >= session_.deadline()) step(Tick{});
    report_status();
  }
  return *ended_;
}

void AgentDaemon::look_at_signals() {
  if (signals_.received() != 0 && !ended_) step(StopAsked{});
  if (!signals_.take_reload() || ended_) return;
  service_.reloading(steady_now());
  reload_();
  service_.ready();
}

void AgentDaemon::set_guest(GuestRules rules) {
  board_.set_rules(std::move(rules), steady_now());
}

void AgentDaemon::look_at_board() {
  board_.look(steady_now());
  if (ended_) return;
  if (auto allowance = board_.change(steady_now())) step(AllowanceChanged{std::move(*allowance)});
}

void AgentDaemon::receive() {
  Received received;
  for (int n = 0; n < kFramesPerTurn && !ended_ && transport_.receive(received); ++n) {
    std::vector<ByteView> frames;
    for (const auto& frame : received.frames) frames.push_back(frame->bytes());
    auto message = decode(frames);
    if (message) {
      step(Arrived{std::move(*message), received.broadcast});
    } else {
      log_warning("unreadable message from the coordinator: {}", message.error().message);
    }
  }
}

void AgentDaemon::look_for_trouble() {
  using Trouble = AgentTransport::Trouble;
  const Trouble trouble = ended_ ? Trouble::None : transport_.trouble();
  if (trouble == Trouble::Denied) step(KeyDenied{});
  if (trouble != Trouble::NoCommonGround) return;
  // libzmq tries again and again, a few times a second at first.
  ++handshakes_failed_;
  if ((handshakes_failed_ & (handshakes_failed_ - 1)) == 0)
    log_warning(
        "whoever answers at {} closes the connection at once ({} times so far): it has another key "
        "than server_key says, or only one of both encrypts",
        config_.coordinator, handshakes_failed_);
}

void AgentDaemon::look_for_coordinator() {
  if (!finder_ || ended_) return;
  finder_->complete();
  if (steady_now() < next_find_) return;
  next_find_ = steady_now() + kFindEvery;
  if (transport_.connected() || !finder_->idle()) return;
  finder_->post([this, find = find_]() -> Worker::Completion {
    return [this, addresses = find()] { found(addresses); };
  });
}

void AgentDaemon::found(const Result<std::vector<std::string>>& addresses) {
  const std::string why = addresses ? "" : addresses.error().message;
  if (!why.empty() && why != find_failed_) log_error("{}", why);
  find_failed_ = why;
  if (!addresses) return;
  for (const std::string& address : *addresses) log_debug("announced: {}", address);
  if (auto used = transport_.use_found(*addresses); !used)
    log_warning("what was found is of no use: {}", used.error().message);
}

void AgentDaemon::step(const AgentEvent& event) {
  handle(event);
  // After all other actions of the event; a short one ends in an event itself.
  while (due_ && !ended_) train(*std::exchange(due_, std::nullopt));
}

void AgentDaemon::handle(const AgentEvent& event) {
  const Traffic traffic = transport_.traffic();
  session_.set_traffic(traffic.sent, traffic.received);
  AgentActions actions;
  session_.step(steady_now(), event, actions);
  perform(std::move(actions));
}

void AgentDaemon::perform(AgentActions actions) {
  for (auto& action : actions) std::visit([this](auto& a) { perform_one(a); }, action);
}

void AgentDaemon::perform_one(Send& action) {
  // A message that is lost is said again: the session's deadlines see to it.
  if (!transport_.send(*action.frames)) log_debug("no connection: a message was not sent");
}

void AgentDaemon::perform_one(Reconnect& /*action*/) {
  if (auto done = transport_.reconnect(); !done)
    log_warning("reconnecting failed: {}", done.error().message);
}

void AgentDaemon::perform_one(Subscribe& action) {
  if (auto done = transport_.subscribe(action.port); !done)
    log_warning("subscribing to updates failed: {}", done.error().message);
}

void AgentDaemon::perform_one(LoadData& action) {
  brief_ = false;
  worker_.post([this, job = std::move(action.job),
                name = std::move(action.name)]() -> Worker::Completion {
    auto made = make_trainer_(job, name);
    if (!made)
      return [this, error = made.error()] {
        if (!ended_) step(DataFailed{error});
      };
    std::shared_ptr<Trainer> trainer = std::move(*made);
    auto event =
        std::make_shared<DataLoaded>(DataLoaded{trainer->summary(), trainer->initial_parameters()});
    return [this, trainer, event] {
      trainer_ = trainer;
      if (!ended_) step(std::move(*event));
    };
  });
}

void AgentDaemon::perform_one(UseNormalisation& action) {
  worker_.post([trainer = trainer_, normalisation = std::move(action.normalisation)] {
    trainer->set_normalisation(normalisation);
    return [] {};
  });
}

void AgentDaemon::perform_one(Train& action) {
  due_ = action.round;
}

void AgentDaemon::train(RoundId round) {
  if (brief_ && worker_.idle()) {
    const Instant begun = steady_now();
    const Contribution& contribution = trainer_->learn(round, session_.replica()->parameters());
    brief_ = steady_now() - begun < kBrief;
    return handle(Trained{&contribution});
  }
  // The session leaves its replica alone until Trained arrives.
  worker_.post([this, trainer = trainer_, round]() -> Worker::Completion {
    const Instant begun = steady_now();
    const Contribution& contribution = trainer->learn(round, session_.replica()->parameters());
    const bool brief = steady_now() - begun < kBrief;
    return [this, trainer, brief, &contribution] {
      brief_ = brief;
      if (!ended_) step(Trained{&contribution});
    };
  });
}

void AgentDaemon::perform_one(Remark& action) {
  switch (action.severity) {
    case Severity::Debug: return log_debug("{}", action.text);
    case Severity::Info: return log_info("{}", action.text);
    case Severity::Warning: return log_warning("{}", action.text);
  }
}

void AgentDaemon::perform_one(Exit& action) {
  ended_ = exit_code_of(action.ending);
  if (*ended_ == ExitCode::Done) {
    log_info("{}", action.text);
  } else {
    log_error("{}", action.text);
  }
}

void AgentDaemon::report_status() {
  if (service_.listens(steady_now())) service_.say(steady_now(), session_.status());
  if (steady_now() < next_status_) return;
  next_status_ = steady_now() + kStatusEvery;
  const Traffic traffic = transport_.traffic();
  log_info("{}; {} votes, {} bytes sent, {} received", session_.status(), session_.votes(),
           traffic.sent, traffic.received);
}

}  // namespace signet
