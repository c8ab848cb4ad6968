#include "fleet/paper/descent.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/check.hpp"
#include "core/base/random.hpp"
#include "core/optim/rate_controller.hpp"
#include "core/optim/replica.hpp"
#include "core/signs/sign_vector.hpp"
#include "core/vote/majority_tally.hpp"

namespace signet::paper {

namespace {

// The samples of one iteration: their mean, their signs and their vote.
class Samples {
 public:
  Samples(const Problem& problem, const Noise& noise, const Descent& descent)
      : problem_(problem),
        noise_(noise),
        votes_(descent.direction == Direction::Vote),
        counts_(descent.rate.controller != ControllerKind::Fixed &&
                descent.rate.controller != ControllerKind::InverseSqrt),
        exact_(problem.dimension()),
        sample_(problem.dimension()),
        mean_(problem.dimension()),
        sizes_sum_(problem.dimension()),
        signs_sum_(problem.dimension()),
        packed_(descent.samples),
        tally_(problem.dimension(), descent.samples) {}

  void draw(std::span<const float> x, Rng& rng) {
    problem_.gradient(x, exact_);
    std::ranges::fill(mean_, 0.0F);
    std::ranges::fill(signs_sum_, 0);
    tally_.clear();
    std::ranges::fill(sizes_sum_, 0.0F);
    for (PackedSigns& packed : packed_) {
      std::ranges::copy(exact_, sample_.begin());
      noise_.add_to(sample_, rng);
      if (votes_) vote(packed);
      if (counts_ || !votes_) add();
    }
    for (float& g : mean_) g /= static_cast<float>(packed_.size());
    if (votes_) majority_ = tally_.majority();
  }

  std::span<const float> mean() const { return mean_; }
  const Majority& majority() const { return majority_; }

  // Estimates of equation (1)'s sum as SignStatistics has them; that one keeps its counts in bytes,
  // too few for 256 samples.
  RoundStatistics statistics(RoundId round, double loss) const {
    RoundStatistics told;
    told.round = round;
    told.loss = loss;
    told.margin = majority_.margin;
    told.voters = packed_.size();
    const auto m = static_cast<double>(packed_.size());
    double dot = 0, l1 = 0;  // <mean, sum of the signs>, and the sum of the l1 norms
    for (std::size_t i = 0; i < mean_.size(); ++i) {
      dot += double{mean_[i]} * static_cast<double>(signs_sum_[i]);
      l1 += double{sizes_sum_[i]};
    }
    told.local = dot / m;
    told.cross = packed_.size() > 1 ? (m * dot - l1) / (m * (m - 1)) : told.local;
    return told;
  }

 private:
  void vote(PackedSigns& packed) {
    pack(sample_, ZeroRule::Abstain, 0, packed);
    tally_.add(packed.signs, packed.abstained);
  }

  void add() {
    for (std::size_t i = 0; i < mean_.size(); ++i) mean_[i] += sample_[i];
    if (!counts_) return;
    for (std::size_t i = 0; i < mean_.size(); ++i) {
      signs_sum_[i] += (sample_[i] > 0 ? 1 : 0) - (sample_[i] < 0 ? 1 : 0);
      sizes_sum_[i] += std::abs(sample_[i]);
    }
  }

  const Problem& problem_;
  const Noise& noise_;
  bool votes_, counts_;
  std::vector<float> exact_, sample_, mean_, sizes_sum_;
  std::vector<std::int32_t> signs_sum_;
  std::vector<PackedSigns> packed_;  // the tally keeps their addresses
  MajorityTally tally_;
  Majority majority_;
};

void take_step(const Samples& samples, Direction direction, float rate, std::span<float> x) {
  if (direction == Direction::Mean) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] -= rate * samples.mean()[i];
  } else if (direction == Direction::SignOfMean) {
    PackedSigns packed;
    pack(samples.mean(), ZeroRule::Abstain, 0, packed);
    apply_step(x, rate, packed.signs, packed.abstained);
  } else {
    Majority majority = samples.majority();
    const SignVector ties = break_ties(majority, TieRule::Hold, 0, {});
    apply_step(x, rate, majority.signs, ties);
  }
}

}  // namespace

void descend(const Problem& problem, const Noise& noise, const Descent& descent,
             std::vector<float> start, std::uint64_t seed, const Observer& observe) {
  SIGNET_CHECK(start.size() == problem.dimension(), "x_0 has the problem's dimension");
  SIGNET_CHECK(descent.samples > 0, "a gradient needs a sample");
  std::vector<float> x = std::move(start);
  Samples samples(problem, noise, descent);
  Rng rng(seed);
  const auto controller = RateController::create(descent.rate, problem.dimension(),
                                                 descent.iterations, {root_mean_square(x), false});
  for (std::uint64_t k = 0; k < descent.iterations; ++k) {
    observe(k, x);
    samples.draw(x, rng);
    const auto statistics = samples.statistics(RoundId{k}, problem.loss(x));
    take_step(samples, descent.direction, controller->rate(statistics), x);
  }
  observe(descent.iterations, x);
}

}  // namespace signet::paper
