#include <cstdio>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/announcement.hpp"
#include "coordinator/config_keys.hpp"
#include "coordinator/console/report.hpp"
#include "coordinator/daemon.hpp"
#include "coordinator/main_fleet.hpp"
#include "coordinator/options.hpp"
#include "coordinator/store/persistence.hpp"
#include "coordinator/store/set_aside.hpp"
#include "core/base/digest.hpp"
#include "core/config/text.hpp"
#include "core/data/source.hpp"
#include "core/model/safetensors.hpp"
#include "core/platform/clock.hpp"
#include "core/platform/files.hpp"
#include "core/platform/keys.hpp"
#include "core/platform/log.hpp"
#include "core/platform/process.hpp"
#include "core/platform/restarts.hpp"
#include "core/wire/codec.hpp"

namespace signet {

namespace {

ExitCode fail(ExitCode code, const Error& error) {
  log_error_lines(error.message);
  return code;
}

Result<CoordinatorConfig> read_config(const CoordinatorOptions& options) {
  CoordinatorConfig from_file;
  if (options.config_file) {
    auto text = read_file(*options.config_file);
    if (!text) return text.error();
    auto parsed = parse_coordinator_config(to_text(*text), *options.config_file);
    if (!parsed) return parsed.error();
    from_file = std::move(*parsed);
  }
  return merge_coordinator_config(from_file, options);
}

/// Who may read the fleet's key may announce it: the coordinator's user, and root.
ExitCode announce(const AnnounceOptions& options) {
  const auto config = read_config(options.machine);
  if (!config) return fail(ExitCode::Configuration, config.error());
  const std::string fleet = config->fleet.empty() ? "signet.fleet" : config->fleet;
  const auto keys = read_key_file(fleet_key_path(fleet));
  if (!keys) {
    fail(ExitCode::Configuration, keys.error());
    return fail(ExitCode::Configuration,
                {keys.error().kind,
                 "name the fleet's file with --fleet; a coordinator makes it, "
                 "and its keys, at its first start with keys"});
  }
  const auto text = announcement(*config, keys->public_key);
  if (!text) return fail(ExitCode::Configuration, text.error());
  return print_out(*text) ? ExitCode::Done : ExitCode::Other;
}

Result<std::optional<Evaluator>> load_evaluator(const Job& job, const std::string& path) {
  if (path.empty()) return std::optional<Evaluator>();
  auto test = load_dataset(job.data, path, Part::Test, read_file);
  if (!test) return test.error();
  auto evaluator = Evaluator::create(job.model, std::move(*test));
  if (!evaluator) return evaluator.error();
  return std::optional<Evaluator>(std::move(*evaluator));
}

RunId draw_run_id() {
  std::random_device device;
  const std::uint64_t high = device(), low = device();
  return RunId{(high << 32 | low) | 1U};  // 0 means "no run" on the wire
}

/// Everything a run needs, in the order in which it may fail.
struct Run {
  CoordinatorOptions options;
  CoordinatorConfig config;
  Job job;
  std::optional<Network> network;
  std::optional<NoCoreDumps> no_core_dumps;  // Where there is a secret key.
  std::optional<OpenedFleet> fleet;          // None: no keys.
  std::unique_ptr<CoordinatorTransport> transport;
  std::unique_ptr<Store> store;
  std::unique_ptr<RoundMachine> machine;
};

/// A JSON list of numbers that read back to equal bits.
std::string json_list(std::span<const float> numbers) {
  std::vector<std::string> texts;
  for (const float number : numbers) texts.push_back(config::toml_number(number));
  return "[" + config::join(texts) + "]";
}

std::string write_model(const Run& run, const FinalReport& report) {
  std::vector<std::pair<std::string, std::string>> metadata{
      {"format", "signet"},
      {"job", run.job.name},
      {"round", std::to_string(report.rounds)},
      {"digest", to_hex(report.summary.digest)}};
  if (run.machine->begun() && !run.machine->normalisation().mean.empty()) {
    metadata.emplace_back("mean", json_list(run.machine->normalisation().mean));
    metadata.emplace_back("deviation", json_list(run.machine->normalisation().deviation));
  }
  const auto bytes =
      to_safetensors(run.network->blocks(), run.machine->replica().parameters(), metadata);
  std::string path = export_path(run.config, run.job);
  if (auto written = write_file_atomically(path, bytes); !written) {
    log_error("the model was not written: {}", written.error().message);
    return "";
  }
  return path;
}

ExitCode report_end(Run& run, CoordinatorDaemon& daemon, ExitCode code) {
  FinalReport report;
  report.summary = *daemon.summary();
  report.seed = run.job.seed;
  report.dimension = run.network->dimension();
  report.rounds = report.summary.next_round.value;
  report.rounds_here = daemon.rounds_here();
  report.seconds_here = daemon.seconds_here();
  if (const auto judged = daemon.judge_final()) {
    report.test_accuracy = judged->accuracy();
    report.test_loss = judged->loss();
  }
  report.closing_seconds = daemon.closing_seconds();
  return_freed_memory();
  report.model_path = write_model(run, report);
  if (const auto memory = resident_memory()) report.memory_peak_bytes = memory->peak;
  std::fputs(report_table(report).c_str(), stdout);
  std::fflush(stdout);
  if (run.options.json_file) {
    const std::string json = report_json(report);
    if (auto written = write_file_atomically(*run.options.json_file, view_bytes(json)); !written)
      return fail(ExitCode::Other, written.error());
  }
  if (report.model_path.empty()) return ExitCode::Other;
  return report.summary.different > 0 ? ExitCode::Other : code;
}

/// Names the state file where an error about the run that it holds does not.
Error about_file(const Run& run, Error error) {
  const std::string path = state_path(run.config, run.job);
  if (error.message.find(path) == std::string::npos) error.message = path + ": " + error.message;
  return error;
}

/// Where results go must be known to work before hours of training, not after them.
std::optional<ExitCode> check_places(const Run& run) {
  if (auto done = check_writable(state_path(run.config, run.job)); !done)
    return fail(ExitCode::State, done.error());
  if (auto done = check_writable(export_path(run.config, run.job)); !done)
    return fail(ExitCode::Configuration, done.error());
  if (!run.options.json_file) return std::nullopt;
  if (auto done = check_writable(*run.options.json_file); !done)
    return fail(ExitCode::Configuration, done.error());
  return std::nullopt;
}

void warn_of_plain_network(const CoordinatorConfig& config) {
  if (config.encryption == config::EncryptionMode::Off)
    return log_warning(
        "encryption is off: whoever reaches {} can vote and read along; use it where you trust "
        "every machine",
        config.listen);
  log_info("not encrypted: {} is open to this machine alone", config.listen);
}

/// The port first: one that is taken must not cost a run that --fresh would set aside.
std::optional<ExitCode> open_port_and_state(Run& run) {
  std::optional<CoordinatorTransport::Encryption> encryption;
  if (encrypts(run.config)) {
    run.no_core_dumps.emplace();
    auto fleet = open_fleet(fleet_path(run.config, run.job), run.config.listen_enrolment);
    if (!fleet) return fail(ExitCode::State, fleet.error());
    run.fleet.emplace(std::move(*fleet));
    encryption = std::move(run.fleet->encryption);
  }
  auto transport =
      CoordinatorTransport::open({run.config.listen, run.config.listen_updates,
                                  frame_max(run.network->dimension()), 64, std::move(encryption)});
  if (!transport) return fail(ExitCode::Network, transport.error());
  run.transport = std::move(*transport);
  const std::string state = state_path(run.config, run.job);
  if (run.options.fresh)
    if (auto moved = set_aside(state); !moved) return fail(ExitCode::State, moved.error());
  auto store = Store::open(state, run.job.state.durability);
  if (!store) return fail(ExitCode::State, store.error());
  run.store = std::move(*store);
  return std::nullopt;
}

/// A run without answers is better than none.
void open_control(Run& run) {
  const std::string path = control_path(run.config, run.job);
  if (auto opened = run.transport->open_control(path); !opened)
    return log_warning("signet status and agents cannot ask: {}", opened.error().message);
  log_info("signet status and agents may ask at {}", path);
}

/// What can change while the coordinator runs does; the rest is named. A file that is wrong changes
/// nothing.
void reload(const Run& run) {
  const auto config = read_config(run.options);
  if (!config) {
    log_error_lines(config.error().message);
    return log_error("the configuration was not reloaded");
  }
  for (const auto& key : coordinator_keys().changed(run.config, *config))
    log_warning("{}: changed; it counts from the next start on", key);
  if (auto set = set_log_level(config->log_level); !set) log_error("{}", set.error().message);
  log_info("the configuration was reloaded: log level {}", config->log_level);
}

ExitCode serve(Run& run, std::optional<Evaluator> evaluator, Waker& waker,
               const StopSignals& signals) {
  auto state =
      recover(*run.store, {run.job, draw_run_id(), run.network->initial_parameters(run.job.seed)});
  if (!state) return fail(ExitCode::State, about_file(run, state.error()));
  if (state->next_round > RoundId{0})
    log_info("going on with run {} at round {}", to_hex(state->run.value), state->next_round.value);

  open_control(run);
  log_info("job '{}': {} parameters, {} rounds, kernels {}; agents may join at {}", run.job.name,
           run.network->dimension(), run.job.stop.rounds, best_kernels().name,
           run.transport->control_endpoint());
  if (!run.fleet) warn_of_plain_network(run.config);

  Job job = run.job;
  if (!evaluator) job.evaluate.every = 0;  // else a snapshot would be taken for nobody
  auto machine = RoundMachine::create(std::move(job), canonical_text(run.job), std::move(*state),
                                      run.transport->update_port(), steady_now());
  if (!machine) return fail(ExitCode::State, machine.error());
  run.machine = std::move(*machine);

  ProgressDisplay progress(run.options.progress);
  CoordinatorDaemon daemon(
      run.job, {*run.machine, *run.transport, *run.store, waker, signals, progress,
                std::move(evaluator), run.fleet ? run.fleet->registrar.get() : nullptr});
  daemon.on_reload([&run] { reload(run); });
  const ExitCode code = daemon.run();
  if (!daemon.summary()) return code;
  return report_end(run, daemon, code);
}

/// The test data, and the places where results go: what the world may not have ready yet.
struct Prepared {
  std::optional<ExitCode> failed;
  std::optional<Evaluator> evaluator;
};

Prepared prepare(const Run& run) {
  auto evaluator = load_evaluator(run.job, run.config.data_path);
  if (!evaluator) return {fail(ExitCode::Data, evaluator.error()), {}};
  if (const auto enough = check_test_data(run.job, evaluator->has_value()); !enough)
    return {fail(ExitCode::Configuration,
                 {enough.error().kind, run.options.job_file + ": " + enough.error().message}),
            {}};
  return {check_places(run), std::move(*evaluator)};
}

ExitCode run_prepared(Run& run, Waker& waker, const StopSignals& signals) {
  auto prepared = prepare(run);
  if (prepared.failed) return *prepared.failed;
  if (const auto failed = open_port_and_state(run)) return *failed;
  return serve(run, std::move(prepared.evaluator), waker, signals);
}

ExitCode run_service(Run& run) {
  Waker waker;
  ServiceManager service;
  const StopSignals signals(waker, service.present() ? Hangup::Reloads : Hangup::Ends);
  const Restarts restarts(Restarts::folder(), steady_now());
  ExitCode code = ExitCode::Done;
  if (wait_out(restarts, service, waker, signals)) code = run_prepared(run, waker, signals);
  service.stopping();
  if (signals.received() != 0) restarts.forget();
  return code;
}

ExitCode check(const Run& run) {
  if (const auto failed = prepare(run).failed) return *failed;
  std::printf("job and configuration are valid: '%s', %zu parameters, state file %s\n",
              run.job.name.c_str(), run.network->dimension(),
              state_path(run.config, run.job).c_str());
  return ExitCode::Done;
}

ExitCode run_coordinator(const CoordinatorOptions& options) {
  Run run;
  run.options = options;
  auto config = read_config(options);
  if (!config) return fail(ExitCode::Configuration, config.error());
  run.config = std::move(*config);
  if (auto set = set_log_level(run.config.log_level); !set)
    return fail(ExitCode::Configuration, set.error());
  auto job = load_job(options.job_file, options.overrides, read_file);
  if (!job) return fail(ExitCode::Configuration, job.error());
  run.job = std::move(*job);
  auto network = Network::create(run.job.model);
  if (!network)
    return fail(ExitCode::Configuration,
                {ErrorKind::Mismatch, options.job_file + ": " + network.error().message});
  run.network.emplace(std::move(*network));
  return options.check ? check(run) : run_service(run);
}

}  // namespace

}  // namespace signet

int main(int argc, char** argv) {
  signet::keep_freed_memory();
  signet::raise_descriptor_limit();
  const auto parsed = signet::parse_coordinator_options({argv + 1, argv + argc});
  if (const auto* now = std::get_if<signet::ExitNow>(&parsed))
    return signet::print_and_end(now->text, static_cast<int>(now->code));
  if (const auto* announce = std::get_if<signet::AnnounceOptions>(&parsed))
    return static_cast<int>(signet::announce(*announce));
  return static_cast<int>(signet::run_coordinator(std::get<signet::CoordinatorOptions>(parsed)));
}
