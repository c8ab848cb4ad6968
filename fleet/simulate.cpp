#include "fleet/simulate.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <utility>

#include "agent/trainer/learner.hpp"
#include "core/config/text.hpp"
#include "fleet/fleet.hpp"

namespace signet {

namespace {

constexpr std::size_t kBatchMax = 65'536;
// Messages and gradients take this much virtual time. Any would do; a short one keeps heartbeats
// rare.
constexpr Duration kInstant = std::chrono::milliseconds(1);
constexpr Duration kForEver = std::chrono::hours(24 * 365 * 1000);
// Rounds between snapshots hold memory, which here is the disk.
constexpr std::uint64_t kSnapshotEvery = 100;

std::optional<std::size_t> batch_of(std::string_view text) {
  std::size_t batch = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), batch);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return batch >= 1 && batch <= kBatchMax ? std::optional(batch) : std::nullopt;
}

/// Makes the trace of a fleet's run, row by row.
class Tracer final : public FleetObserver {
 public:
  explicit Tracer(const std::function<void(const TraceRow&)>& progress) : progress_(progress) {}

  void reported(const RoundReport& report) override {
    tell();
    TraceRow row;
    row.round = report.round.value;
    row.rate = double{report.rate};
    row.train_loss = report.train_loss;
    row.margin = report.margin;
    trace_.rows.push_back(row);
  }

  void judged(RoundId next_round, const Judgement& judgement) override {
    if (trace_.rows.empty() || trace_.rows.back().round + 1 != next_round.value) return;
    trace_.rows.back().test_accuracy = judgement.accuracy();
    trace_.rows.back().test_loss = judgement.loss();
  }

  Trace take(const FleetResult& result, std::size_t agents) {
    tell();
    finish(trace_);
    if (!result.judgements.empty()) {
      trace_.test_accuracy = result.judgements.back().accuracy();
      trace_.test_loss = result.judgements.back().loss();
    }
    const bool finite =
        std::ranges::all_of(result.parameters, [](float value) { return std::isfinite(value); });
    trace_.diverged = trace_.diverged || result.summary->diverged || !finite;
    trace_.digest = result.digest;
    trace_.rounds = result.rounds;
    trace_.bytes_up_per_agent = result.bytes_up / agents;
    trace_.bytes_down_per_agent = result.bytes_down / agents;
    trace_.samples = result.samples;
    return std::move(trace_);
  }

 private:
  // The parameters after a round are judged when the round was reported: a row is complete when the
  // next one begins.
  void tell() {
    if (progress_ && trace_.rows.size() > told_) progress_(trace_.rows.back());
    told_ = trace_.rows.size();
  }

  const std::function<void(const TraceRow&)>& progress_;
  Trace trace_;
  std::size_t told_ = 0;
};

/// The job as it is run on a virtual clock.
Job virtual_job(const Job& job, bool has_test) {
  Job virtually = job;
  virtually.stop.wall_time.reset();
  virtually.state.snapshot_every = std::min(job.state.snapshot_every, kSnapshotEvery);
  if (!has_test) virtually.evaluate.every = 0;  // else a snapshot would be taken for nobody
  return virtually;
}

Result<Trace> vote(const Job& job, std::vector<Dataset> shards, std::optional<Dataset> test,
                   std::vector<std::size_t> batches, const SimulateOptions& options) {
  // What no agent can use is one error here, not a thousand agents that give up.
  const auto fits = Learner::create(job, "agent-0", shards.front());
  if (!fits) return fits.error();
  const std::size_t agents = shards.size();
  Tracer tracer(options.progress);
  FleetFaults none;
  none.delay_min = none.delay_max = none.train_min = none.train_max = kInstant;
  FleetOptions fleet_options;
  fleet_options.threads = options.threads;
  fleet_options.batches = std::move(batches);
  fleet_options.liars = options.liars.value_or(LiarSpec{});
  fleet_options.observer = &tracer;
  const Job virtually = virtual_job(job, test.has_value());
  auto fleet = Fleet::create(virtually, std::move(shards), std::move(test), none, job.seed,
                             std::move(fleet_options));
  if (!fleet) return fleet.error();
  const FleetResult result = (*fleet)->run(kForEver);
  if (!result.violations.empty())
    return Error{ErrorKind::Corrupt,
                 "the simulation broke a promise of the protocol, which is an "
                 "error of this program: " +
                     result.violations.front()};
  if (!result.summary) return Error{ErrorKind::Unavailable, "the simulated run did not end"};
  return tracer.take(result, agents);
}

}  // namespace

Result<BatchRange> parse_batches(std::string_view text) {
  const auto dash = text.find('-');
  if (dash != std::string_view::npos) {
    const auto low = batch_of(text.substr(0, dash)), high = batch_of(text.substr(dash + 1));
    if (low && high && *low <= *high) return BatchRange{*low, *high};
  }
  return Error{ErrorKind::Malformed, "is " + config::quoted(text) +
                                         "; expected LOW-HIGH with 1 to 65536 samples, the smaller "
                                         "number first, such as 8-256"};
}

std::vector<std::size_t> spread(const BatchRange& range, std::size_t agents) {
  const auto low = static_cast<double>(range.low), high = static_cast<double>(range.high);
  std::vector<std::size_t> sizes;
  for (std::size_t i = 0; i < agents; ++i) {
    const double way = agents > 1 ? static_cast<double>(i) / static_cast<double>(agents - 1) : 0.0;
    sizes.push_back(static_cast<std::size_t>(std::llround(low * std::pow(high / low, way))));
  }
  return sizes;
}

Result<Trace> simulate(const Job& job, Dataset train, std::optional<Dataset> test,
                       const SimulateOptions& options) {
  const std::size_t agents = job.round.agents;
  std::vector<std::size_t> batches;
  if (options.batches) batches = spread(*options.batches, agents);
  auto shards = split(std::exchange(train, Dataset({1}, std::vector<float>(), {}, {})),
                      options.split, agents, job.seed);
  if (!shards) return shards.error();
  if (!options.baseline)
    return vote(job, std::move(*shards), std::move(test), std::move(batches), options);
  BaselineSpec spec = *options.baseline;
  spec.batches = std::move(batches);
  return train_baseline(job, std::move(*shards), std::move(test), spec, options.threads,
                        options.progress);
}

}  // namespace signet
