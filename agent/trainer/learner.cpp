#include "agent/trainer/learner.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <variant>

#include "agent/trainer/local_steps.hpp"
#include "core/base/random.hpp"

namespace signet {

namespace {

// Streams of random bits that must not meet: each use mixes its own number into the seed.
constexpr std::uint64_t kSampling = 1, kZeroCoin = 2, kDropout = 3;

/// Whether a vote can carry it: a NaN is none either.
bool fits_float(double value) {
  return std::abs(value) <= double{std::numeric_limits<float>::max()};
}

std::size_t summary_entries(Normalise normalise, std::size_t features) {
  switch (normalise) {
    case Normalise::None: return 0;
    case Normalise::All: return 1;
    case Normalise::Feature: return features;
  }
  return 0;
}

}  // namespace

Result<Learner> Learner::create(const Job& job, const std::string& agent_name, Dataset data) {
  return create(job, agent_name, std::make_shared<const Dataset>(std::move(data)));
}

Result<Learner> Learner::create(const Job& job, const std::string& agent_name,
                                std::shared_ptr<const Dataset> data) {
  if (data->size() == 0)
    return Error{ErrorKind::Mismatch,
                 "no samples: the shard or data set of this agent is empty; give it data, or fewer "
                 "shards"};
  auto network = Network::create(job.model);
  if (!network) return network.error();
  std::size_t inputs = 1;
  for (const std::size_t extent : job.model.input) inputs *= extent;
  if (inputs != data->features_count())
    return Error{ErrorKind::Mismatch, "the data have " + std::to_string(data->features_count()) +
                                          " features a sample; the job's model.input has " +
                                          std::to_string(inputs)};
  if (job.model.loss == LossKind::SoftmaxCrossEntropy && data->labels().empty())
    return Error{ErrorKind::Mismatch, "the data have no labels; softmax_cross_entropy needs them"};
  if (job.model.loss == LossKind::MeanSquaredError && data->targets_count() != job.model.outputs)
    return Error{ErrorKind::Mismatch, "the data have " + std::to_string(data->targets_count()) +
                                          " targets a sample; mean_squared_error of this model "
                                          "needs " +
                                          std::to_string(job.model.outputs)};
  return Learner(job, agent_name, std::move(data), network->dimension());
}

std::uint64_t Learner::sampling_seed(const Job& job) {
  return mix(job.seed, kSampling);
}

Learner::Learner(Job job, const std::string& agent_name, std::shared_ptr<const Dataset> data,
                 std::size_t dimension)
    : job_(std::move(job)),
      plan_(vote_plan(job_)),
      name_hash_(hash_text(agent_name)),
      data_(std::move(data)),
      dimension_(dimension),
      sampler_(sampling_seed(job_), name_hash_, data_->size(), job_.training.batch),
      momentum_(job_.training.momentum > 0 && plan_.local_steps == 1 ? dimension : 0),
      signs_(dimension, plan_.noise, plan_.error_feedback) {
  if (std::holds_alternative<BySecant>(job_.rate.smoothness)) secant_.emplace();
}

DataSummary Learner::summary() const {
  return data_->summarise(summary_entries(job_.normalise, data_->features_count()));
}

std::vector<float> Learner::initial_parameters() const {
  const auto network = Network::create(job_.model);
  SIGNET_CHECK(network, "create() has made a network of this model");
  return network->initial_parameters(job_.seed);
}

const Contribution& Learner::learn(RoundId round, std::span<const float> parameters) {
  if (own_ == nullptr) {
    auto made = Workspace::create(job_.model);
    SIGNET_CHECK(made, "create() has made a network of this model");
    own_ = std::make_unique<Workspace>(std::move(*made));
  }
  return learn(round, parameters, *own_);
}

std::uint64_t Learner::seed_of(RoundId round) const {
  return mix(mix(job_.seed, name_hash_), round.value);
}

const Contribution& Learner::learn(RoundId round, std::span<const float> parameters,
                                   Workspace& lent) {
  Contribution& c = contribution_;
  c.round = round;
  c.reason.clear();
  c.curvature = secant_ ? curvature_at(round, parameters, lent) : std::nullopt;
  const std::span<float> vector = plan_.local_steps > 1 ? change_of(round, parameters, lent)
                                                        : gradient_of(round, parameters, lent);
  c.finite = !vector.empty();
  if (c.finite) {
    pack_vote(vector, mix(seed_of(round), kZeroCoin), lent);
  } else {
    c.reason = "loss or gradient is not finite (loss " + std::to_string(c.loss) + ")";
  }
  return c;
}

std::span<float> Learner::gradient_of(RoundId round, std::span<const float> parameters,
                                      Workspace& space) {
  SignStatistics& statistics = space.statistics;
  data_->gather(sampler_.draw(round), normalisation_, space.batch);
  const BatchView batch = space.batch.view();
  const std::size_t parts = std::min(job_.training.micro_batches, batch.size);

  statistics.clear();
  double loss = 0;
  for (std::size_t part = 0; part < parts; ++part) {
    const std::size_t first = part * batch.size / parts, last = (part + 1) * batch.size / parts;
    const BatchView slice = batch.slice(first, last - first);
    loss += space.network.loss_and_gradient(parameters, slice, dropout_seed(round, part),
                                            space.gradient) *
            static_cast<double>(slice.size);
    statistics.add(space.gradient);
    if (part == 0 && secant_ && Secant::begins_at(round))
      secant_->keep(round, parameters, space.gradient);
  }

  Contribution& c = contribution_;
  c.samples = batch.size;
  c.loss = loss / static_cast<double>(batch.size);
  const std::span<float> mean = statistics.mean_gradient();
  c.local = statistics.local();
  c.cross = parts >= 2 ? statistics.cross() : statistics.local();
  const bool finite =
      fits_float(c.loss) && statistics.finite() && fits_float(c.local) && fits_float(c.cross);
  return finite ? mean : std::span<float>();
}

std::uint64_t Learner::dropout_seed(RoundId round, std::size_t part) const {
  return mix(mix(seed_of(round), kDropout), part);
}

/// Draws the first micro-batch of the round before once more.
std::optional<double> Learner::curvature_at(RoundId round, std::span<const float> parameters,
                                            Workspace& space) {
  if (!secant_->ends_at(round)) return std::nullopt;
  const std::span<const std::size_t> drawn = sampler_.draw(secant_->kept());
  const std::size_t parts = std::min(job_.training.micro_batches, drawn.size());
  data_->gather(drawn.first(drawn.size() / parts), normalisation_, space.batch);
  space.network.loss_and_gradient(parameters, space.batch.view(), dropout_seed(secant_->kept(), 0),
                                  space.gradient);
  const std::optional<double> curvature = secant_->measure(parameters, space.gradient);
  return curvature && fits_float(*curvature) ? curvature : std::nullopt;
}

std::span<float> Learner::change_of(RoundId round, std::span<const float> parameters,
                                    Workspace& space) {
  Contribution& c = contribution_;
  c.samples = plan_.local_steps * job_.training.batch;
  c.loss = walk({plan_.local_steps, plan_.local_rate}, round, parameters, *data_, normalisation_,
                mix(seed_of(round), kDropout), sampler_, space);
  return fits_float(c.loss) ? std::span<float>(space.change) : std::span<float>();
}

void Learner::pack_vote(std::span<float> vector, std::uint64_t coin, Workspace& space) {
  const ZeroRule zero = job_.training.zero;
  PackedSigns& into = contribution_.signs;
  const auto beta = static_cast<float>(job_.training.momentum);
  if (signs_.plain() && plan_.local_steps == 1) {
    if (momentum_.empty()) return pack(vector, zero, coin, into);
    return pack_momentum(momentum_, vector, beta, zero, coin, into);
  }
  if (!momentum_.empty()) {
    for (std::size_t i = 0; i < vector.size(); ++i)
      momentum_[i] = beta * momentum_[i] + (1 - beta) * vector[i];
    space.change = momentum_;
    vector = space.change;
  }
  const double scale = signs_.pack(vector, zero, coin, into);
  if (plan_.local_steps > 1) contribution_.local = contribution_.cross = scale;
}

}  // namespace signet
