#pragma once

#include <algorithm>
#include <map>
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

/// A message that the machine sent; views point into `frames`.
struct Sent {
  PeerId to;  ///< "*": published
  std::vector<Bytes> frames;
  Message message;
};

/// A machine, its clock, and what it did. After every step the order of saving and telling is
/// checked, and that the machine's next deadline is not one that never comes nearer.
class RoundBench {
 public:
  explicit RoundBench(Job job = round_job(), RunState state = round_state())
      : job_(std::move(job)) {
    auto created = RoundMachine::create(job_, "job text", std::move(state), kRoundPort, now);
    REQUIRE(created);
    machine_ = std::move(*created);
    saved_next_ = machine_->replica().next_round();
  }

  RoundMachine& machine() { return *machine_; }
  const Job& job() const { return job_; }
  RoundId open() const { return machine_->replica().next_round(); }
  const Member& member(const std::string& name) { return *machine_->roster().members().find(name)->second_(); }

  Instant now{std::chrono::seconds(1000)};
  CoordinatorActions actions;  ///< of the last step
  std::vector<Sent> sent;      ///< of the last step
  std::vector<std::string> warnings;
  std::vector<SharedUpdate> saved;
  std::vector<RoundReport> reports;
  std::vector<RunSummary> summaries;

 private:
  Job job_;
  std::unique_ptr<RoundMachine> machine_;
  RoundId saved_next_;
};

}  // namespace signet::test
