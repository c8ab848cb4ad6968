#include <memory>
#include <utility>

#include "coordinator/round/round_machine.hpp"
#include "core/base/check.hpp"
#include "tests/fuzz/messages.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/support/small_fleet.hpp"

namespace signet::test {

namespace {

Job fuzzed_job(std::uint8_t rules) {
  Job job = small_job();
  job.normalise = Normalise::All;
  job.round.agents = 2;
  job.tie = (rules & 1U) != 0 ? TieRule::Hold : TieRule::Previous;
  job.training.zero = (rules & 2U) != 0 ? ZeroRule::Abstain : ZeroRule::Random;
  if ((rules & 4U) != 0) job.weights = VoteWeights::Mismatch;
  if ((rules & 8U) != 0) job.rate.smoothness = BySecant{};
  job.stop.rounds = 4 + (rules >> 4);
  job.evaluate.every = 2;
  job.state.snapshot_every = 3;
  return job;
}

/// A coordinator whose peers say anything.
class FuzzedRound {
 public:
  explicit FuzzedRound(std::uint8_t rules) {
    Job job = fuzzed_job(rules);
    RunState state;
    state.run = kFuzzRun;
    state.parameters.resize(kFuzzDimension, 0.5F);
    auto machine = RoundMachine::create(std::move(job), "job", std::move(state), 1, now_);
    SIGNET_CHECK(machine, "a new run has nothing to restore");
    machine_ = std::move(*machine);
  }

  void run(FuzzInput& input) {
    while (!input.empty() && !machine_->finished()) {
      one(input);
      // As the daemon does in each turn: what is due at once is done, and people look on.
      while (machine_->deadline() == Instant::min()) step(TimePassed{});
      static_cast<void>(machine_->status());
      static_cast<void>(machine_->look(now_));
    }
  }
  bool finished() const { return machine_->finished(); }

 private:
  void one(FuzzInput& input) {
    const std::uint8_t what = input.byte();
    if (what % 8 == 0) {
      now_ += std::chrono::milliseconds(input.number<std::uint16_t>());
      return step(TimePassed{});
    }
    if (what == 255) return step(StopRequested{});
    if (what == 253) return step(PeerGone{std::to_string(input.byte() % 4)});
    if (what == 252) return step(AgentRevoked{"agent-" + std::to_string(input.byte() % 4)});
    if (what == 251) return rename(input);
    if (what == 254) return step(Evaluated{machine_->replica().next_round(), 0.5, 1});
    const PeerId peer = std::to_string(input.byte() % 4);
    std::vector<Bytes> frames;
    auto message = fuzz_arrival(input, scene(), frames);
    if (message) return step(PeerMessage{peer, std::move(*message)});
    step(PeerGarbage{peer, message.error().message});
  }

  void rename(FuzzInput& input) {
    const std::string from = "agent-" + std::to_string(input.byte() % 4);
    const std::string to = "agent-" + std::to_string(input.byte() % 8);
    if (!machine_->roster().members().contains(to)) step(AgentRenamed{from, to});
  }

  FuzzScene scene() const {
    return {kFuzzRun, machine_->replica().next_round(), machine_->replica().digest(),
            kFuzzDimension, "job"};
  }

  // Nobody hears of a round that is not saved, and whatever is said can be read.
  void step(const CoordinatorEvent& event) {
    CoordinatorActions actions;
    machine_->step(now_, event, actions);
    for (const auto& action : actions) {
      if (const auto* round = std::get_if<SaveRound>(&action)) {
        SIGNET_CHECK(round->update->round.value == saved_, "rounds are saved in order");
        ++saved_;
      }
      const auto* to = std::get_if<SendTo>(&action);
      const auto* publish = std::get_if<Publish>(&action);
      if (to == nullptr && publish == nullptr) continue;
      const auto& frames = to != nullptr ? to->frames : publish->frames;
      const auto message = decode(std::vector<ByteView>(frames.begin(), frames.end()));
      SIGNET_CHECK(message, "what the coordinator says can be read");
      if (const auto* update = std::get_if<Update>(&*message))
        SIGNET_CHECK(update->round.value < saved_, "a round is saved before it is told");
    }
  }

  Instant now_{std::chrono::seconds(1)};
  std::unique_ptr<RoundMachine> machine_;
  std::uint64_t saved_ = 0;
};

}  // namespace

void fuzz_round(ByteView input) {
  FuzzInput events(input);
  FuzzedRound round(events.byte());
  round.run(events);
}

namespace {

constexpr std::uint8_t kScripted[] = {0, 1}, kRules[] = {0, 1, 2, 4, 8, 15, 0x45};

// Two agents join, vote through all rounds of a job with these rules, and say goodbye.
Bytes scripted_round(std::uint8_t rules) {
  FuzzScript script;
  script.add({rules});
  for (const std::uint8_t agent : kScripted) {
    script.add({1, agent, 1, 0, 0}).add_zeros(3).add({agent}).add_zeros(4);
    script.add({1, agent, 1, 0, 64}).add_zeros(3).add({agent, 100}).add_zeros(3);
  }
  for (int round = 0; round < 4 + (rules >> 4); ++round) {
    for (const std::uint8_t agent : kScripted)
      script.add({1, agent, 1, 3, 0, 0xa5, agent, 0x11, 16});
    script.add({254});  // an evaluation, whether it was asked for or not
  }
  for (const std::uint8_t agent : kScripted) script.add({1, agent, 1, 8, 0}).add_zeros(3 + 1);
  return script.bytes();
}

}  // namespace

std::vector<Bytes> round_seeds() {
  std::vector<Bytes> seeds = random_inputs(40, 600);
  for (const std::uint8_t rules : kRules) seeds.push_back(scripted_round(rules));
  return seeds;
}

bool scripted_round_ends() {
  const Bytes script = scripted_round(0);
  FuzzInput events(script);
  FuzzedRound round(events.byte());
  round.run(events);
  return round.finished();
}

}  // namespace signet::test
