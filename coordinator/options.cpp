#include "coordinator/options.hpp"

#include <array>
#include <cstdint>
#include <sstream>
#include <utility>

#include <CLI/CLI.hpp>

#include "coordinator/config_keys.hpp"
#include "core/config/command_line.hpp"
#include "core/config/daemon_keys.hpp"
#include "core/config/nearest.hpp"
#include "core/config/rules.hpp"
#include "core/config/text.hpp"

namespace signet {

namespace coordinator_options_detail {

/// What CLI11 fills in before it is checked.
struct Raw {
  CoordinatorOptions options;
  std::optional<std::string> agents, seed, rounds;
  std::string progress = "auto";
};

/// Puts the given options over `into`, by the rules of the file's keys.
Status apply(const CoordinatorOptions& options, CoordinatorConfig& into) {
  return config::set_over(coordinator_keys(),
                          {{"--listen", "listen", options.listen},
                           {"--state", "state", options.state},
                           {"--control", "control", options.control},
                           {"--export", "export", options.export_path},
                           {"--data", "data.path", options.data_path},
                           {"--encryption", "encryption", options.encryption},
                           {"--fleet", "fleet", options.fleet},
                           {"--log-level", "log.level", options.log_level}},
                          into);
}

void add_machine_options(CLI::App& run, CoordinatorOptions& options) {
  run.add_option("--config", options.config_file, "Configuration file (see sample-config)")
      ->type_name("FILE");
  run.add_option("--listen", options.listen, "Where agents connect: tcp://HOST:PORT")
      ->type_name("ADDR");
  run.add_option("--state", options.state, "State file; default: NAME.signet, NAME from the job")
      ->type_name("FILE");
  run.add_option("--control", options.control,
                 "Socket for signet status and the like; default: the state file with .control")
      ->type_name("PATH");
  run.add_option("--encryption", options.encryption,
                 "auto (keys are needed unless --listen is loopback), on, or off")
      ->type_name("WHEN");
  run.add_option("--fleet", options.fleet,
                 "Who belongs to the fleet; default: signet.fleet beside the state file")
      ->type_name("FILE");
  run.add_option("--data", options.data_path, "Folder of the test data; default: no evaluation")
      ->type_name("DIR");
  run.add_option("--export", options.export_path,
                 "Where the model goes (.safetensors); default: beside the state file")
      ->type_name("FILE");
  run.add_option("--log-level", options.log_level, "debug, info, warning or error")
      ->type_name("LEVEL");
}

void add_run(CLI::App& app, Raw& raw) {
  auto* run = app.add_subcommand("run", "Train: hand out the job, count votes, save and publish.");
  run->add_option("job", raw.options.job_file, "Job file (see sample-job)")
      ->required()
      ->type_name("JOB");
  add_machine_options(*run, raw.options);
  run->add_option("--agents", raw.agents, "In place of the job's round.agents")->type_name("N");
  run->add_option("--seed", raw.seed, "In place of the job's seed")->type_name("S");
  run->add_option("--rounds", raw.rounds, "In place of the job's stop.rounds")->type_name("R");
  run->add_option("--json", raw.options.json_file, "Write the run's figures there at the end")
      ->type_name("FILE");
  run->add_flag("--fresh", raw.options.fresh, "Begin anew, whatever the state file holds");
  run->add_option("--progress", raw.progress,
                  "auto (line on a terminal, else log), line, log or none")
      ->type_name("HOW");
  run->add_flag("--check", raw.options.check, "Check configuration, job and data, then stop");
  run->set_version_flag("--version", "signet-coordinator " SIGNET_VERSION);
}

CLI::App* add_announce(CLI::App& app, CoordinatorOptions& options) {
  auto* announce = app.add_subcommand(
      "announce", "Print what Avahi needs to announce this coordinator to agents with mdns.");
  announce->add_option("--config", options.config_file, "The coordinator's configuration file")
      ->type_name("FILE");
  announce->add_option("--listen", options.listen, "Where agents connect: tcp://HOST:PORT")
      ->type_name("ADDR");
  announce
      ->add_option("--fleet", options.fleet,
                   "Who belongs to the fleet; its key is announced; default: signet.fleet")
      ->type_name("FILE");
  announce->set_version_flag("--version", "signet-coordinator " SIGNET_VERSION);
  return announce;
}

/// Boards are told ports alone: they look for the other sockets where they found the first one.
Status check_host(const char* key, const std::string& address, const std::string& host) {
  const auto own = config::parse_address(address);
  if (address.empty() || !own || own->host == host) return {};
  for (const std::string_view any : {"*", "0.0.0.0", "[::]"})
    if (own->host == any) return {};
  return Error{ErrorKind::Mismatch,
               std::string(key) + ": has the host " + std::string(own->host) + ", and listen has " +
                   host + "; boards look for it at the host of listen: use that one, or *"};
}

/// Two sockets cannot share an address, and the default of the second needs a port to be had.
Status check_addresses(const CoordinatorConfig& config) {
  const auto listen = config::parse_address(config.listen);
  SIGNET_CHECK(listen, "listen was checked by its key");
  if (listen->port != 0 && config.listen == config.listen_updates)
    return Error{ErrorKind::Mismatch, "listen_updates: is " + config.listen_updates +
                                          ", the same as listen; choose another port"};
  const std::string host(listen->host);
  if (auto same = check_host("listen_updates", config.listen_updates, host); !same) return same;
  if (auto same = check_host("listen_enrolment", config.listen_enrolment, host); !same) return same;
  if (listen->port == 65535 && config.listen_updates.empty())
    return Error{ErrorKind::Mismatch,
                 "listen: is port 65535, which leaves no next port for the updates; choose a lower "
                 "one or set listen_updates"};
  return {};
}

/// Everything that is wrong, one a line; "" when nothing is.
std::string check(Raw& raw) {
  auto& options = raw.options;
  std::string message;
  parse_integer("--agents", raw.agents, options.overrides.agents, message);
  parse_integer("--seed", raw.seed, options.overrides.seed, message);
  parse_integer("--rounds", raw.rounds, options.overrides.rounds, message);
  parse_progress(raw.progress, options.progress, message);
  CoordinatorConfig scratch;
  if (const auto valid = apply(options, scratch); !valid)
    append_line(message, valid.error().message);
  if (const auto valid = check_overrides(options.overrides); !valid)
    append_line(message, valid.error().message);
  return message;
}

}  // namespace coordinator_options_detail

void parse_progress(const std::string& word, Progress& into, std::string& message) {
  static const std::vector<std::string> words = {"auto", "line", "log", "none"};
  constexpr std::array<Progress, 4> values = {Progress::Auto, Progress::Line, Progress::Log,
                                              Progress::None};
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] != word) continue;
    into = values[i];
    return;
  }
  const auto meant = config::nearest_word(word, words);
  append_line(message, "--progress: is " + config::quoted(word) + "; allowed: " +
                           config::join(words) + (meant ? "; did you mean " + *meant + "?" : ""));
}

