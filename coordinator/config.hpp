#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/config/rules.hpp"
#include "core/job/job.hpp"

namespace signet {

/// What is true of the coordinator's machine. What is trained stands in the job.
struct CoordinatorConfig {
  std::string listen = "tcp://127.0.0.1:7300";  ///< control and votes; port 0: the system chooses
  std::string listen_updates;                   ///< "": the same host, next port
  std::string state;                            ///< "": see state_path()
  std::string export_path;                      ///< "": see export_path()
  std::string control;                          ///< "": see control_path()
  std::string data_path;                        ///< test data; "": no evaluation
  std::string log_level = "info";               ///< debug, info, warning, error
  config::EncryptionMode encryption = config::EncryptionMode::Auto;
  std::string listen_enrolment = {};  ///< "": the host of listen, the port two on
  std::string fleet = {};             ///< "": see fleet_path()

  bool operator==(const CoordinatorConfig&) const = default;
};

/// Reads the coordinator's configuration file; `file` only names it in errors.
/// Fails with Malformed, one "file:line: key: what is wrong and what is allowed" a line.
Result<CoordinatorConfig> parse_coordinator_config(std::string_view text, const std::string& file);

/// The state file: as configured, else "<job's name>.signet" in the working folder.
std::string state_path(const CoordinatorConfig& config, const Job& job);

/// Where the trained model goes: as configured, else the state file's name with ".safetensors" in
/// place of ".signet".
std::string export_path(const CoordinatorConfig& config, const Job& job);

/// Where the coordinator of a state file answers questions: "<state file>.control".
std::string control_path_of(const std::string& state_file);
inline constexpr std::string_view kControlSuffix = ".control";

/// The control socket: as configured, else that of the state file.
std::string control_path(const CoordinatorConfig& config, const Job& job);

/// Whether agents need keys: as configured, else wherever others than this machine can connect.
bool encrypts(const CoordinatorConfig& config);

/// Who belongs to the fleet: as configured, else "signet.fleet" in the folder of the state file.
std::string fleet_path(const CoordinatorConfig& config, const Job& job);
/// The coordinator's key pair: the fleet file's name with ".key".
std::string fleet_key_path(const std::string& fleet_file);

/// The commented file with every key at its default: what the package installs.
std::string sample_coordinator_config();

/// The keys as a table of docs/configuration.md.
std::string coordinator_key_markdown();

}  // namespace signet
