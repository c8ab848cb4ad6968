#include "tests/sim/faulty_fleet.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "core/base/random.hpp"
#include "core/vote/majority_tally.hpp"
#include "tests/coordinator/store/crash_disk.hpp"
#include "tests/sim/stub_trainer.hpp"
#include "tests/support/small_fleet.hpp"

namespace signet::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint64_t kEventsMax = 3'000'000;
// A change of the store is 1 to some 40 changes of the disk.
constexpr std::uint64_t kChangesPerCall = 12;

/// The state file of a coordinator, as it is, on a disk that breaks.
class RealFleetDisk final : public FleetDisk {
 public:
  Result<std::unique_ptr<Store>> open(Durability durability) override {
    return Store::open("disk/state", durability);
  }
  void set_full(bool full) override { disk_.set_full(full); }
  void die_soon(std::uint64_t luck) override { disk_.die_after(1 + luck % kChangesPerCall, luck); }
  void kill() override { disk_.kill(); }
  void revive(bool power_cut, std::uint64_t luck) override { disk_.revive(power_cut, luck); }

 private:
  CrashDisk disk_;
};

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : rng_(mix(seed, 0xfa17)) {}

  bool one_in(std::uint64_t n) { return rng_.below(n) == 0; }
  std::uint64_t below(std::uint64_t n) { return rng_.below(n); }
  double share(double most) { return one_in(2) ? 0.0 : most * double{rng_.uniform()}; }
  milliseconds up_to_ms(std::uint64_t most) { return milliseconds(1 + rng_.below(most)); }

 private:
  Rng rng_;
};

struct Shape {
  std::size_t features, units;
};

