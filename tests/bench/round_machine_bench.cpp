// Time of one vote in the coordinator's state machine, by the size of the fleet and by how many
// agents have come and gone: 64 parameters, so that it is the bookkeeping that is timed. It must
// grow with neither.

#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "coordinator/round/round_machine.hpp"

namespace signet {
namespace {

constexpr std::size_t kDimension = 64;

std::unique_ptr<RoundMachine> machine_of(std::size_t agents) {
  Job job;
  job.normalise = Normalise::None;
  job.rate.controller = ControllerKind::Fixed;
  job.rate.value = 1e-3;
  job.round.agents = agents;
  job.stop.rounds = UINT64_MAX;
  job.state.snapshot_every = UINT64_MAX;
  job.evaluate.every = 0;
  RunState state;
  state.run = RunId{1};
  state.parameters.resize(kDimension);
  auto machine = RoundMachine::create(job, "job", std::move(state), 7301, Instant{});
  SIGNET_CHECK(machine, "a job without a saved controller");
  return std::move(*machine);
}

void vote_of_fleet(benchmark::State& state) {
  const auto agents = static_cast<std::size_t>(state.range(0));
  const auto gone = static_cast<std::size_t>(state.range(1));
  const auto machine = machine_of(agents);
  const SignVector signs(kDimension);
  CoordinatorActions actions;
  Instant now{};
  std::vector<PeerId> peers;
  for (std::size_t i = 0; i < gone; ++i) {
    Hello hello;
    hello.name = "gone-" + std::to_string(i);
    hello.ready = i % 2 == 0;
    hello.data.samples = 10;
    machine->step(now, PeerMessage{"one connection", hello}, actions);
  }
  if (gone > 0) machine->step(now, PeerMessage{"one connection", Goodbye{}}, actions);
  for (std::size_t i = 0; i < agents; ++i) {
    peers.push_back("peer " + std::to_string(i));
    Hello hello;
    hello.name = "agent-" + std::to_string(i);
    hello.ready = true;
    hello.data.samples = 10;
    machine->step(now, PeerMessage{peers.back(), hello}, actions);
  }
  for (auto _ : state) {
    const std::uint64_t digest = machine->replica().digest();
    const RoundId round = machine->replica().next_round();
    for (const PeerId& peer : peers) {
      now += std::chrono::microseconds(1);
      const Vote vote{RunId{1},         round, digest,        1, 1, 1, 10,
                      Abstention::None, "",    signs.bytes(), {}};
      actions.clear();
      machine->step(now, PeerMessage{peer, vote}, actions);
      benchmark::DoNotOptimize(machine->deadline());  // the daemon asks after every message
    }
  }
  const auto rounds = static_cast<std::uint64_t>(state.iterations());
  SIGNET_CHECK(machine->replica().next_round().value == rounds, "every round closed");
  state.SetItemsProcessed(static_cast<std::int64_t>(rounds * agents));
  state.counters["per_vote"] = benchmark::Counter(
      static_cast<double>(agents),
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

BENCHMARK(vote_of_fleet)
    ->Args({10, 0})
    ->Args({100, 0})
    ->Args({1000, 0})
    ->Args({10, 60'000})
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace signet

BENCHMARK_MAIN();
