// An agent that trains as any other and then lies, or fails: what ./dev faults puts into a fleet.
//
//   lying_agent LIE NAME tcp://HOST:PORT DATA INDEX/COUNT
//
// LIE: none; shape (64 signs more than the model has parameters); nan and huge (statistics and loss
// are NaN, or 1e30); samples (4294967295 of them); throw (the 20th gradient throws std::bad_alloc).

#include <cstdio>
#include <limits>
#include <memory>
#include <new>
#include <string>

#include "agent/daemon.hpp"
#include "agent/trainer/learner.hpp"
#include "core/data/source.hpp"
#include "core/platform/files.hpp"
#include "core/platform/log.hpp"

namespace signet {
namespace {

constexpr std::size_t kFrameLimit = std::size_t{64} << 20;
constexpr std::size_t kSamplesMost = std::numeric_limits<std::uint32_t>::max();
constexpr int kThrowsAt = 20;

class LyingTrainer final : public Trainer {
 public:
  LyingTrainer(Learner honest, std::string lie)
      : honest_(std::move(honest)), lie_(std::move(lie)) {}

  DataSummary summary() const override {
    DataSummary told = honest_.summary();
    if (lie_ == "samples") told.samples = kSamplesMost;
    return told;
  }
  std::vector<float> initial_parameters() const override { return honest_.initial_parameters(); }
  void set_normalisation(Normalisation normalisation) override {
    honest_.set_normalisation(std::move(normalisation));
  }
  const Contribution& learn(RoundId round, std::span<const float> parameters) override {
    if (lie_ == "throw" && ++gradients_ == kThrowsAt) throw std::bad_alloc();
    told_ = honest_.learn(round, parameters);
    if (lie_ == "shape") told_.signs.signs = SignVector(parameters.size() + 64);
    if (lie_ == "nan")
      told_.local = told_.cross = told_.loss = std::numeric_limits<double>::quiet_NaN();
    if (lie_ == "huge") told_.local = told_.cross = told_.loss = 1e30;
    if (lie_ == "samples") told_.samples = kSamplesMost;
    return told_;
  }

 private:
  Learner honest_;
  std::string lie_;
  int gradients_ = 0;
  Contribution told_;
};

TrainerFactory lying_factory(const AgentConfig& config, const std::string& lie) {
  return
      [config, lie](const Job& job, const std::string& name) -> Result<std::unique_ptr<Trainer>> {
        auto data = load_dataset(job.data, config.data_path, Part::Train, read_file);
        if (!data) return data.error();
        const auto shard = parse_shard(config.shard);
        if (!shard) return Error{ErrorKind::Malformed, config.shard + ": is no INDEX/COUNT"};
        auto learner = Learner::create(job, name, data->shard(shard->index, shard->count));
        if (!learner) return learner.error();
        return std::unique_ptr<Trainer>(std::make_unique<LyingTrainer>(std::move(*learner), lie));
      };
}

int lie_to(const std::string& lie, const AgentConfig& config) {
  Waker waker;
  const StopSignals signals(waker);
  auto transport = AgentTransport::open({config.coordinator, kFrameLimit});
  if (!transport) {
    log_error("{}", transport.error().message);
    return static_cast<int>(ExitCode::Network);
  }
  AgentDaemon daemon(config, **transport, waker, signals, lying_factory(config, lie));
  return static_cast<int>(daemon.run());
}

}  // namespace
}  // namespace signet

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fputs("usage: lying_agent LIE NAME tcp://HOST:PORT DATA INDEX/COUNT\n", stderr);
    return 2;
  }
  signet::AgentConfig config;
  config.name = argv[2];
  config.coordinator = argv[3];
  config.data_path = argv[4];
  config.shard = argv[5];
  return signet::lie_to(argv[1], config);
}
