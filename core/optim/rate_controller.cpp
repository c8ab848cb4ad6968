#include "core/optim/rate_controller.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>
#include <utility>

#include "core/base/check.hpp"
#include "core/optim/smoothness.hpp"

namespace signet {

namespace {

Error wrong_state() {
  return {ErrorKind::Corrupt, "the saved state of the rate controller has the wrong size"};
}

// A rate must be a usable float whatever the statistics say: negative sums (the cross estimate in
// pure noise) mean "no step", a sum that is not finite cannot happen (votes are checked).
float usable(double rate) {
  if (!(rate > 0)) return 0;
  return static_cast<float>(std::min(rate, double{std::numeric_limits<float>::max()}));
}

// Rates that depend on the round's number alone remember nothing.
class Stateless : public RateController {
 public:
  Bytes state() const final { return {}; }
  Status restore(ByteView state) final {
    if (!state.empty()) return wrong_state();
    return {};
  }
};

class FixedRate final : public Stateless {
 public:
  explicit FixedRate(double value) : value_(value) {}
  float rate(const RoundStatistics& /*statistics*/) override { return usable(value_); }

 private:
  double value_;
};

// Equation (1): eta*_k = S_k / L.
class PaperRate final : public RateController {
 public:
  PaperRate(SmoothnessEstimate smoothness, Statistic statistic)
      : smoothness_(smoothness), statistic_(statistic) {}
  float rate(const RoundStatistics& s) override {
    smoothness_.hear(s.curvature);
    return usable((statistic_ == Statistic::Local ? s.local : s.cross) / smoothness_.value());
  }
  Bytes state() const override { return smoothness_.state(); }
  Status restore(ByteView state) override { return smoothness_.restore(state); }

 private:
  SmoothnessEstimate smoothness_;
  Statistic statistic_;
};

class CosineRate final : public Stateless {
 public:
  CosineRate(double value, std::uint64_t rounds) : value_(value), rounds_(rounds) {}
  float rate(const RoundStatistics& s) override {
    const double way = static_cast<double>(s.round.value) /
                       static_cast<double>(std::max<std::uint64_t>(rounds_, 1));
    return usable(value_ * (1 + std::cos(std::numbers::pi * std::min(way, 1.0))) / 2);
  }

 private:
  double value_;
  std::uint64_t rounds_;
};

/// The default. Equation (1) alone can feed on itself: a big gradient makes a big step makes a
/// bigger gradient; and the sum it takes says how steep the loss is, not how far a model may go.
/// So it is one of two witnesses of the rate, and a schedule bounds both (docs/learning.md has the
/// measurements):
///   eta_k = sqrt(m_k p_k) * warm_up(k) * anneal(k)
/// - m_k = min(s_k, exp(mean log s)), s_k = S_k / L of equation (1): what was measured, never more
///   than a slow geometric mean of its own past.
/// - p_k = rms(x_0) / (2 sqrt(K)): with such steps a walk of K random signs moves a parameter by
///   half of the size it began with. 1 / sqrt(K) is the rate of Theorem 1.
/// - It rises from 0 over the first rounds: at x_0 gradients are large everywhere, and one step of
///   that size in every coordinate kills the units it should train.
/// - Over the second half of the run it falls linearly to 0, because a sign step is as long near a
///   minimum as far from it.
/// Where nobody knows when the run will end, K is twice the rounds so far, and nothing is annealed.
/// Votes on changes say nothing of S_k; then eta_k is p_k, for seven tenths in place of a half,
/// with a half cosine in place of the schedule, which was better there.
class GuardedRate final : public RateController {
 public:
  GuardedRate(std::unique_ptr<PaperRate> measured, bool open, std::uint64_t rounds,
              const RunFacts& facts)
      : measured_(std::move(measured)), open_(open), rounds_(rounds), rms_(facts.parameter_rms) {}

  float rate(const RoundStatistics& s) override {
    if (!measured_) return usable(prior(s.round) * (open_ ? warm_up(s.round) : cosine(s.round)));
    const double wanted = double{measured_->rate(s)};
    if (!(wanted > 0)) return 0;
    // The weight starts at 1 / n, so that the first rounds are a plain mean, and ends at 1 /
    // kMemory.
    seen_ += 1;
    mean_log_ += (std::log(wanted) - mean_log_) / std::min(seen_, kMemory);
    const double bounded = std::min(wanted, std::exp(mean_log_));
    const double both = rms_ > 0 ? std::sqrt(bounded * prior(s.round)) : bounded;
    return usable(both * warm_up(s.round) * (open_ ? 1.0 : anneal(s.round)));
  }

