#include "cli/options.hpp"

#include <algorithm>
#include <cstdint>
#include <sstream>
#include <utility>

#include <CLI/CLI.hpp>

#include "core/config/command_line.hpp"
#include "core/config/nearest.hpp"
#include "core/config/text.hpp"

namespace signet {

namespace signet_options_detail {

constexpr std::int64_t kThreadsMax = 1024;
constexpr double kRateMin = 1e-12, kRateMax = 1000;  // as the job's rate.value
constexpr const char* kMethod = "--method";

/// What CLI11 fills in before it is checked.
struct Raw {
  SimulateCommand command;
  std::optional<std::string> agents, seed, rounds, threads, rate, momentum, mu, local_steps;
  std::optional<std::string> schedule, split, liars, batches;
  std::string progress = "auto";
};

void add_study_options(CLI::App& simulate, Raw& raw) {
  simulate
      .add_option("--split", raw.split,
                  "How samples are dealt out: equal, dirichlet:ALPHA or "
                  "classes:COUNT a board; default: equal")
      ->type_name("SPEC");
  simulate
      .add_option(
          "--method", raw.command.method,
          "vote, or what it is compared with: " + config::join(method_names()) + "; default: vote")
      ->type_name("NAME");
  simulate
      .add_option("--rate", raw.rate,
                  "A fixed rate in place of the job's controller (vote), or of the method's "
                  "usual rate")
      ->type_name("X");
  simulate
      .add_option("--schedule", raw.schedule,
                  "How --rate changes: constant, cosine or inverse_sqrt")
      ->type_name("NAME");
  simulate
      .add_option("--momentum", raw.momentum,
                  "In place of the job's training.momentum (vote), or of the method's 0")
      ->type_name("X");
  simulate
      .add_option("--local-steps", raw.local_steps,
                  "Batches an agent and round: fedavg, fedprox, scaffold; default: 10")
      ->type_name("H");
  simulate.add_option("--mu", raw.mu, "Of fedprox; default: 0.01")->type_name("X");
  simulate
      .add_option("--liars", raw.liars,
                  "SHARE:KIND of the agents that vote falsely: 0.33:flip, random, constant or "
                  "collude")
      ->type_name("SPEC");
  simulate
      .add_option("--batches", raw.batches,
                  "Samples for a vote, from the weakest board to the strongest: 8-256")
      ->type_name("LOW-HIGH");
}

CLI::App* add_simulate(CLI::App& app, Raw& raw) {
  auto* simulate = app.add_subcommand(
      "simulate", "Train with a whole fleet in this process, on a virtual clock.");
  simulate->add_option("job", raw.command.job_file, "Job file (signet-coordinator sample-job)")
      ->required()
      ->type_name("JOB");
  simulate
      ->add_option("--data", raw.command.data_path,
                   "Folder of training and test data; default for a job with format idx: "
                   "where Debian puts Fashion-MNIST")
      ->type_name("DIR");
  simulate->add_option("--agents", raw.agents, "In place of the job's round.agents")
      ->type_name("N");
  simulate->add_option("--seed", raw.seed, "In place of the job's seed")->type_name("S");
  simulate->add_option("--rounds", raw.rounds, "In place of the job's stop.rounds")->type_name("R");
  simulate->add_option("--json", raw.command.json_file, "Write the run's figures there at the end")
      ->type_name("FILE");
  simulate->add_flag("--rows", raw.command.rows, "With --json: each round's figures as well");
  simulate
      ->add_option("--threads", raw.threads,
                   "Threads that compute gradients; default: all cores. The result does not "
                   "depend on it")
      ->type_name("T");
  add_study_options(*simulate, raw);
  simulate
      ->add_option("--progress", raw.progress,
                   "auto (line on a terminal, else log), line, log or none")
      ->type_name("HOW");
  simulate->set_version_flag("--version", "signet " SIGNET_VERSION);
  return simulate;
}

/// Puts what `parse` makes of the text into `into`, or a line about `option` into `message`.
template <typename Parse, typename Into>
void read(const char* option, const std::optional<std::string>& text, Parse parse, Into& into,
          std::string& message) {
  if (!text) return;
  auto parsed = parse(*text);
  if (!parsed) return append_line(message, std::string(option) + ": " + parsed.error().message);
  into = std::move(*parsed);
}

void refuse(bool given, const char* option, const std::string& why, std::string& message) {
  if (given) append_line(message, std::string(option) + ": " + why);
}

/// What the options say of the learning, whoever does it.
struct Settings {
  std::optional<double> rate, momentum, mu;
  std::optional<std::int64_t> local_steps;
  std::optional<Schedule> schedule;
};

void check_vote(const Settings& settings, SimulateCommand& command, std::string& message) {
  refuse(settings.mu.has_value(), "--mu", "is for --method fedprox", message);
  refuse(settings.local_steps.has_value(), "--local-steps",
         "is for --method fedavg, fedprox and scaffold", message);
  refuse(settings.schedule && !settings.rate, "--schedule", "needs --rate", message);
  refuse(settings.rate && !(*settings.rate >= kRateMin && *settings.rate <= kRateMax), "--rate",
         "must be 1e-12 to 1000", message);
  refuse(settings.momentum && !(*settings.momentum >= 0 && *settings.momentum < 1), "--momentum",
         "must be 0 to below 1", message);
  command.vote_rate = settings.rate;
  command.vote_momentum = settings.momentum;
  command.vote_schedule = settings.schedule;
}

void check_baseline(const Settings& settings, Method method, SimulateCommand& command,
                    std::string& message) {
  refuse(command.options.liars.has_value(), "--liars", "is for --method vote", message);
  BaselineSpec spec = usual_spec(method);
  if (settings.rate) spec.rate = *settings.rate;
  if (settings.momentum) spec.momentum = *settings.momentum;
  if (settings.mu) spec.mu = *settings.mu;
  if (settings.schedule) spec.schedule = *settings.schedule;
  // Where a negative number is none, it is out of bounds all the same.
  if (settings.local_steps)
    spec.local_steps = static_cast<std::size_t>(std::max<std::int64_t>(0, *settings.local_steps));
  if (const auto valid = signet::check(spec); !valid) append_line(message, valid.error().message);
  command.options.baseline = spec;
}

void check_method(const Settings& settings, SimulateCommand& command, std::string& message) {
  if (command.method == "vote") return check_vote(settings, command, message);
  if (const auto method = parse_method(command.method))
    return check_baseline(settings, *method, command, message);
  std::vector<std::string> names{"vote"};
  names.insert(names.end(), method_names().begin(), method_names().end());
  const auto meant = config::nearest_word(command.method, names);
  append_line(message, std::string(kMethod) + ": is " + config::quoted(command.method) +
                           "; allowed: " + config::join(names) +
                           (meant ? "; did you mean " + *meant + "?" : ""));
}

void check_threads(const std::optional<std::string>& text, SimulateOptions& options,
                   std::string& message) {
  std::optional<std::int64_t> threads;
  parse_integer("--threads", text, threads, message);
  options.threads = 0;
  if (!threads) return;
  refuse(*threads < 1 || *threads > kThreadsMax, "--threads",
         "is " + *text + "; must be 1 to " + std::to_string(kThreadsMax), message);
  options.threads = static_cast<std::size_t>(std::max<std::int64_t>(0, *threads));
}

/// Everything that is wrong, one a line; "" when nothing is.
std::string check(Raw& raw) {
  SimulateCommand& command = raw.command;
  std::string message;
  parse_integer("--agents", raw.agents, command.overrides.agents, message);
  parse_integer("--seed", raw.seed, command.overrides.seed, message);
  parse_integer("--rounds", raw.rounds, command.overrides.rounds, message);
  if (const auto valid = check_overrides(command.overrides); !valid)
    append_line(message, valid.error().message);
  check_threads(raw.threads, command.options, message);
  parse_progress(raw.progress, command.progress, message);
  read("--split", raw.split, parse_split, command.options.split, message);
  read("--liars", raw.liars, parse_liars, command.options.liars, message);
  read("--batches", raw.batches, parse_batches, command.options.batches, message);
  refuse(command.rows && !command.json_file, "--rows", "needs --json", message);
  Settings settings;
  parse_number("--rate", raw.rate, settings.rate, message);
  parse_number("--momentum", raw.momentum, settings.momentum, message);
  parse_number("--mu", raw.mu, settings.mu, message);
  parse_integer("--local-steps", raw.local_steps, settings.local_steps, message);
  read("--schedule", raw.schedule, parse_schedule, settings.schedule, message);
  check_method(settings, command, message);
  return message;
}

}  // namespace signet_options_detail

std::variant<SimulateCommand, WatchCommand, FleetCommand, ExitNow> parse_signet_options(
    const std::vector<std::string>& arguments) {
  using Parsed = std::variant<SimulateCommand, WatchCommand, FleetCommand, ExitNow>;
  const auto widened = [](auto&& way) -> Parsed { return std::forward<decltype(way)>(way); };
  signet_options_detail::Raw raw;
  CLI::App app("Signet for operators and researchers.", "signet");
  app.set_version_flag("--version", "signet " SIGNET_VERSION);
  app.require_subcommand(1);
  if (auto refused = refuse_unknown_command(
          "signet", {"simulate", "status", "agents", "token", "revoke", "rename"}, arguments))
    return std::move(*refused);
  signet_options_detail::add_simulate(app, raw);
  WatchOptions watch(app);
  FleetCommandOptions fleet(app);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::Error& error) {
    std::ostringstream out, err;
    const int code = app.exit(error, out, err);
    return end_of_parsing("signet", code, out.str(), err.str());
  }
  if (watch.asked()) return std::visit(widened, watch.command());
  if (fleet.asked()) return std::visit(widened, fleet.command());
  if (const auto message = signet_options_detail::check(raw); !message.empty())
    return usage_error("signet", message);
  return raw.command;
}

}  // namespace signet
