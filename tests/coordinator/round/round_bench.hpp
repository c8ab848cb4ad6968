#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/round/round_machine.hpp"
#include "core/wire/codec.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/sign_patterns.hpp"

namespace signet::test {

/// Not a multiple of 8 or 64: the last byte and the last word are not full.
inline constexpr std::size_t kRoundDimension = 70;
inline constexpr RunId kRoundRun{0x5167'6e65'7421};
inline constexpr std::uint16_t kRoundPort = 7301;

/// Ties are held, so that sign(sum of signs) of the paper is what is published, without coins.
inline Job round_job(std::size_t agents = 3) {
  Job job;
  job.name = "round";
  job.normalise = Normalise::Feature;
  job.model.input = {2};
  job.tie = TieRule::Hold;
  job.rate.controller = ControllerKind::Fixed;
  job.rate.value = 0.25;
  job.round.agents = agents;
  job.round.deadline_min = std::chrono::seconds(2);
  job.round.deadline_max = std::chrono::seconds(20);
  job.evaluate.every = 0;
  return job;
}

inline RunState round_state(std::uint64_t next_round = 0) {
  RunState state;
  state.run = kRoundRun;
  state.next_round = RoundId{next_round};
  Rng rng(7);
  for (std::size_t i = 0; i < kRoundDimension; ++i) state.parameters.push_back(rng.uniform());
  return state;
}

/// A coordinator that was restarted at `next_round`, with `expected` agents live before.
inline RunState restarted_state(std::uint64_t next_round, std::vector<std::string> expected) {
  RunState state = round_state(next_round);
  state.normalisation = Normalisation{{0, 0}, {1, 1}};
  std::uint32_t id = 1;
  for (const auto& name : expected) state.agents.push_back({name, AgentId{id++}, 10});
  state.expected = std::move(expected);
  return state;
}

inline Goodbye leaving(const std::string& why) {
  Goodbye goodbye;
  goodbye.run = kRoundRun;
  goodbye.text = why;
  return goodbye;
}

/// A message that the machine sent; views point into `frames`.
struct Sent {
  PeerId to;  ///< "*": published
  std::vector<Bytes> frames;
  Message message;
};

/// A machine, its clock, and what it did. Every step is checked for what must hold always: a round
/// is saved before anybody is told of it, and rounds are saved in order.
class RoundBench {
 public:
  explicit RoundBench(Job job = round_job(), RunState state = round_state())
      : job_(std::move(job)), saved_next_(state.next_round) {
    auto created = RoundMachine::create(job_, "job text", std::move(state), kRoundPort, now);
    REQUIRE(created);
    machine_ = std::move(*created);
  }

  RoundMachine& machine() { return *machine_; }
  const Job& job() const { return job_; }
  RoundId open() const { return machine_->replica().next_round(); }
  const Member& member(const std::string& name) const {
    const auto found = machine_->roster().members().find(name);
    REQUIRE(found != machine_->roster().members().end());
    return found->second;
  }

  void step(const CoordinatorEvent& event) {
    actions.clear();
    sent.clear();
    step_more(event);
    // What must be done at once, as by the daemon: a closed round is completed after it was told.
    while (machine_->deadline() == Instant::min()) step_more(TimePassed{});
  }
  void tell(const PeerId& peer, Message message) { step(PeerMessage{peer, std::move(message)}); }

  /// Lets time pass as the daemon does: a step at every deadline. No deadline may stand still.
  void pass(Duration time) {
    actions.clear();
    sent.clear();
    const Instant until = now + time;
    for (int same = 0; machine_->deadline() <= until && !machine_->finished(); ++same) {
      if (machine_->deadline() > now) same = 0;
      REQUIRE(same < 4);
      now = std::max(now, machine_->deadline());
      step_more(TimePassed{});
    }
    now = until;
  }

  static PeerId peer_of(const std::string& name) { return "peer of " + name; }
  static Hello hello_of(const std::string& name, bool ready) {
    Hello hello;
    hello.name = name;
    hello.ready = ready;
    if (ready) hello.data = {10, {1, 2}, {4, 9}};
    return hello;
  }
  void join(const std::string& name) {
    tell(peer_of(name), hello_of(name, false));
    tell(peer_of(name), hello_of(name, true));
  }
  void join_all(const std::vector<std::string>& names) {
    for (const auto& name : names) join(name);
  }