/// Dimensions on both sides of a word's 64 bits, one whose rounds span sectors of a disk, and
/// seldom more than one chunk of a snapshot.
Shape draw_shape(Draw& draw) {
  static constexpr Shape kShapes[] = {{1, 2}, {6, 3}, {20, 3}, {31, 2}, {8, 8}, {40, 5}, {300, 10}};
  if (draw.one_in(300)) return {50'000, 3};
  return kShapes[draw.below(std::size(kShapes))];
}

void draw_model(Draw& draw, FaultyFleet& drawn) {
  Job& job = drawn.job;
  drawn.real_gradients = draw.one_in(8);
  if (drawn.real_gradients) return;
  const Shape shape = draw_shape(draw);
  job.data.classes = shape.units;
  job.data.input = job.model.input = {shape.features};
  job.model.outputs = job.model.layers.front().units = shape.units;
  job.normalise = Normalise::All;
  if (shape.features > 1000) job.stop.rounds = 10;
}

void draw_job(Draw& draw, FaultyFleet& drawn) {
  static constexpr TieRule kTies[] = {TieRule::Random, TieRule::Hold, TieRule::Previous};
  static constexpr ControllerKind kControllers[] = {ControllerKind::Guarded, ControllerKind::Paper,
                                                    ControllerKind::Cosine};
  Job& job = drawn.job;
  job.stop.rounds = 20 + draw.below(80);
  job.evaluate.every = draw.one_in(4) ? 5 : 0;
  job.state.snapshot_every = 1 + draw.below(20);
  job.state.durability = draw.one_in(2) ? Durability::Round : Durability::Snapshot;
  job.tie = kTies[draw.below(3)];
  job.training.zero = draw.one_in(2) ? ZeroRule::Random : ZeroRule::Abstain;
  job.rate.controller = kControllers[draw.below(3)];
  if (job.rate.controller == ControllerKind::Cosine) job.rate.value = 0.01;
  if (draw.one_in(8)) job.weights = VoteWeights::Mismatch;
  if (job.rate.controller != ControllerKind::Cosine && job.stop.rounds % 4 == 0)
    job.rate.smoothness = BySecant{};
  // Deadlines on both sides of all the other waits.
  job.round.deadline_min = milliseconds(10) + draw.up_to_ms(3000);
  job.round.deadline_max = job.round.deadline_min + draw.up_to_ms(60'000);
  job.round.rejoin = draw.up_to_ms(60'000);
  drawn.agents = draw.one_in(40) ? 30 : 2 + static_cast<std::size_t>(draw.below(4));
  job.round.agents = 1 + static_cast<std::size_t>(draw.below(drawn.agents));
  job.round.quorum = 1 + static_cast<std::size_t>(draw.below(job.round.agents));
  draw_model(draw, drawn);
  drawn.real_store = draw.one_in(2);
}

void draw_faults(Draw& draw, std::size_t agents, FleetFaults& f) {
  // A coordinator of many agents has more events, and should not sleep all day for that.
  const double still = 0.01 / static_cast<double>(agents);
  f.loss = draw.share(0.3);
  f.duplicate = draw.share(0.2);
  f.stale = draw.share(1);
  f.partition = draw.share(0.02);
  f.partition_spread = draw.share(1);
  f.partition_max = draw.up_to_ms(120'000);
  f.delay_max = draw.up_to_ms(500);
  f.train_max = milliseconds(20) + draw.up_to_ms(draw.one_in(8) ? 60'000 : 3000);
  f.coordinator_crash = draw.share(0.01);
  f.agent_crash = draw.share(0.01);
  f.crash_together = draw.share(1);
  f.agent_leave = draw.share(draw.one_in(8) ? 0.1 : 0.005);
  f.coordinator_stop = draw.share(0.002);
  f.freeze = draw.share(still);
  f.suspend = draw.share(still);
  f.still_max = draw.up_to_ms(60'000);
  f.store_crash = draw.share(0.03);
  f.disk_full = draw.share(0.01);
  f.power_cut = draw.share(1);
  f.restart_after = draw.up_to_ms(20'000);
  f.late_max = draw.one_in(2) ? Duration{} : Duration(draw.up_to_ms(60'000));
  f.clocks_apart = draw.one_in(2);
  f.tamper = draw.share(0.3);
  f.rogues = f.tamper > 0 ? 1 : 0;
  f.pause = draw.share(still);
  f.faults_end = draw.one_in(4) ? minutes(1) : minutes(10);
}

/// Every run must be over this long after its last fault.
Duration patience(const FaultyFleet& drawn) {
  const Job& job = drawn.job;
  const Duration round = drawn.faults.train_max + 4 * drawn.faults.delay_max + seconds(5);
  return minutes(10) + drawn.faults.late_max + job.round.rejoin + 3 * job.round.deadline_max +
         static_cast<Duration::rep>(job.stop.rounds) * (round + job.round.deadline_min);
}

FleetOptions options_for(const FaultyFleet& drawn, const Trace& trace) {
  FleetOptions options;
  options.trace = trace;
  options.only = drawn.only;
  options.events_max = kEventsMax;
  if (drawn.real_store) options.disk = std::make_shared<RealFleetDisk>();
  if (drawn.real_gradients) return options;
  const std::size_t dimension = (drawn.job.model.input.front() + 1) * drawn.job.model.outputs;
  options.make_trainer = [dimension](const Job& job, std::size_t agent) {
    return std::make_unique<StubTrainer>(job, dimension, agent);
  };
  return options;
}

std::vector<Dataset> shards_for(const FaultyFleet& drawn) {
  Job whole = drawn.job;
  whole.round.agents = drawn.agents;
  if (drawn.real_gradients) return small_shards(whole);
  std::vector<Dataset> none;
  for (std::size_t i = 0; i < drawn.agents; ++i)
    none.emplace_back(std::vector<std::size_t>{1}, std::vector<float>(),
                      std::vector<std::int32_t>(), std::vector<float>());
  return none;
}

}  // namespace

FaultyFleet draw_faulty_fleet(std::uint64_t seed) {
  FaultyFleet drawn;
  drawn.seed = seed;
  drawn.job = small_job(seed);
  Draw draw(seed);
  draw_job(draw, drawn);
  draw_faults(draw, drawn.agents, drawn.faults);
  // Fleets whose votes are counted in planes, with heavy votes and abstentions, are few.
  if (drawn.agents > MajorityTally::kCountLate && draw.one_in(2))
    drawn.job.weights = VoteWeights::Mismatch;
  return drawn;
}

const std::vector<std::string>& calms() {
  static const std::vector<std::string> all{"latecomers", "clocks", "training", "delays"};
  return all;
}

bool calm(FaultyFleet& drawn, const std::string& what) {
  FleetFaults& f = drawn.faults;
  if (std::ranges::find(calms(), what) == calms().end()) return false;
  if (what == "latecomers") f.late_max = {};
  if (what == "clocks") f.clocks_apart = false;
  if (what == "training") f.train_max = f.train_min;
  if (what == "delays") f.delay_max = f.delay_min;
  drawn.calmed.push_back(what);
  return true;
}

FleetResult run_faulty_fleet(const FaultyFleet& drawn, const Trace& trace) {
  auto fleet = Fleet::create(drawn.job, shards_for(drawn), std::nullopt, drawn.faults, drawn.seed,
                             options_for(drawn, trace));
  SIGNET_CHECK(fleet, "a small job makes a fleet");
  return (*fleet)->run(drawn.faults.faults_end + patience(drawn));
}

std::vector<std::string> broken_by(const FaultyFleet& drawn, const FleetResult& result) {
  std::vector<std::string> broken = result.violations;
  const auto demand = [&broken](bool holds, std::string what) {
    if (!holds) broken.push_back("at the end: " + std::move(what));
  };
  demand(result.summary.has_value(), "the run did not end, although the faults did");
  if (!result.summary) return broken;
  const RunSummary& summary = *result.summary;
  demand(result.rounds == drawn.job.stop.rounds || summary.diverged,
         "it ended after " + std::to_string(result.rounds) + " rounds");
  demand(summary.digest == result.digest, "its digest is not that of the committed rounds");
  demand(summary.different == 0, "replicas differ");
  demand(summary.confirmed <= summary.agents, "more agents confirmed than were there");
  // A disk that keeps its promise leaves no replica on a way of its own.
  if (drawn.job.state.durability == Durability::Round) {
    demand(result.rounds_lost == 0, "rounds were lost");
    demand(result.resyncs == 0 || drawn.faults.rogues > 0, "a replica was on a way of its own");
  }
  // An end that comes well after the last fault is everybody's, but of those that compute a
  // gradient for longer than the coordinator waits for farewells.
  const FleetFaults& f = drawn.faults;
  const Duration wait = std::max<Duration>(seconds(10), drawn.job.round.deadline_max);
  const bool quick = f.train_max + 4 * f.delay_max + seconds(2) < wait;
  const Duration settled = std::max(f.still_max, f.partition_max);
  if (quick && result.finished_at > f.faults_end + settled + minutes(3)) {
    demand(result.agents_finished == drawn.agents,
           "only " + std::to_string(result.agents_finished) + " agents were told");
    demand(summary.confirmed == drawn.agents,
           "only " + std::to_string(summary.confirmed) + " agents confirmed it");
  }
  return broken;
}

std::string describe(const FaultyFleet& drawn) {
  const Job& job = drawn.job;
  std::string text = std::to_string(drawn.agents) + " agents, " + std::to_string(job.stop.rounds) +
                     " rounds, quorum " + std::to_string(job.round.quorum) + ", durability " +
                     (job.state.durability == Durability::Round ? "round" : "snapshot") +
                     (drawn.real_store ? ", state file" : ", memory store") + "; faults:";
  FleetFaults faults = drawn.faults;
  for (std::size_t kind = 0; kind + 1 < kFaultKinds; ++kind)
    if (chance_of(faults, static_cast<FaultKind>(kind)) > 0)
      text += " " + std::string(name_of(static_cast<FaultKind>(kind)));
  return text;
}

}  // namespace signet::test
