#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "agent/config.hpp"
#include "core/base/result.hpp"
#include "core/config/exit_code.hpp"

namespace signet {

/// The command line of `signet-agent run`.
struct AgentOptions {
  std::optional<std::string> config_file;
  std::optional<std::string> name, coordinator, data_path, shard, log_level;  ///< over the file
  bool check = false;                     ///< look at configuration and data, then stop
  std::optional<std::string> encryption;  ///< over the file
  std::string board_root = {};            ///< as AgentConfig has it

  bool operator==(const AgentOptions&) const = default;
};

/// The command line of `signet-agent join`.
struct JoinOptions {
  std::string token;  ///< "-": it comes on stdin
  std::string config_file = "/etc/signet/agent.toml";
  std::optional<std::string> name = {}, data_path = {};
  bool start = true;  ///< the service, where there is systemd
  double timeout_s = 60;

  bool operator==(const JoinOptions&) const = default;
};

/// The command line of `signet-agent doctor`.
struct DoctorOptions {
  std::string config_file = "/etc/signet/agent.toml";
  bool json = false;
  double timeout_s = 5;  ///< for each address of the coordinator

  bool operator==(const DoctorOptions&) const = default;
};

/// The command line of `signet-agent bench`.
struct BenchOptions {
  double seconds = 20;                        ///< about how long it takes, all in all
  std::optional<std::string> json_file = {};  ///< where the figures go as well

  bool operator==(const BenchOptions&) const = default;
};

/// What an agent's command line asks for.
using AgentCommand = std::variant<AgentOptions, JoinOptions, DoctorOptions, BenchOptions, ExitNow>;

/// Reads the arguments (without the program's name). Help, version and sample-config end with code
/// Done; an unknown word, a missing value or one out of its key's bounds ends with Usage.
AgentCommand parse_agent_options(const std::vector<std::string>& arguments);

/// The command line over the file over the defaults.
/// Fails with Malformed ("--shard: what is wrong and what is allowed"), as check_encryption() does,
/// or, when nobody says where the data lies, with Missing.
Result<AgentConfig> merge_agent_config(const AgentConfig& file, const AgentOptions& options);

}  // namespace signet
