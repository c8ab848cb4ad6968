// An agent that votes with a fixed random gradient: rounds without training, to time all the rest.
// Run as: bench_agent NAME tcp://HOST:PORT [SERVER_KEY KEY_FILE]; prints its peak memory in bytes.
// rounds.py starts it.

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/daemon.hpp"
#include "core/base/random.hpp"
#include "core/model/network.hpp"
#include "core/platform/log.hpp"
#include "core/platform/process.hpp"

namespace signet {
namespace {

constexpr std::size_t kFrameLimit = std::size_t{64} << 20;

/// Packs the same d floats in every round; batch, gradient and statistics cost nothing.
class FixedGradient final : public Trainer {
 public:
  FixedGradient(const Job& job, const Network& network, const std::string& name)
      : job_(job),
        initial_(network.initial_parameters(job.seed)),
        coin_(mix(job.seed, hash_text(name))),
        gradient_(network.dimension()) {
    Rng rng(coin_);
    for (float& g : gradient_) g = rng.uniform() - 0.5F;
    contribution_.local = contribution_.cross = contribution_.loss = 1;
    contribution_.samples = job.training.batch;
  }

  DataSummary summary() const override { return {job_.training.batch, {}, {}}; }
  std::vector<float> initial_parameters() const override { return initial_; }
  void set_normalisation(Normalisation /*normalisation*/) override {}

  const Contribution& learn(RoundId round, std::span<const float> /*parameters*/) override {
    contribution_.round = round;
    pack(gradient_, job_.training.zero, mix(coin_, round.value), contribution_.signs);
    return contribution_;
  }

 private:
  Job job_;
  std::vector<float> initial_;
  std::uint64_t coin_;
  std::vector<float> gradient_;
  Contribution contribution_;
};

Result<std::unique_ptr<Trainer>> make_fixed(const Job& job, const std::string& name) {
  const auto network = Network::create(job.model);
  if (!network) return network.error();
  return std::unique_ptr<Trainer>(std::make_unique<FixedGradient>(job, *network, name));
}

int fail_with(const Error& error) {
  std::fprintf(stderr, "%s\n", error.message.c_str());
  return 1;
}

/// `keys`: none, or the coordinator's public key and the file of this agent's own.
int run(const std::string& name, const std::string& coordinator,
        const std::vector<std::string>& keys) {
  AgentConfig config;
  config.name = name;
  config.coordinator = coordinator;
  std::optional<AgentTransport::Encryption> encryption;
  if (!keys.empty()) {
    auto own = read_key_file(keys[1]);
    if (!own) return fail_with(own.error());
    encryption = AgentTransport::Encryption{std::move(*own), keys[0]};
    config.server_key = keys[0];
  }
  if (auto set = set_log_level("warning"); !set) return fail_with(set.error());
  Waker waker;
  const StopSignals signals(waker);
  auto transport = AgentTransport::open({coordinator, kFrameLimit, 64, std::move(encryption)});
  if (!transport) return fail_with(transport.error());
  AgentDaemon daemon(config, **transport, waker, signals,
                     [](const Job& job, const std::string& own) { return make_fixed(job, own); });
  const ExitCode code = daemon.run();
  const auto memory = resident_memory();
  if (!memory) return fail_with(memory.error());
  std::printf("%llu\n", static_cast<unsigned long long>(memory->peak));
  return static_cast<int>(code);
}

}  // namespace
}  // namespace signet

int main(int argc, char** argv) {
  signet::keep_freed_memory();
  if (argc == 3 || argc == 5) return signet::run(argv[1], argv[2], {argv + 3, argv + argc});
  std::fputs("usage: bench_agent NAME tcp://HOST:PORT [SERVER_KEY KEY_FILE]\n", stderr);
  return 2;
}