CoordinatorCommand parse_coordinator_options(const std::vector<std::string>& arguments) {
  coordinator_options_detail::Raw raw;
  AnnounceOptions announce_options;
  CLI::App app("The voter of Signet: one per fleet.", "signet-coordinator");
  app.set_version_flag("--version", "signet-coordinator " SIGNET_VERSION);
  app.require_subcommand(1);
  if (auto refused = refuse_unknown_command(
          "signet-coordinator", {"run", "announce", "sample-job", "sample-config"}, arguments))
    return std::move(*refused);
  coordinator_options_detail::add_run(app, raw);
  const auto* announce = coordinator_options_detail::add_announce(app, announce_options.machine);
  const auto* job = app.add_subcommand("sample-job", "Print a job file with every key.");
  const auto* sample =
      app.add_subcommand("sample-config", "Print a configuration file with every key.");
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::Error& error) {
    std::ostringstream out, err;
    const int code = app.exit(error, out, err);
    return end_of_parsing("signet-coordinator", code, out.str(), err.str());
  }
  if (job->parsed()) return ExitNow{ExitCode::Done, sample_job()};
  if (sample->parsed()) return ExitNow{ExitCode::Done, sample_coordinator_config()};
  if (announce->parsed()) {
    CoordinatorConfig scratch;
    const auto valid = coordinator_options_detail::apply(announce_options.machine, scratch);
    if (!valid) return usage_error("signet-coordinator", valid.error().message);
    return announce_options;
  }
  if (const auto message = coordinator_options_detail::check(raw); !message.empty())
    return usage_error("signet-coordinator", message);
  return raw.options;
}

Result<CoordinatorConfig> merge_coordinator_config(const CoordinatorConfig& file,
                                                   const CoordinatorOptions& options) {
  CoordinatorConfig merged = file;
  if (const auto valid = coordinator_options_detail::apply(options, merged); !valid)
    return valid.error();
  if (const auto valid = coordinator_options_detail::check_addresses(merged); !valid)
    return valid.error();
  return merged;
}

}  // namespace signet
