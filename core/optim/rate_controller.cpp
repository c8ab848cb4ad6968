#include "core/optim/rate_controller.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/base/check.hpp"

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
class PaperRate final : public Stateless {
 public:
  PaperRate(double smoothness, Statistic statistic)
      : smoothness_(smoothness), statistic_(statistic) {}
  float rate(const RoundStatistics& s) override {
    return usable((statistic_ == Statistic::Local ? s.local : s.cross) / smoothness_);
  }

 private:
  double smoothness_;
  Statistic statistic_;
};

/// The default. Equation (1) alone can feed on itself: a big gradient makes a big step makes a
/// bigger gradient. Three bounds keep it in hand (docs/learning.md has the measurements):
///   eta_k = min(s_k, exp(mean log s)) * warm_up(k) * anneal(k),   s_k = S_k / L.
/// - The rate never exceeds a slow geometric mean of its own past.
/// - It rises from 0 over the first rounds: at x_0 gradients are large everywhere, and one step of
///   that size in every coordinate kills the units it should train.
/// - Over the last part of the run it falls linearly to 0, because a sign step is as long near a
///   minimum as far from it.
class GuardedRate final : public RateController {
 public:
  GuardedRate(double smoothness, Statistic statistic, std::uint64_t rounds)
      : paper_(smoothness, statistic), rounds_(rounds) {}

  float rate(const RoundStatistics& s) override {
    const double wanted = double{paper_.rate(s)};
    if (!(wanted > 0)) return 0;
    // The weight starts at 1 / n, so that the first rounds are a plain mean, and ends at 1 /
    // kMemory.
    seen_ += 1;
    mean_log_ += (std::log(wanted) - mean_log_) / std::min(seen_, kMemory);
    return usable(std::min(wanted, std::exp(mean_log_)) * schedule(s.round));
  }

  Bytes state() const override {
    const std::array saved{seen_, mean_log_};
    return to_bytes(std::as_bytes(std::span(saved)));
  }

  Status restore(ByteView state) override {
    std::array<double, 2> saved{};
    if (state.size() != sizeof saved) return wrong_state();
    std::memcpy(saved.data(), state.data(), sizeof saved);
    seen_ = saved[0];
    mean_log_ = saved[1];
    return {};
  }

 private:
  static constexpr double kMemory = 100;        // rounds of the geometric mean
  static constexpr double kWarmUpShare = 0.1;   // of all rounds, but
  static constexpr double kWarmUpRounds = 100;  // at most so many
  static constexpr double kAnnealShare = 0.25;  // of all rounds, at the end

  // Factor in (0, 1] of warm-up and anneal.
  double schedule(RoundId round) const {
    const double total = static_cast<double>(std::max<std::uint64_t>(rounds_, 1));
    const double k = static_cast<double>(round.value);
    const double warm_up = (k + 1) / std::clamp(kWarmUpShare * total, 1.0, kWarmUpRounds);
    const double anneal = (total - k - 0.5) / std::max(kAnnealShare * total, 0.5);
    return std::clamp(std::min(warm_up, anneal), 0.0, 1.0);
  }

  PaperRate paper_;
  std::uint64_t rounds_;
  double seen_ = 0, mean_log_ = 0;
};

}  // namespace

std::unique_ptr<RateController> RateController::create(const RateSpec& spec, std::size_t dimension,
                                                       std::uint64_t rounds) {
  const double smoothness = spec.smoothness.value_or(static_cast<double>(dimension));
  switch (spec.controller) {
    case ControllerKind::Fixed: return std::make_unique<FixedRate>(spec.value);
    case ControllerKind::InverseSqrt:
      // Theorem 1: eta = 1 / sqrt(K), one rate for the whole run.
      return std::make_unique<FixedRate>(spec.value / std::sqrt(static_cast<double>(rounds)));
    case ControllerKind::Paper: return std::make_unique<PaperRate>(smoothness, spec.statistic);
    case ControllerKind::Guarded:
      return std::make_unique<GuardedRate>(smoothness, spec.statistic, rounds);
  }
  SIGNET_CHECK(false, "a controller of a known kind");
}

}  // namespace signet