  Bytes state() const override {
    const std::array saved{seen_, mean_log_, rms_};
    Bytes state = to_bytes(std::as_bytes(std::span(saved)));
    if (!measured_) return state;
    const Bytes more = measured_->state();
    state.insert(state.end(), more.begin(), more.end());
    return state;
  }

  Status restore(ByteView state) override {
    std::array<double, 3> saved{};
    if (state.size() < sizeof saved) return wrong_state();
    const ByteView more = state.subspan(sizeof saved);
    if (!measured_ && !more.empty()) return wrong_state();
    if (measured_)
      if (auto restored = measured_->restore(more); !restored) return restored;
    std::memcpy(saved.data(), state.data(), sizeof saved);
    seen_ = saved[0];
    mean_log_ = saved[1];
    rms_ = saved[2];
    return {};
  }

 private:
  static constexpr double kMemory = 100;  // rounds of the geometric mean
  // Share of rms(x_0) that a random walk of the whole run moves by; the second of changes.
  static constexpr double kReach = 0.5, kReachOfChanges = 0.7;
  static constexpr double kWarmUpShare = 0.1;   // of all rounds, but
  static constexpr double kWarmUpRounds = 100;  // at most so many
  static constexpr double kOpenWarmUp = 20;     // rounds, where their number is not known
  static constexpr double kAnnealShare = 0.5;   // of all rounds, at the end

  double total() const { return static_cast<double>(std::max<std::uint64_t>(rounds_, 1)); }

  double prior(RoundId round) const {
    const double rounds = open_ ? 2 * (static_cast<double>(round.value) + kOpenWarmUp) : total();
    return (measured_ ? kReach : kReachOfChanges) * rms_ / std::sqrt(rounds);
  }

  double warm_up(RoundId round) const {
    const double rounds =
        open_ ? kOpenWarmUp : std::clamp(kWarmUpShare * total(), 1.0, kWarmUpRounds);
    return std::min(1.0, (static_cast<double>(round.value) + 1) / rounds);
  }

  double anneal(RoundId round) const {
    const double left = total() - static_cast<double>(round.value) - 0.5;
    return std::clamp(left / std::max(kAnnealShare * total(), 0.5), 0.0, 1.0);
  }

  double cosine(RoundId round) const {
    const double way = (static_cast<double>(round.value) + 0.5) / total();
    return (1 + std::cos(std::numbers::pi * std::min(way, 1.0))) / 2;
  }

  std::unique_ptr<PaperRate> measured_;  // none: votes are on changes
  bool open_;
  std::uint64_t rounds_;
  double rms_;
  double seen_ = 0, mean_log_ = 0;
};

}  // namespace

std::unique_ptr<RateController> RateController::create(const RateSpec& spec, std::size_t dimension,
                                                       std::uint64_t rounds,
                                                       const RunFacts& facts) {
  const SmoothnessEstimate smoothness(spec.smoothness, dimension);
  switch (spec.controller) {
    case ControllerKind::Fixed: return std::make_unique<FixedRate>(spec.value);
    case ControllerKind::InverseSqrt:
      // Theorem 1: eta = 1 / sqrt(K), one rate for the whole run.
      return std::make_unique<FixedRate>(spec.value / std::sqrt(static_cast<double>(rounds)));
    case ControllerKind::Cosine: return std::make_unique<CosineRate>(spec.value, rounds);
    case ControllerKind::Paper:
      SIGNET_CHECK(!facts.votes_on_changes, "equation (1) is about gradients");
      return std::make_unique<PaperRate>(smoothness, spec.statistic);
    case ControllerKind::Guarded:
      return std::make_unique<GuardedRate>(
          facts.votes_on_changes ? nullptr
                                 : std::make_unique<PaperRate>(smoothness, spec.statistic),
          spec.horizon == Horizon::Open, rounds, facts);
  }
  SIGNET_CHECK(false, "a controller of a known kind");
}

}  // namespace signet
