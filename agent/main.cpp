#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>

#include "agent/bench/bench.hpp"
#include "agent/config_keys.hpp"
#include "agent/daemon.hpp"
#include "agent/doctor/doctor.hpp"
#include "agent/finder/finder.hpp"
#include "agent/join/join.hpp"
#include "agent/options.hpp"
#include "agent/trainer/learner.hpp"
#include "core/data/source.hpp"
#include "core/platform/clock.hpp"
#include "core/platform/files.hpp"
#include "core/platform/keys.hpp"
#include "core/platform/log.hpp"
#include "core/platform/process.hpp"
#include "core/platform/restarts.hpp"
#include "core/wire/codec.hpp"

namespace signet {

namespace {

// Updates of models up to half a billion parameters; the agent does not know its model yet.
constexpr std::size_t kFrameMax = std::size_t{64} << 20;

ExitCode fail(ExitCode code, const Error& error) {
  log_error_lines(error.message);
  return code;
}

Result<AgentConfig> read_config(const AgentOptions& options) {
  AgentConfig from_file;
  if (options.config_file) {
    auto text = read_file(*options.config_file);
    if (!text) return text.error();
    auto parsed = parse_agent_config(to_text(*text), *options.config_file);
    if (!parsed) return parsed.error();
    from_file = std::move(*parsed);
  }
  auto config = merge_agent_config(from_file, options);
  // With a key the coordinator knows the name.
  if (config && config->name.empty() && config->key_file.empty())
    config->name = name_from_host(host_name());
  return config;
}

// Data, shard and model of a job, as far as this board can tell.
Result<Learner> load_learner(Job job, const AgentConfig& config, const std::string& name) {
  if (config.batch > 0) job.training.batch = config.batch;
  auto data = load_dataset(job.data, config.data_path, Part::Train, read_file);
  if (!data) return data.error();
  if (const auto shard = parse_shard(config.shard); shard && shard->count > 1)
    return Learner::create(job, name, data->shard(shard->index, shard->count));
  return Learner::create(job, name, std::move(*data));
}

TrainerFactory trainer_factory(const AgentConfig& config) {
  return [config](const Job& job, const std::string& name) -> Result<std::unique_ptr<Trainer>> {
    auto learner = load_learner(job, config, name);
    if (!learner) return learner.error();
    return std::unique_ptr<Trainer>(std::make_unique<Learner>(std::move(*learner)));
  };
}

/// None where the configuration has no keys, or does not want them used.
Result<std::optional<AgentTransport::Encryption>> keys_of(const AgentConfig& config) {
  using Encryption = std::optional<AgentTransport::Encryption>;
  const bool off = config.encryption == config::EncryptionMode::Off;
  if (off) log_warning("encryption is off: others on the network can read along, and vote");
  if (off || config.key_file.empty()) return Encryption();
  auto keys = read_key_file(config.key_file);
  if (!keys) return keys.error();
  return Encryption({std::move(*keys), config.server_key});
}

/// What can change while the agent runs does; the rest is named. A file that is wrong changes
/// nothing.
void reload(const AgentOptions& options, const AgentConfig& running, AgentDaemon& daemon) {
  const auto config = read_config(options);
  if (!config) {
    log_error_lines(config.error().message);
    return log_error("the configuration was not reloaded");
  }
  for (const auto& key : agent_keys().changed(running, *config))
    log_warning("{}: changed; it counts from the next start on", key);
  if (auto set = set_log_level(config->log_level); !set) log_error("{}", set.error().message);
  daemon.set_guest(config->guest);
  log_info("the configuration was reloaded: log level {}", config->log_level);
}

/// The run itself, on a configuration whose data are there. The process may end in here, after
/// `leave`.
ExitCode join_fleet(const AgentOptions& options, const AgentConfig& config, Waker& waker,
                    const StopSignals& signals, const std::function<void()>& leave) {
  std::optional<NoCoreDumps> no_core_dumps;
  if (!config.key_file.empty()) no_core_dumps.emplace();
  auto keys = keys_of(config);
  if (!keys) return fail(ExitCode::Configuration, keys.error());
  auto transport =
      AgentTransport::open({fixed_addresses(config.coordinator), kFrameMax, 64, std::move(*keys)});
  if (!transport) return fail(ExitCode::Network, transport.error());
  AgentDaemon daemon(config, **transport, waker, signals, trainer_factory(config));
  daemon.on_reload([&] { reload(options, config, daemon); });
  if (looks_for_coordinator(config.coordinator))
    daemon.find_by([key = config.server_key] { return find_coordinator(key); });
  const ExitCode code = daemon.run();
  transport->reset();  // the last words leave before the process does
  // A gradient that nobody waits for may take a slow board minutes, and a look for the coordinator
  // seconds; nothing of them is kept.
  if (!daemon.idle()) {
    leave();
    std::_Exit(static_cast<int>(code));
  }
  return code;
}

Status check_data(const AgentConfig& config) {
  if (exists(config.data_path)) return {};
  return Error{ErrorKind::Missing, "data.path: there is no " + config.data_path +
                                       "; give the folder or file of this board's data"};
}

ExitCode run_service(const AgentOptions& options, const AgentConfig& config) {
  Waker waker;
  ServiceManager service;
  const StopSignals signals(waker, service.present() ? Hangup::Reloads : Hangup::Ends);
  const Restarts restarts(Restarts::folder(), steady_now());
  const auto leave = [&] {
    service.stopping();
    if (signals.received() != 0) restarts.forget();
  };
  ExitCode code = ExitCode::Done;
  if (wait_out(restarts, service, waker, signals)) {
    // After the wait: data on a disk that is mounted late may be there by now.
    if (auto there = check_data(config); !there) return fail(ExitCode::Data, there.error());
    code = join_fleet(options, config, waker, signals, leave);
  }
  leave();
  return code;
}

ExitCode run_agent(const AgentOptions& options) {
  auto config = read_config(options);
  if (!config) return fail(ExitCode::Configuration, config.error());
  if (auto set = set_log_level(config->log_level); !set)
    return fail(ExitCode::Configuration, set.error());
  if (!options.check) return run_service(options, *config);
  if (auto there = check_data(*config); !there) return fail(ExitCode::Data, there.error());
  if (auto keys = keys_of(*config); !keys) return fail(ExitCode::Configuration, keys.error());
  std::printf("configuration is valid: agent '%s', coordinator %s, data %s\n", config->name.c_str(),
              config->coordinator.c_str(), config->data_path.c_str());
  return ExitCode::Done;
}

}  // namespace

}  // namespace signet

int main(int argc, char** argv) {
  signet::keep_freed_memory();
  auto parsed = signet::parse_agent_options({argv + 1, argv + argc});
  if (const auto* now = std::get_if<signet::ExitNow>(&parsed))
    return signet::print_and_end(now->text, static_cast<int>(now->code));
  if (auto* join = std::get_if<signet::JoinOptions>(&parsed)) {
    signet::hide_arguments({argv + 1, argv + argc}, join->token);
    return static_cast<int>(signet::run_join(std::move(*join)));
  }
  if (const auto* doctor = std::get_if<signet::DoctorOptions>(&parsed))
    return static_cast<int>(signet::run_doctor(*doctor));
  if (const auto* bench = std::get_if<signet::BenchOptions>(&parsed))
    return static_cast<int>(signet::run_bench(*bench));
  return static_cast<int>(signet::run_agent(std::get<signet::AgentOptions>(parsed)));
}
