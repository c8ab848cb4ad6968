// Algorithm 2: the samples of a batch are the voters.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/random.hpp"
#include "core/optim/rate_controller.hpp"
#include "core/optim/replica.hpp"
#include "core/signs/sign_vector.hpp"
#include "core/vote/majority_tally.hpp"
#include "fleet/baselines/methods.hpp"

namespace signet {

namespace {

// Streams of random bits that must not meet.
constexpr std::uint64_t kSampleTies = 0x7469, kSampleZeros = 0x7a65;

class Centralised final : public BaselineMethod {
 public:
  Centralised(const Job& job, Cohort& cohort)
      : cohort_(cohort),
        tie_(job.tie),
        zero_(job.training.zero),
        seed_(job.seed),
        controller_(RateController::create(job.rate, cohort.dimension(), job.stop.rounds,
                                           {root_mean_square(cohort.initial_parameters()), false})),
        tally_(cohort.dimension(), cohort.batch_samples()),
        sum_(cohort.dimension()),
        sign_sum_(cohort.dimension()) {}

  BaselineRound run(RoundId round, double /*rate*/, std::span<float> x) override {
    draw(round);
    compute(round, x);
    RoundStatistics statistics = count(round);
    for (const Voter& voter : voters_) tally_.add(voter.packed.signs, voter.packed.abstained);
    Majority majority = tally_.majority();
    tally_.clear();
    statistics.margin = majority.margin;
    const SignVector ties =
        break_ties(majority, tie_, mix(mix(seed_, kSampleTies), round.value), previous_);
    const float rate = controller_->rate(statistics);
    apply_step(x, rate, majority.signs, ties);
    previous_ = std::move(majority.signs);
    return {statistics.loss, double{rate}, statistics.margin};
  }

 private:
  struct Voter {
    std::size_t agent = 0, place = 0, sample = 0;  // place: in the agent's batch
    double loss = 0, l1 = 0;                       // of its gradient
    PackedSigns packed;
  };

  void draw(RoundId round) {
    voters_.resize(cohort_.batch_samples());
    std::size_t next = 0;
    for (std::size_t agent = 0; agent < cohort_.size(); ++agent) {
      const std::vector<std::size_t>& samples = cohort_.draw(agent, round);
      for (std::size_t place = 0; place < samples.size(); ++place, ++next) {
        voters_[next].agent = agent;
        voters_[next].place = place;
        voters_[next].sample = samples[place];
      }
    }
  }

  void compute(RoundId round, std::span<const float> x) {
    std::ranges::fill(sum_, 0.0F);
    std::ranges::fill(sign_sum_, 0);
    const auto make = [&](std::size_t item, std::size_t worker, std::span<float> gradient) {
      Voter& voter = voters_[item];
      voter.loss = cohort_.sample_gradient(voter.agent, round, voter.place, voter.sample, x, worker,
                                           gradient);
      voter.l1 = 0;
      for (const float g : gradient) voter.l1 += double{std::abs(g)};
      const std::uint64_t coin = mix(mix(mix(seed_, kSampleZeros), round.value), item);
      pack(gradient, zero_, coin, voter.packed);
    };
    const auto take = [&](std::size_t /*item*/, std::size_t first, std::span<const float> part) {
      for (std::size_t i = 0; i < part.size(); ++i) {
        sum_[first + i] += part[i];
        sign_sum_[first + i] += int{part[i] > 0} - int{part[i] < 0};
      }
    };
    cohort_.vectors().run(voters_.size(), make, take);
  }

  /// Equation (1)'s sum as SignStatistics estimates it, each sample a micro-batch. That class
  /// counts in bytes, and a round has more samples than they hold.
  RoundStatistics count(RoundId round) const {
    RoundStatistics s;
    s.round = round;
    s.voters = voters_.size();
    double dot = 0, l1 = 0;
    for (std::size_t i = 0; i < sum_.size(); ++i)
      dot += double{sum_[i]} * static_cast<double>(sign_sum_[i]);
    for (const Voter& voter : voters_) {
      l1 += voter.l1;
      s.loss += voter.loss;
    }
    const auto m = static_cast<double>(voters_.size());
    s.loss /= m;
    s.local = dot / (m * m);
    s.cross = voters_.size() >= 2 ? (dot - l1) / (m * (m - 1)) : s.local;
    return s;
  }

  Cohort& cohort_;
  TieRule tie_;
  ZeroRule zero_;
  std::uint64_t seed_;
  std::unique_ptr<RateController> controller_;
  MajorityTally tally_;
  std::vector<Voter> voters_;
  std::vector<float> sum_;              // of the samples' gradients
  std::vector<std::int32_t> sign_sum_;  // of their signs
  SignVector previous_;
};

}  // namespace

std::unique_ptr<BaselineMethod> make_centralised(const Job& job, Cohort& cohort) {
  return std::make_unique<Centralised>(job, cohort);
}

}  // namespace signet
