#include "agent/daemon.hpp"

#include <algorithm>

#include "core/base/random.hpp"
#include "core/data/source.hpp"
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

ExitCode exit_code_of(Ending ending) {
  switch (ending) {
    case Ending::Finished:
    case Ending::Stopped: return ExitCode::Done;
    case Ending::Refused: return ExitCode::Refused;
    case Ending::BadData: return ExitCode::Data;
    case Ending::BadJob: return ExitCode::Configuration;
  }
  return ExitCode::Other;
}

// Data, shard and model of a job, as far as this board can tell: runs on the worker's thread.
Result<Learner> load_learner(const Job& job, const AgentConfig& config) {
  auto data = load_dataset(job.data, config.data_path, Part::Train, read_file);
  if (!data) return data.error();
  if (const auto shard = parse_shard(config.shard); shard && shard->count > 1)
    return Learner::create(job, config.name, data->shard(shard->index, shard->count));
  return Learner::create(job, config.name, std::move(*data));
}

}  // namespace

AgentDaemon::AgentDaemon(const AgentConfig& config, AgentTransport& transport, Waker& waker,
                         const StopSignals& signals)
    : config_(config),
      transport_(transport),
      waker_(waker),
      signals_(signals),
      session_({config.name, kSoftware, mix(hash_text(config.name), hash_text(host_name()))},
               steady_now()),
      next_status_(steady_now() + kStatusEvery),
      worker_(waker) {}

ExitCode AgentDaemon::run() {
  log_info("{} '{}' looks for its coordinator at {}", kSoftware, config_.name, config_.coordinator);
  step(Tick{});
  while (!ended_) {
    const Instant now = steady_now();
    const Instant due = std::min(session_.deadline(), next_status_);
    transport_.wait(waker_, std::clamp<Duration>(due - now, Duration::zero(), kLongestWait));
    waker_.drain();
    if (signals_.received() != 0 && !ended_) step(StopAsked{});
    if (!ended_) worker_.complete();
    receive();
    if (!ended_ && steady_now() >= session_.deadline()) step(Tick{});
    report_status();
  }
  return *ended_;
}

void AgentDaemon::receive() {
  Received received;
  for (int n = 0; n < kFramesPerTurn && !ended_ && transport_.receive(received); ++n) {
    std::vector<ByteView> frames;
    for (const auto& frame : received.frames) frames.push_back(frame->bytes());
    auto message = decode(frames);
    if (message) {
      step(Arrived{std::move(*message)});
    } else {
      log_warning("unreadable message from the coordinator: {}", message.error().message);
    }
  }
}

void AgentDaemon::step(const AgentEvent& event) {
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
  if (!transport_.send(action.frames)) log_debug("no connection: a message was not sent");
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
  worker_.post([this, job = std::move(action.job)]() -> Worker::Completion {
    auto loaded = load_learner(job, config_);
    if (!loaded)
      return [this, error = loaded.error()] {
        if (!ended_) step(DataFailed{error});
      };
    auto learner = std::make_shared<Learner>(std::move(*loaded));
    auto event =
        std::make_shared<DataLoaded>(DataLoaded{learner->summary(), learner->initial_parameters()});
    return [this, learner, event] {
      learner_ = learner;
      if (!ended_) step(std::move(*event));
    };
  });
}

void AgentDaemon::perform_one(UseNormalisation& action) {
  worker_.post([learner = learner_, normalisation = std::move(action.normalisation)] {
    learner->set_normalisation(normalisation);
    return [] {};
  });
}

void AgentDaemon::perform_one(Train& action) {
  // The session leaves its replica alone until Trained arrives.
  worker_.post([this, learner = learner_, round = action.round]() -> Worker::Completion {
    const Contribution& contribution = learner->learn(round, session_.replica()->parameters());
    return [this, learner, &contribution] {
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
  if (steady_now() < next_status_) return;
  next_status_ = steady_now() + kStatusEvery;
  const Traffic traffic = transport_.traffic();
  log_info("{}; {} votes, {} bytes sent, {} received", session_.status(), session_.votes(),
           traffic.sent, traffic.received);
}

}  // namespace signet
