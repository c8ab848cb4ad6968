#include "agent/bench/measurements.hpp"

#include <chrono>

#include "core/base/random.hpp"
#include "core/kernels/kernels.hpp"
#include "core/model/network.hpp"
#include "core/signs/sign_vector.hpp"

namespace signet {

namespace {

constexpr std::size_t kFewest = 3, kMost = 1000;
constexpr std::size_t kSamples = 64, kMicroBatch = 16;

// Finer than the instants of protocols.
using Clock = std::chrono::steady_clock;

template <typename Work>
Figure timed(const std::string& what, std::size_t dimension, Duration time, Work&& work) {
  std::vector<double> seconds;
  work();  // memory and caches as later
  const auto end = Clock::now() + time;
  while (seconds.size() < kFewest || (seconds.size() < kMost && Clock::now() < end)) {
    const auto begun = Clock::now();
    work();
    seconds.push_back(std::chrono::duration<double>(Clock::now() - begun).count());
  }
  const std::size_t runs = seconds.size();
  return {what, dimension, median_of(std::move(seconds)), runs};
}

std::vector<float> noise(std::size_t count, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<float> values(count);
  for (float& value : values) value = 2 * rng.uniform() - 1;
  return values;
}

/// Packed votes of some voters, and what a vote on them writes.
struct Ballots {
  Ballots(std::size_t signs, std::size_t voters)
      : dimension(signs),
        votes(sign_bytes(signs) * voters),
        majority(sign_bytes(signs)),
        ties(sign_bytes(signs)) {
    Rng rng(signs);
    for (auto& byte : votes) byte = static_cast<std::byte>(rng.below(256));
    for (std::size_t v = 0; v < voters; ++v) rows.push_back(&votes[v * sign_bytes(signs)]);
  }

  void count(std::size_t voters) {
    best_kernels().majority({rows.data(), voters, dimension},
                            {majority.data(), ties.data(), nullptr});
  }

  std::size_t dimension;
  std::vector<std::byte> votes, majority, ties;
  std::vector<const std::byte*> rows;
};

}  // namespace

std::vector<Figure> measure_kernels(std::size_t dimension, Duration each) {
  std::vector<Figure> figures;
  {
    std::vector<float> x = noise(dimension, 1);
    const std::vector<float> gradient = noise(dimension, 2);
    PackedSigns packed;
    figures.push_back(
        timed("pack", dimension, each, [&] { pack(gradient, ZeroRule::Random, 1, packed); }));
    figures.push_back(timed("momentum, pack", dimension, each, [&] {
      pack_momentum(x, gradient, 0.9F, ZeroRule::Random, 1, packed);
    }));
    figures.push_back(timed("step, digest", dimension, each,
                            [&] { apply_step_digest(x, 1e-3F, packed.signs, SignVector()); }));
  }
  Ballots ballots(dimension, 16);
  for (const std::size_t voters : {std::size_t{3}, std::size_t{8}, std::size_t{16}})
    figures.push_back(timed("vote of " + std::to_string(voters), dimension, each,
                            [&] { ballots.count(voters); }));
  return figures;
}

Result<Figure> measure_gradient(const std::string& name, const ModelSpec& model, Duration time) {
  auto network = Network::create(model);
  if (!network) return network.error();
  const auto parameters = network->initial_parameters(1);
  std::vector<float> gradient(network->dimension());
  std::size_t features_count = 1;
  for (const std::size_t size : model.input) features_count *= size;
  const auto features = noise(kMicroBatch * features_count, 3);
  std::vector<std::int32_t> labels(kMicroBatch);
  Rng rng(4);
  for (auto& label : labels) label = static_cast<std::int32_t>(rng.below(model.outputs));
  const BatchView batch{kMicroBatch, features, labels, {}};
  return timed(name, network->dimension(), time, [&] {
    for (std::size_t done = 0; done < kSamples; done += kMicroBatch)
      network->loss_and_gradient(parameters, batch, done, gradient);
  });
}

}  // namespace signet
