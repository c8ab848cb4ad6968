#include "agent/join/joined_config.hpp"

#include "core/config/rules.hpp"

namespace signet {

std::string key_path_of(const std::string& config_file) {
  const auto slash = config_file.rfind('/');
  const auto dot = config_file.rfind('.');
  const bool has_ending = dot != std::string::npos && (slash == std::string::npos || dot > slash);
  return config_file.substr(0, has_ending ? dot : std::string::npos) + ".key";
}

std::string wanted_name(const AgentConfig& before, const JoinOptions& options) {
  return options.name.value_or(before.name);
}

std::vector<std::string> enrolment_addresses(const JoinToken& token) {
  std::vector<std::string> addresses;
  for (const std::string& address : token.addresses)
    if (const auto at = config::parse_address(address))
      addresses.push_back("tcp://" + at->host + ":" + std::to_string(token.enrolment_port));
  return addresses;
}

AgentConfig joined_config(const AgentConfig& before, const JoinOptions& options,
                          const JoinToken& token, const std::string& key_file) {
  AgentConfig config = before;
  config.name.clear();
  config.coordinator.clear();
  for (const std::string& address : token.addresses)
    config.coordinator += (config.coordinator.empty() ? "" : ",") + address;
  config.server_key = token.server_key;
  config.key_file = key_file;
  config.encryption = config::EncryptionMode::Auto;
  if (options.data_path) config.data_path = *options.data_path;
  return config;
}

Status check_not_joined(const AgentConfig& before, const std::string& config_file) {
  if (before.server_key.empty()) return {};
  return Error{ErrorKind::Denied, config_file +
                                      ": this board has joined a fleet already; to join " +
                                      "anew, delete this file and " + key_path_of(config_file)};
}

}  // namespace signet
