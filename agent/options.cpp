#include "agent/options.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

#include <CLI/CLI.hpp>

#include "agent/config_keys.hpp"
#include "core/config/command_line.hpp"
#include "core/config/daemon_keys.hpp"

namespace signet {

namespace agent_options_detail {

/// Puts the given options over `into`, by the rules of the file's keys.
Status apply(const AgentOptions& options, AgentConfig& into) {
  return config::set_over(agent_keys(),
                          {{"--name", "name", options.name},
                           {"--coordinator", "coordinator", options.coordinator},
                           {"--data", "data.path", options.data_path},
                           {"--shard", "data.shard", options.shard},
                           {"--encryption", "encryption", options.encryption},
                           {"--log-level", "log.level", options.log_level}},
                          into);
}

CLI::App* add_run(CLI::App& app, AgentOptions& options) {
  auto* run = app.add_subcommand("run", "Train: join the coordinator and vote until it is done.");
  run->add_option("--config", options.config_file, "Configuration file (see sample-config)")
      ->type_name("FILE");
  run->add_option("--name", options.name,
                  "Name in the fleet; default: what its key is enrolled as, or, without a key, the "
                  "host's name")
      ->type_name("NAME");
  run->add_option(
         "--coordinator", options.coordinator,
         "Where the coordinator listens: tcp://HOST:PORT, mdns, or several with commas between")
      ->type_name("ADDR");
  run->add_option("--data", options.data_path, "Folder (or csv file) of the training data")
      ->type_name("DIR");
  run->add_option("--shard", options.shard, "Part of the data to use: i/n, i from 0 to n - 1")
      ->type_name("i/n");
  run->add_option("--encryption", options.encryption,
                  "auto (keys are needed for another machine), on, or off")
      ->type_name("WHEN");
  run->add_option("--log-level", options.log_level, "debug, info, warning or error")
      ->type_name("LEVEL");
  run->add_option("--board-root", options.board_root,
                  "Where the board's /sys and /proc are seen, for a container; default: /")
      ->type_name("DIR");
  run->add_flag(
      "--check", options.check,
      "Check the configuration and the key, and that the data are there, then stop; doctor "
      "also reads them");
  run->set_version_flag("--version", "signet-agent " SIGNET_VERSION);
  return run;
}

CLI::App* add_join(CLI::App& app, JoinOptions& options, bool& do_not_start) {
  auto* join = app.add_subcommand(
      "join", "Get this board a place in a fleet: keys, configuration, and the service started.");
  join->add_option(
          "token", options.token,
          "What `signet token` printed; - reads it from stdin, where `ps` does not show it")
      ->required()
      ->type_name("TOKEN");
  join->add_option("--config", options.config_file,
                   "Configuration file to write; default: /etc/signet/agent.toml. The key pair "
                   "goes beside it")
      ->type_name("FILE");
  join->add_option("--name", options.name,
                   "Name in the fleet; default: the token's, else the host's name")
      ->type_name("NAME");
  join->add_option("--data", options.data_path, "Folder (or csv file) of the training data")
      ->type_name("DIR");
  join->add_flag("--no-start", do_not_start, "Leave the service alone");
  join->add_option("--timeout-s", options.timeout_s,
                   "Wait so many seconds for the coordinator; default: 60")
      ->type_name("S")
      ->check(CLI::Range(0.1, 3600.0));
  join->set_version_flag("--version", "signet-agent " SIGNET_VERSION);
  return join;
}

CLI::App* add_doctor(CLI::App& app, DoctorOptions& options) {
  auto* doctor = app.add_subcommand(
      "doctor", "Look at all that this board's votes need, and say what to do; changes nothing.");
  doctor
      ->add_option("--config", options.config_file,
                   "Configuration file to look at; default: /etc/signet/agent.toml")
      ->type_name("FILE");
  doctor
      ->add_option("--timeout-s", options.timeout_s,
                   "Wait so many seconds for each address of the coordinator; default: 5")
      ->type_name("S")
      ->check(CLI::Range(0.1, 3600.0));
  doctor->add_flag("--json", options.json, "Print the findings as JSON");
  doctor->set_version_flag("--version", "signet-agent " SIGNET_VERSION);
  return doctor;
}

CLI::App* add_bench(CLI::App& app, BenchOptions& options) {
  auto* bench =
      app.add_subcommand("bench", "Measure what a round costs this board, as a table to pass on.");
  bench->add_option("--seconds", options.seconds, "About how long to take; default: 20")
      ->type_name("S")
      ->check(CLI::Range(0.1, 3600.0));
  bench->add_option("--json", options.json_file, "Write the figures there as well")
      ->type_name("FILE");
  bench->set_version_flag("--version", "signet-agent " SIGNET_VERSION);
  return bench;
}

/// Everything that is wrong with the values, one a line.
std::string objections(const JoinOptions& options) {
  AgentOptions as_run;
  as_run.name = options.name;
  as_run.data_path = options.data_path;
  AgentConfig scratch;
  const auto valid = apply(as_run, scratch);
  return valid ? "" : valid.error().message;
}

}  // namespace agent_options_detail

AgentCommand parse_agent_options(const std::vector<std::string>& arguments) {
  AgentOptions options;
  JoinOptions join_options;
  DoctorOptions doctor_options;
  BenchOptions bench_options;
  bool do_not_start = false;
  CLI::App app("The learner of Signet: one on each board.", "signet-agent");
  app.set_version_flag("--version", "signet-agent " SIGNET_VERSION);
  app.require_subcommand(1);
  if (auto refused = refuse_unknown_command(
          "signet-agent", {"run", "join", "doctor", "bench", "sample-config"}, arguments))
    return std::move(*refused);
  agent_options_detail::add_run(app, options);
  const auto* join = agent_options_detail::add_join(app, join_options, do_not_start);
  const auto* doctor = agent_options_detail::add_doctor(app, doctor_options);
  const auto* bench = agent_options_detail::add_bench(app, bench_options);
  const auto* sample =
      app.add_subcommand("sample-config", "Print a configuration file with every key.");
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::Error& error) {
    std::ostringstream out, err;
    const int code = app.exit(error, out, err);
    return end_of_parsing("signet-agent", code, out.str(), err.str());
  }
  if (sample->parsed()) return ExitNow{ExitCode::Done, sample_agent_config()};
  if (doctor->parsed()) return doctor_options;
  if (bench->parsed()) return bench_options;
  if (join->parsed()) {
    join_options.start = !do_not_start;
    const auto wrong = agent_options_detail::objections(join_options);
    if (!wrong.empty()) return usage_error("signet-agent", wrong);
    return join_options;
  }
  AgentConfig scratch;
  if (const auto valid = agent_options_detail::apply(options, scratch); !valid)
    return usage_error("signet-agent", valid.error().message);
  return options;
}

Result<AgentConfig> merge_agent_config(const AgentConfig& file, const AgentOptions& options) {
  AgentConfig merged = file;
  if (const auto valid = agent_options_detail::apply(options, merged); !valid) return valid.error();
  if (merged.data_path.empty())
    return Error{ErrorKind::Missing,
                 "data.path: is not set; give --data DIR or set path in [data] of the "
                 "configuration file"};
  merged.board_root = options.board_root;
  if (const auto valid = check_encryption(merged); !valid) return valid.error();
  return merged;
}

}  // namespace signet
