#include <optional>
#include <utility>

#include "agent/session/agent_session.hpp"
#include "core/base/check.hpp"
#include "tests/fuzz/messages.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/support/small_fleet.hpp"

namespace signet::test {

namespace {

/// A board whose coordinator says anything.
class FuzzedSession {
 public:
  void run(FuzzInput& input) {
    while (!input.empty() && !session_.ended()) {
      one(input);
      // As the daemon asks in each turn.
      static_cast<void>(session_.deadline());
      static_cast<void>(session_.status());
    }
  }
  bool ended() const { return session_.ended(); }

 private:
  void one(FuzzInput& input) {
    switch (input.byte() % 8) {
      case 0: now_ += std::chrono::milliseconds(input.number<std::uint16_t>()); return step(Tick{});
      case 1: return step(DataLoaded{{100, {1}, {2}}, std::vector<float>(kFuzzDimension)});
      case 2:
      case 3: return trained(input);
      case 4: return seldom(input.byte());
      default: break;
    }
    std::vector<Bytes> frames;
    auto message = fuzz_arrival(input, scene(), frames);
    if (message) step(Arrived{std::move(*message)});
  }

  void seldom(std::uint8_t what) {
    switch (what % 8) {
      case 0: return step(StopAsked{});
      case 1: return step(DataFailed{{ErrorKind::Missing, "no data"}});
      case 2: return step(KeyDenied{});
      case 3:
      case 4:
      case 5: return step(AllowanceChanged{{static_cast<Pace>(what % 8 - 3), "fuzz"}});
      default: return;
    }
  }

  static const std::string& job_text() {
    static const std::string text = kSmallJobText;
    return text;
  }

  FuzzScene scene() const {
    const auto& replica = session_.replica();
    return {kFuzzRun, replica ? replica->next_round() : RoundId{0}, replica ? replica->digest() : 0,
            kFuzzDimension, job_text()};
  }

  void trained(FuzzInput& input) {
    if (!training_) return;
    Contribution contribution;
    contribution.round = *std::exchange(training_, std::nullopt);
    contribution.finite = input.flag();
    if (contribution.finite) contribution.signs.signs = SignVector(kFuzzDimension);
    reading_.reset();
    step(Trained{&contribution});
  }

  void step(const AgentEvent& event) {
    // An answer that nobody asked for does not come.
    const bool answer =
        std::holds_alternative<DataLoaded>(event) || std::holds_alternative<DataFailed>(event);
    if (answer && !std::exchange(loading_, false)) return;
    AgentActions actions;
    session_.step(now_, event, actions);
    for (const auto& action : actions) {
      loading_ = loading_ || std::holds_alternative<LoadData>(action);
      if (const auto* train = std::get_if<Train>(&action)) {
        SIGNET_CHECK(!training_, "one gradient at a time");
        training_ = train->round;
        reading_ = session_.replica()->digest();
      }
    }
    if (training_ && session_.replica())
      SIGNET_CHECK(session_.replica()->digest() == *reading_, "the replica waits for its gradient");
  }

  Instant now_{std::chrono::seconds(1)};
  AgentSession session_{{"ada", "fuzz", 1}, now_};
  bool loading_ = false;
  std::optional<RoundId> training_;
  std::optional<std::uint64_t> reading_;
};

}  // namespace

void fuzz_session(ByteView input) {
  FuzzInput events(input);
  FuzzedSession().run(events);
}

namespace {

// Welcome, data, three rounds and the end; `rest`: a pause and another pace in between.
Bytes scripted_session(bool rest) {
  FuzzScript script;
  script.add({0, 0, 0});                   // looks for its coordinator
  script.add({5, 1, 1, 0}).add_zeros(3);   // welcome: the job
  script.add({1});                         // its data are loaded
  script.add({5, 1, 1, 64}).add_zeros(3);  // welcome into the run
  for (int round = 0; round < 3; ++round) {
    if (rest) script.add({4, 4, 0, 0xff, 0xff, 4, 5, 4, 3});  // slow, a minute, paused, full
    script.add({2, 1});                                       // a gradient
    script.add({5, 1, 4, 0}).add_zeros(3 + 4);                // the update
  }
  script.add({5, 1, 8, 0}).add_zeros(3 + 1);  // it is over
  script.add({2, 1});                         // the gradient that nobody needs
  return script.bytes();
}

}  // namespace

std::vector<Bytes> session_seeds() {
  std::vector<Bytes> seeds = random_inputs(40, 600);
  for (const bool rest : {false, true}) seeds.push_back(scripted_session(rest));
  return seeds;
}

bool scripted_session_ends() {
  const Bytes script = scripted_session(false);
  FuzzInput events(script);
  FuzzedSession session;
  session.run(events);
  return session.ended();
}

}  // namespace signet::test
