#include "agent/options.hpp"

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

#include <CLI/CLI.hpp>

#include "agent/config_keys.hpp"
#include "core/config/command_line.hpp"

namespace signet {

namespace agent_options_detail {

struct Over {
  const char* option;
  const char* path;
  const std::optional<std::string>& value;
};

/// Puts the given options over `into`, by the rules of the file's keys.
Status apply(const AgentOptions& options, AgentConfig& into) {
  const std::array<Over, 5> overs = {{{"--name", "name", options.name},
                                      {"--coordinator", "coordinator", options.coordinator},
                                      {"--data", "data.path", options.data_path},
                                      {"--shard", "data.shard", options.shard},
                                      {"--log-level", "log.level", options.log_level}}};
  std::string message;
  for (const auto& [option, path, value] : overs) {
    if (!value) continue;
    const auto set = agent_keys().set(into, path, config::Value{*value, 0}, option);
    if (!set) message += (message.empty() ? "" : "\n") + set.error().message;
  }
  if (!message.empty()) return Error{ErrorKind::Malformed, message};
  return {};
}

CLI::App* add_run(CLI::App& app, AgentOptions& options) {
  auto* run = app.add_subcommand("run", "Train: join the coordinator and vote until it is done.");
  run->add_option("--config", options.config_file, "Configuration file (see sample-config)")
      ->type_name("FILE");
  run->add_option("--name", options.name, "Name in the fleet; default: the host's name")
      ->type_name("NAME");
  run->add_option("--coordinator", options.coordinator,
                  "Where the coordinator listens: tcp://HOST:PORT")
      ->type_name("ADDR");
  run->add_option("--data", options.data_path, "Folder (or csv file) of the training data")
      ->type_name("DIR");
  run->add_option("--shard", options.shard, "Part of the data to use: i/n, i from 0 to n - 1")
      ->type_name("i/n");
  run->add_option("--log-level", options.log_level, "debug, info, warning or error")
      ->type_name("LEVEL");
  run->add_flag("--check", options.check, "Check configuration and data, then stop");
  run->set_version_flag("--version", "signet-agent " SIGNET_VERSION);
  return run;
}

}  // namespace agent_options_detail

std::variant<AgentOptions, ExitNow> parse_agent_options(const std::vector<std::string>& arguments) {
  AgentOptions options;
  CLI::App app("The learner of Signet: one on each board.", "signet-agent");
  app.set_version_flag("--version", "signet-agent " SIGNET_VERSION);
  app.require_subcommand(1);
  if (auto refused = refuse_unknown_command("signet-agent", {"run", "sample-config"}, arguments))
    return std::move(*refused);
  agent_options_detail::add_run(app, options);
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
  return merged;
}

}  // namespace signet
