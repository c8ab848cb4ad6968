#include "cli/simulate.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "cli/report.hpp"
#include "coordinator/console/progress.hpp"
#include "core/data/source.hpp"
#include "core/model/network.hpp"
#include "core/platform/clock.hpp"
#include "core/platform/files.hpp"
#include "core/platform/log.hpp"
#include "core/platform/process.hpp"

namespace signet {

namespace {

constexpr const char* kFashionMnist = "/usr/share/datasets/fashion-mnist";

ExitCode end_with(ExitCode code, const Error& error) {
  log_error_lines(error.message);
  return code;
}

/// An error of the job, told by the file that has it.
Error about_job(const SimulateCommand& command, const Error& error) {
  return {error.kind, command.job_file + ": " + error.message};
}

/// The test data, where there are some.
Result<std::optional<Dataset>> load_test(const Job& job, const std::string& folder) {
  auto test = load_dataset(job.data, folder, Part::Test, read_file);
  if (test) return std::optional(std::move(*test));
  if (test.error().kind != ErrorKind::Missing) return test.error();
  log_info("no test data in {}: the accuracy is not measured", folder);
  return std::optional<Dataset>();
}

std::uint64_t memory_now() {
  const auto memory = resident_memory();
  return memory ? memory->now : 0;
}

/// Shows each round, and watches how much memory the training takes.
class Watcher {
 public:
  Watcher(const SimulateCommand& command, const Job& job)
      : display_(command.progress), rounds_(job.stop.rounds), agents_(job.round.agents) {}

  void show(const TraceRow& row) {
    if (row.test_accuracy) figures_.test_accuracy = row.test_accuracy;
    RoundReport& report = figures_.report;
    report.round = RoundId{row.round};
    report.rounds = rounds_;
    report.rate = static_cast<float>(row.rate);
    report.train_loss = row.train_loss;
    report.voters = report.live = static_cast<std::uint32_t>(agents_);
    figures_.agents_wanted = agents_;
    display_.show(steady_now(), figures_);
    if (row.round + 1 == rounds_) memory_ = memory_now();
  }

  void clear() { display_.clear(); }
  /// At the last round, less `before`, by agents.
  std::optional<std::uint64_t> memory_per_agent(std::uint64_t before) const {
    if (memory_ < before || before == 0) return std::nullopt;
    return (memory_ - before) / agents_;
  }

 private:
  ProgressDisplay display_;
  ProgressFigures figures_;
  std::uint64_t rounds_, memory_ = 0;
  std::size_t agents_;
};

ExitCode tell(const SimulateCommand& command, const SimulateReport& report) {
  const ExitCode shown = print_out(simulate_table(report)) ? ExitCode::Done : ExitCode::Other;
  if (!command.json_file) return shown;
  const std::string json = simulate_json(report, command.rows);
  if (auto written = write_file_atomically(*command.json_file, view_bytes(json)); !written)
    return end_with(ExitCode::Other, written.error());
  return shown;
}

SimulateOptions options_of(const SimulateCommand& command, Watcher& watcher) {
  SimulateOptions options = command.options;
  if (options.threads == 0) options.threads = std::max(1U, std::thread::hardware_concurrency());
  options.progress = [&watcher](const TraceRow& row) { watcher.show(row); };
  return options;
}

ExitCode train(const SimulateCommand& command, const Job& job, std::size_t dimension,
               const std::string& folder) {
  auto data = load_dataset(job.data, folder, Part::Train, read_file);
  if (!data) return end_with(ExitCode::Data, data.error());
  auto test = load_test(job, folder);
  if (!test) return end_with(ExitCode::Data, test.error());
  if (const auto enough = check_test_data(job, test->has_value()); !enough)
    return end_with(ExitCode::Configuration, about_job(command, enough.error()));

  Watcher watcher(command, job);
  const std::uint64_t before = memory_now();
  const Instant begun = steady_now();
  auto trace = simulate(job, std::move(*data), std::move(*test), options_of(command, watcher));
  watcher.clear();
  if (!trace) return end_with(ExitCode::Data, trace.error());

  SimulateReport report;
  report.trace = std::move(*trace);
  report.method = command.method;
  report.dimension = dimension;
  report.agents = job.round.agents;
  report.seconds = seconds(steady_now() - begun);
  if (!command.options.baseline) report.memory_per_agent_bytes = watcher.memory_per_agent(before);
  if (const auto memory = resident_memory()) report.memory_peak_bytes = memory->peak;
  return tell(command, report);
}

ControllerKind controller_for(std::optional<Schedule> schedule) {
  switch (schedule.value_or(Schedule::Constant)) {
    case Schedule::Constant: return ControllerKind::Fixed;
    case Schedule::Cosine: return ControllerKind::Cosine;
    case Schedule::InverseSqrt: return ControllerKind::InverseSqrt;
  }
  return ControllerKind::Fixed;
}

}  // namespace

Result<std::string> data_folder(const SimulateCommand& command, const Job& job) {
  if (command.data_path) {
    if (exists(*command.data_path)) return *command.data_path;
    return Error{ErrorKind::Missing, "--data: there is no " + *command.data_path};
  }
  if (job.data.format != DataFormat::Idx)
    return Error{ErrorKind::Missing,
                 "--data is needed: the folder of the data, as the job's format is not idx"};
  if (exists(kFashionMnist)) return std::string(kFashionMnist);
  return Error{ErrorKind::Missing, std::string("there is no ") + kFashionMnist +
                                       ", where Debian's package dataset-fashion-mnist puts it; "
                                       "install that, or give another folder with --data DIR"};
}

Job with_vote_settings(Job job, const SimulateCommand& command) {
  if (command.vote_momentum) job.training.momentum = *command.vote_momentum;
  if (!command.vote_rate) return job;
  job.rate.controller = controller_for(command.vote_schedule);
  job.rate.value = *command.vote_rate;
  return job;
}

ExitCode run_simulate(const SimulateCommand& command) {
  auto read = load_job(command.job_file, command.overrides, read_file);
  if (!read) return end_with(ExitCode::Configuration, read.error());
  const Job job = with_vote_settings(std::move(*read), command);
  const auto network = Network::create(job.model);
  if (!network) return end_with(ExitCode::Configuration, about_job(command, network.error()));
  if (command.json_file)
    if (auto done = check_writable(*command.json_file); !done)
      return end_with(ExitCode::Configuration, done.error());
  const auto folder = data_folder(command, job);
  if (!folder) return end_with(ExitCode::Data, folder.error());
  return train(command, job, network->dimension(), *folder);
}

}  // namespace signet
