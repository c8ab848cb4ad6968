#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "agent/session/agent_session.hpp"
#include "core/job/job.hpp"
#include "core/wire/codec.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/sign_patterns.hpp"
#include "tests/support/small_fleet.hpp"

namespace signet::test {

inline constexpr RunId kAgentRun{0xa9e47};
inline constexpr std::size_t kAgentDimension = 21;  // of small_job()'s model
inline constexpr float kAgentRate = 0.125F;

/// The coordinator's side of a run, by hand: x_k for every k, and the messages about them.
class OtherSide {
 public:
  explicit OtherSide(std::uint64_t seed = 1) : seed_(seed) {
    std::vector<float> x;
    Rng rng(11);
    for (std::size_t i = 0; i < kAgentDimension; ++i) x.push_back(rng.uniform());
    history_.emplace_back(std::move(x), RoundId{0});
  }

  std::vector<float> initial() const {
    const auto x = history_[0].parameters();
    return {x.begin(), x.end()};
  }
  /// x_k, closing rounds as needed.
  const Replica& at(std::uint64_t k) {
    while (history_.size() <= k) {
      Replica next = history_.back();
      next.apply(kAgentRate, signs_of(next.next_round().value), ties_of(next.next_round().value));
      history_.push_back(std::move(next));
    }
    return history_[k];
  }
  SignVector signs_of(std::uint64_t round) const {
    return random_signs(kAgentDimension, mix(seed_, round));
  }
  SignVector ties_of(std::uint64_t round) const {
    return round % 3 == 2 ? random_signs(kAgentDimension, mix(seed_, round + 1'000'000), 0.2F)
                          : SignVector();
  }

 private:
  std::uint64_t seed_;
  std::vector<Replica> history_;
};

/// A session, its clock, its trainer and what it did. Every step is checked for what must hold
/// always: the replica does not change while a gradient is computed, votes are made at it and sent
/// once begun, and the session's deadline comes nearer.
class SessionBench {
 public:
  explicit SessionBench(std::uint64_t jitter_seed = 1, const std::string& name = "ada")
      : session_({name, "test 1.0", jitter_seed}, now) {}

  AgentSession& session() { return session_; }
  OtherSide other;
  RunId run = kAgentRun;
  Job job = small_job();
  std::string job_text = canonical_text(job);
  Normalisation normalisation{{0.5F}, {2}};
  std::string told_name;  ///< by the coordinator; "": it has no keys

  Instant now{std::chrono::seconds(50)};
  AgentActions actions;       ///< of the last step or pass
  std::vector<Message> sent;  ///< the same; no views in here may be read
  std::vector<Instant> sent_at;
  std::vector<Vote> votes;  ///< of all steps; signs are in vote_signs
  std::vector<Bytes> vote_signs;
  std::vector<std::string> warnings;
  std::vector<Normalisation> told_normalisations;
  std::vector<std::string> loaded_as;  ///< the names that data were loaded for
  std::optional<Exit> exit;
  std::size_t reconnects = 0, loads = 0, subscriptions = 0;
  std::optional<RoundId> training;

  void step(const AgentEvent& event) {
    actions.clear();
    sent.clear();
    sent_at.clear();
    step_more(event);
  }
  /// Updates are broadcast unless they were asked for.
  void hear(const Message& message) { hear(message, std::holds_alternative<Update>(message)); }
  void hear(const Message& message, bool broadcast) {
    // Through the wire, so that views are what they are in the daemon: gone after the step.
    const auto frames = encode(message);
    const std::vector<ByteView> views(frames.begin(), frames.end());
    auto decoded = decode(views);
    REQUIRE(decoded);
    step(Arrived{std::move(*decoded), broadcast});
  }

  /// Lets time pass as the daemon does: a Tick at every deadline.
  void pass(Duration time) {
    actions.clear();
    sent.clear();
    sent_at.clear();
    const Instant until = now + time;
    for (int same = 0; !session_.ended() && session_.deadline() <= until; ++same) {
      if (session_.deadline() > now) same = 0;
      REQUIRE(same < 4);
      now = std::max(now, session_.deadline());
      step_more(Tick{});
    }
    now = until;
  }

  // What the coordinator says.
  void welcome(std::uint64_t round, bool begun = true) {
    Welcome message;
    message.agent = AgentId{3};
    message.run = run;
    message.job = job_text;
    message.name = told_name;
    message.begun = begun;
    if (begun) {
      message.round = RoundId{round};
      message.update_port = 7301;
      message.normalisation = normalisation;
    }
    hear(message);
  }
  void refuse(RefusalReason reason, std::uint64_t round = 0, const std::string& text = "no") {
    hear(Refuse{reason, text, RoundId{round}});
  }
  void update(std::uint64_t round) { update_of(other, round); }
  void update_of(OtherSide& side, std::uint64_t round, std::uint64_t digest_flip = 0) {
    const SignVector signs = side.signs_of(round), ties = side.ties_of(round);
    const std::uint64_t digest = side.at(round).digest() ^ digest_flip;
    hear(Update{run, RoundId{round}, kAgentRate, digest, 2000, 3, signs.bytes(),
                ties.empty() ? ByteView{} : ties.bytes()});
  }
  void snapshot(OtherSide& side, std::uint64_t round, std::uint64_t digest_flip = 0) {
    const Replica& replica = side.at(round);
    hear(SnapshotChunk{run, RoundId{round}, replica.digest() ^ digest_flip, 0, 1,
                       std::as_bytes(replica.parameters())});
  }
  void beat(std::uint64_t round, Activity activity = Activity::Idle, bool vote_received = true) {
    hear(Heartbeat{run, RoundId{round}, activity, vote_received});
  }
  void goodbye(Farewell reason, std::uint64_t round) {
    hear(Goodbye{run, reason, "bye", RoundId{round}, other.at(round).digest(), 0, 0});
  }

