#pragma once

#include <string>
#include <vector>

#include "agent/config.hpp"
#include "agent/options.hpp"
#include "core/identity/token.hpp"

namespace signet {

/// Where a board's key pair lies: beside its configuration, "agent.key" for "agent.toml".
std::string key_path_of(const std::string& config_file);

/// What a board asks to be called: its option, else its configuration, else "" (the token's name).
std::string wanted_name(const AgentConfig& before, const JoinOptions& options);

/// Where boards are enrolled: the token's hosts, at its port for enrolment.
std::vector<std::string> enrolment_addresses(const JoinToken& token);

/// The configuration after joining: what `before` says, with the token's addresses and key. The
/// name is left to the coordinator, which may change it.
AgentConfig joined_config(const AgentConfig& before, const JoinOptions& options,
                          const JoinToken& token, const std::string& key_file);

/// Fails with Denied where the board has joined already: each joins once.
Status check_not_joined(const AgentConfig& before, const std::string& config_file);

}  // namespace signet