  /// A vote that cannot be objected to. `signs` must live until it is told.
  Vote vote_of(const SignVector& signs) const {
    Vote vote;
    vote.run = kRoundRun;
    vote.round = open();
    vote.digest = machine_->replica().digest();
    vote.local = vote.cross = 1;
    vote.loss = 0.5F;
    vote.samples = 10;
    vote.signs = signs.bytes();
    return vote;
  }
  void vote(const std::string& name, const SignVector& signs) {
    tell(peer_of(name), vote_of(signs));
  }
  /// Any signs will do.
  void vote(const std::string& name) { vote(name, random_signs(kRoundDimension, open().value)); }
  void abstain(const std::string& name) {
    Vote none = vote_of(SignVector());
    none.signs = {};
    none.abstention = Abstention::NotFinite;
    none.reason = "loss is NaN";
    tell(peer_of(name), none);
  }
  void pause(const std::string& name, const std::string& why = "too hot (82 C)") {
    Vote none = vote_of(SignVector());
    none.signs = {};
    none.abstention = Abstention::Paused;
    none.reason = why;
    tell(peer_of(name), none);
  }
  void beat(const std::string& name) { tell(peer_of(name), Heartbeat{kRoundRun, open()}); }

  /// The last message of a kind to a peer ("*": to all) since the step or pass began, or null.
  template <typename T>
  const T* last(const PeerId& to) const {
    for (auto s = sent.rbegin(); s != sent.rend(); ++s)
      if (s->to == to && std::holds_alternative<T>(s->message)) return &std::get<T>(s->message);
    return nullptr;
  }
  template <typename T>
  const T* last_to(const std::string& name) const {
    return last<T>(peer_of(name));
  }
  template <typename T>
  std::size_t count() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(actions, [](const auto& a) { return std::holds_alternative<T>(a); }));
  }
  bool warned(const std::string& part) const {
    return std::ranges::any_of(
        warnings, [&part](const auto& w) { return w.find(part) != std::string::npos; });
  }

  Instant now{std::chrono::seconds(1000)};
  CoordinatorActions actions;  ///< of the last step or pass
  std::vector<Sent> sent;      ///< the same
  // Of all steps.
  std::vector<std::string> warnings;
  std::vector<SharedUpdate> saved;
  std::vector<RoundReport> reports;
  std::vector<RunSummary> summaries;

 private:
  void step_more(const CoordinatorEvent& event) {
    CoordinatorActions more;
    machine_->step(now, event, more);
    for (auto& action : more) {
      look_at(action);
      actions.push_back(std::move(action));
    }
  }

  void look_at(const CoordinatorAction& action) {
    if (const auto* round = std::get_if<SaveRound>(&action)) {
      REQUIRE(round->update->round == saved_next_);
      saved_next_ = saved_next_.next();
      saved.push_back(round->update);
    } else if (const auto* to = std::get_if<SendTo>(&action)) {
      hear(to->peer, to->frames);
    } else if (const auto* publish = std::get_if<Publish>(&action)) {
      hear("*", publish->frames);
    } else if (const auto* note = std::get_if<Note>(&action)) {
      if (note->level == Level::Warning) warnings.push_back(note->text);
    } else if (const auto* report = std::get_if<Report>(&action)) {
      reports.push_back(report->report);
    } else if (const auto* finish = std::get_if<FinishRun>(&action)) {
      summaries.push_back(finish->summary);
    }
  }

  void hear(const PeerId& to, const std::vector<Bytes>& frames) {
    Sent heard{to, frames, {}};
    auto message = decode(std::vector<ByteView>(heard.frames.begin(), heard.frames.end()));
    REQUIRE(message);
    heard.message = std::move(*message);
    // Nobody hears of a round that is not saved.
    if (const auto* m = std::get_if<Update>(&heard.message)) REQUIRE(m->round < saved_next_);
    if (const auto* m = std::get_if<SnapshotChunk>(&heard.message))
      REQUIRE(m->next_round <= saved_next_);
    if (const auto* m = std::get_if<Welcome>(&heard.message)) REQUIRE(m->round <= saved_next_);
    if (const auto* m = std::get_if<Heartbeat>(&heard.message)) REQUIRE(m->round <= saved_next_);
    if (const auto* m = std::get_if<Refuse>(&heard.message)) REQUIRE(m->round <= saved_next_);
    if (const auto* m = std::get_if<Goodbye>(&heard.message)) REQUIRE(m->round <= saved_next_);
    sent.push_back(std::move(heard));
  }

  Job job_;
  RoundId saved_next_;
  std::unique_ptr<RoundMachine> machine_;
};

/// A vote that counts, for the majority by its definition; `abstained` may be empty.
struct CountedVote {
  SignVector signs, abstained;
};

/// Whether `update` is sign(sum of signs) of `votes`, with sign(0) = 0 as the held ties.
inline bool is_majority(const UpdateRecord& update, const std::vector<CountedVote>& votes) {
  for (std::size_t i = 0; i < kRoundDimension; ++i) {
    long sum = 0;
    for (const auto& vote : votes)
      if (vote.abstained.empty() || !vote.abstained.positive(i))
        sum += vote.signs.positive(i) ? 1 : -1;
    const bool tie = !update.ties.empty() && update.ties.positive(i);
    if (tie != (sum == 0)) return false;
    if (sum != 0 && update.signs.positive(i) != (sum > 0)) return false;
  }
  return true;
}

}  // namespace signet::test