  // What the board does.
  void load() {
    DataLoaded loaded;
    loaded.summary = {120, std::vector<double>(6, 1), std::vector<double>(6, 2)};
    loaded.initial_parameters = other.initial();
    step(loaded);
  }
  void trained(bool finite = true) {
    REQUIRE(training.has_value());
    contribution_.round = *training;
    contribution_.loss = 0.5;
    contribution_.local = 3;
    contribution_.cross = 2;
    contribution_.samples = 16;
    contribution_.finite = finite;
    contribution_.reason = finite ? "" : "loss is NaN";
    contribution_.signs.signs = random_signs(kAgentDimension, training->value);
    training.reset();
    step(Trained{&contribution_});
  }

  /// Joined, loaded, welcomed into a run at `round`, whose updates are not known yet.
  void join(std::uint64_t round = 0) {
    step(Tick{});
    welcome(0, false);
    load();
    welcome(round);
  }
  /// In round k with its vote sent.
  void join_and_vote(std::uint64_t round = 0) {
    join();
    for (std::uint64_t k = 0; k < round; ++k) {
      trained();
      update(k);
    }
    trained();
    REQUIRE(votes.size() == round + 1);
  }

  template <typename T>
  const T* last_sent() const {
    for (auto s = sent.rbegin(); s != sent.rend(); ++s)
      if (std::holds_alternative<T>(*s)) return &std::get<T>(*s);
    return nullptr;
  }
  template <typename T>
  std::size_t count_sent() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(sent, [](const auto& m) { return std::holds_alternative<T>(m); }));
  }
  bool warned(const std::string& part) const {
    return std::ranges::any_of(
        warnings, [&part](const auto& w) { return w.find(part) != std::string::npos; });
  }
  std::uint64_t round() const { return session_.replica()->next_round().value; }
  bool in_step() { return session_.replica()->digest() == other.at(round()).digest(); }

 private:
  void step_more(const AgentEvent& event) {
    const bool was_training = training.has_value();
    const auto before = session_.replica();
    const float* const read = before ? session_.replica()->parameters().data() : nullptr;
    const Instant due = session_.deadline();
    AgentActions more;
    session_.step(now, event, more);
    if (was_training) {
      // A trainer thread reads it right now.
      REQUIRE(session_.replica().has_value());
      REQUIRE(session_.replica()->next_round() == before->next_round());
      REQUIRE(session_.replica()->parameters().data() == read);
      REQUIRE(session_.replica()->digest() == before->digest());
    }
    if (std::holds_alternative<Tick>(event) && due <= now && !session_.ended())
      REQUIRE(session_.deadline() > now);
    for (auto& action : more) {
      std::visit([this](const auto& a) { look_at(a); }, action);
      actions.push_back(std::move(action));
    }
    if (session_.ended()) {
      REQUIRE(exit.has_value());
      REQUIRE(session_.deadline() == kNever);
    }
  }

  void look_at(const Send& action) {
    const std::vector<ByteView> views(action.frames->begin(), action.frames->end());
    auto message = decode(views);
    REQUIRE(message);
    if (auto* vote = std::get_if<Vote>(&*message)) {
      REQUIRE(session_.replica().has_value());
      vote_signs.push_back(to_bytes(vote->signs));
      vote->signs = vote->abstained = {};
      votes.push_back(*vote);
    }
    sent.push_back(std::move(*message));
    sent_at.push_back(now);
  }
  void look_at(const Reconnect&) { ++reconnects; }
  void look_at(const Subscribe& action) {
    ++subscriptions;
    CHECK(action.port == 7301);
  }
  void look_at(const LoadData& action) {
    REQUIRE_FALSE(training.has_value());
    loaded_as.push_back(action.name);
    ++loads;
  }
  void look_at(const UseNormalisation& action) {
    REQUIRE_FALSE(training.has_value());
    told_normalisations.push_back(action.normalisation);
  }
  void look_at(const Train& action) {
    REQUIRE_FALSE(training.has_value());
    REQUIRE(session_.replica().has_value());
    REQUIRE(action.round == session_.replica()->next_round());
    training = action.round;
  }
  void look_at(const Remark& action) {
    if (action.severity == Severity::Warning) warnings.push_back(action.text);
  }
  void look_at(const Exit& action) {
    REQUIRE_FALSE(exit.has_value());
    exit = action;
  }

  AgentSession session_;
  Contribution contribution_;
};

}  // namespace signet::test
