#include "coordinator/daemon.hpp"

#include <algorithm>
#include <utility>

#include "coordinator/control/protocol.hpp"
#include "coordinator/memory_allowance.hpp"
#include "coordinator/store/persistence.hpp"
#include "core/platform/clock.hpp"
#include "core/platform/log.hpp"
#include "core/platform/process.hpp"
#include "core/wire/codec.hpp"

namespace signet {

namespace {

// How often the memory is looked at: what libzmq takes in does not wake the loop before it is a
// message.
constexpr Duration kGuardEvery = std::chrono::milliseconds(100);
constexpr Duration kLongestWait = kGuardEvery;
constexpr int kFramesPerTurn = 256;

}  // namespace

CoordinatorDaemon::CoordinatorDaemon(const Job& job, Parts parts)
    : job_(job), parts_(std::move(parts)), started_(steady_now()), worker_(parts_.waker) {}

ExitCode CoordinatorDaemon::run() {
  service_.ready();
  first_round_ = last_round_ = steady_now();
  if (const auto memory = resident_memory()) memory_before_ = memory->now;
  step(TimePassed{});
  while (!summary_ && !failed_) {
    const Instant due = parts_.machine.deadline();
    const Duration wait = due == Instant::min()
                              ? Duration::zero()
                              : std::clamp<Duration>(std::min(due, service_.due()) - steady_now(),
                                                     Duration::zero(), kLongestWait);
    if (due != Instant::min() && std::exchange(untidy_, false)) tidy();
    parts_.transport.wait(parts_.waker, wait);
    parts_.waker.drain();
    look_at_signals();
    worker_.complete();
    receive();
    if (!summary_ && !failed_ && steady_now() >= parts_.machine.deadline()) step(TimePassed{});
    // A closed round is completed first.
    if (parts_.machine.deadline() != Instant::min()) {
      answer_question();
      enrol_boards();
    }
    if (!summary_ && !failed_) guard_memory();
    if (!summary_ && !failed_ && rounds_ == 0)
      parts_.progress.show_waiting(steady_now(), parts_.machine.status());
    tell_manager();
  }
  parts_.progress.clear();
  if (failed_) return *failed_;
  return summary_->diverged ? ExitCode::TrainingFailed : ExitCode::Done;
}

void CoordinatorDaemon::look_at_signals() {
  if (parts_.signals.received() != 0 && !std::exchange(stop_told_, true)) step(StopRequested{});
  if (!parts_.signals.take_reload()) return;
  service_.reloading(steady_now());
  reload_();
  service_.ready();
}

void CoordinatorDaemon::tell_manager() {
  const Instant now = steady_now();
  service_.alive(now);
  if (service_.listens(now)) service_.say(now, parts_.machine.status());
}

void CoordinatorDaemon::tidy() {
  // What is saved stays saved; a disk that is full says so when the next round is.
  if (auto done = parts_.store.tidy(); !done)
    log_warning("the state file was not tidied: {}", done.error().message);
}

void CoordinatorDaemon::receive() {
  Received received;
  for (int n = 0; n < kFramesPerTurn && !summary_ && !failed_; ++n) {
    if (!parts_.transport.receive(received)) return;
    std::string name;
    if (parts_.registrar != nullptr) {
      // The transport lets through only keys that have one.
      const std::string* found = parts_.registrar->fleet().name_of(received.key);
      if (found == nullptr) continue;
      name = *found;
    }
    std::vector<ByteView> frames;
    for (const auto& frame : received.frames) frames.push_back(frame->bytes());
    auto message = decode(frames);
    if (message) {
      step(PeerMessage{received.peer, std::move(*message), std::move(name)});
    } else {
      step(PeerGarbage{received.peer, message.error().message});
    }
  }
}

void CoordinatorDaemon::guard_memory() {
  if (memory_before_ == 0 || steady_now() < next_guard_) return;
  next_guard_ = steady_now() + kGuardEvery;
  const auto& machine = parts_.machine;
  const std::uint64_t allowance =
      memory_allowance(machine.replica().dimension(), machine.roster().ready_count());
  const auto memory = resident_memory();
  if (!memory || memory->now <= memory_before_ + allowance) return;
  parts_.progress.clear();
  log_warning(
      "{} MB of memory, more than this run can need: somebody sends messages without an end; "
      "dropping all connections, agents come back by themselves",
      memory->now / 1'000'000);
  return_freed_memory();
  if (auto opened = parts_.transport.reopen(); !opened) {
    log_error("{}", opened.error().message);
    failed_ = ExitCode::Network;
  }
  return_freed_memory();
  keep_freed_memory();
  // What stays was ours after all: it must not be taken for somebody else's again and again.
  if (const auto left = resident_memory())
    memory_before_ = std::max(memory_before_, left->now - std::min(left->now, allowance / 2));
}

void CoordinatorDaemon::step(const CoordinatorEvent& event) {
  CoordinatorActions actions;
  step_begun_ = steady_now();
  parts_.machine.step(step_begun_, event, actions);
  for (auto& action : actions)
    if (!perform(action)) return;
  for (PeerId& peer : std::exchange(gone_, {})) step(PeerGone{std::move(peer)});
}

bool CoordinatorDaemon::saved(const Status& status) {
  if (status) return true;
  // Nobody was told of what could not be saved: a restart goes on from the last saved round.
  parts_.progress.clear();
  log_error("cannot save the run: {}", status.error().message);
  failed_ = ExitCode::State;
  return false;
}

bool CoordinatorDaemon::perform(CoordinatorAction& action) {
  if (auto* to = std::get_if<SendTo>(&action)) {
    const Sent sent = parts_.transport.deliver(to->peer, to->frames);
    if (sent != Sent::Queued) log_debug("a peer is gone or does not read");
    if (sent == Sent::NoPeer) gone_.push_back(std::move(to->peer));
  } else if (auto* publish = std::get_if<Publish>(&action)) {
    parts_.transport.publish(publish->frames);
  } else if (auto* agent = std::get_if<SaveAgent>(&action)) {
    return saved(save(parts_.store, *agent));
  } else if (auto* normalisation = std::get_if<SaveNormalisation>(&action)) {
    first_round_ = last_round_ = steady_now();
    return saved(save(parts_.store, *normalisation));
  } else if (auto* round = std::get_if<SaveRound>(&action)) {
    return saved(save(parts_.store, *round));
  } else if (auto* snapshot = std::get_if<SaveSnapshot>(&action)) {
    return saved(save(parts_.store, *snapshot));
  } else if (auto* judged = std::get_if<Evaluate>(&action)) {
    evaluate(judged->snapshot);
  } else if (auto* report = std::get_if<Report>(&action)) {
    on_report(report->report);
  } else if (auto* note = std::get_if<Note>(&action)) {
    if (note->level == Level::Debug) {
      log_debug("{}", note->text);
    } else {
      parts_.progress.clear();
      log_at(note->level == Level::Info ? LogLevel::Info : LogLevel::Warning, "{}", note->text);
    }
  } else if (auto* finish = std::get_if<FinishRun>(&action)) {
    summary_ = finish->summary;
  }
  return true;
}

void CoordinatorDaemon::on_report(const RoundReport& report) {
  ++rounds_;
  untidy_ = true;
  last_round_ = steady_now();
  closing_ += last_round_ - step_begun_;
  parts_.progress.show(last_round_,
                       {report, accuracy_, job_.round.agents, parts_.transport.traffic()});
}

std::optional<double> CoordinatorDaemon::closing_seconds() const {
  if (rounds_ == 0) return std::nullopt;
  return seconds(closing_) / static_cast<double>(rounds_);
}

void CoordinatorDaemon::evaluate(SharedSnapshot snapshot) {
  if (!parts_.evaluator) {
    // The machine waits for an answer before it asks again; without test data there is none.
    return;
  }
  worker_.post([this, snapshot = std::move(snapshot),
                normalisation = parts_.machine.normalisation()]() -> Worker::Completion {
    const Judgement judged = parts_.evaluator->judge(snapshot->parameters, normalisation);
    return [this, judged, round = snapshot->next_round] {
      accuracy_ = judged.accuracy();
      if (!saved(parts_.store.save_evaluation({round, judged.accuracy(), judged.loss()}))) return;
      if (!summary_ && !failed_) step(Evaluated{round, judged.accuracy(), judged.loss()});
    };
  });
}

// Nothing is done with them any more; unread they would make every wait end at once.
void CoordinatorDaemon::drop_messages() {
  Received unread;
  for (int n = 0; n < kFramesPerTurn && parts_.transport.receive(unread); ++n) continue;
  if (parts_.registrar == nullptr) return;
  for (int n = 0; n < kFramesPerTurn && parts_.transport.receive_enrolment(unread); ++n) continue;
}

std::optional<Judgement> CoordinatorDaemon::judge_final() {
  if (!parts_.evaluator || !parts_.machine.begun()) return std::nullopt;
  // The worker may be at it with an older round; its answer does not matter any more.
  std::optional<Judgement> judged;
  worker_.post([this, &judged]() -> Worker::Completion {
    const Judgement result = parts_.evaluator->judge(parts_.machine.replica().parameters(),
                                                     parts_.machine.normalisation());
    return [&judged, result] { judged = result; };
  });
  while (!judged) {
    parts_.transport.wait(parts_.waker, std::chrono::milliseconds(50));
    parts_.waker.drain();
    worker_.complete();
    drop_messages();
    answer_question();
    guard_memory();
    tell_manager();
  }
  const RoundId round = parts_.machine.replica().next_round();
  if (auto done = parts_.store.save_evaluation({round, judged->accuracy(), judged->loss()}); !done)
    log_warning("the final evaluation was not saved: {}", done.error().message);
  return judged;
}

}  // namespace signet
