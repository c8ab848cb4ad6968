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
    while (!input.empty() && !session_.ended()) one(input);
  }

 private:
  void one(FuzzInput& input) {
    switch (input.byte() % 8) {
      case 0: now_ += std::chrono::milliseconds(input.number<std::uint16_t>()); return step(Tick{});
      case 1: return step(DataLoaded{{100, {1}, {2}}, std::vector<float>(kFuzzDimension)});
      case 2:
      case 3: return trained(input);
      case 4:
        if (input.byte() == 0) step(StopAsked{});
        return;
      default: break;
    }
    std::vector<Bytes> frames;
    auto message = fuzz_arrival(input, scene(), frames);
    if (message) step(Arrived{std::move(*message)});
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
    if (std::holds_alternative<DataLoaded>(event) && !std::exchange(loading_, false)) return;
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

std::vector<Bytes> event_seeds() {
  return random_inputs(40, 600);
}

}  // namespace signet::test
