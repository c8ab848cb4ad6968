#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "agent/guest/guest.hpp"
#include "core/base/result.hpp"
#include "core/config/rules.hpp"

namespace signet {

/// Which part of the data this board trains on: samples i with i mod count == index.
struct Shard {
  std::size_t index = 0;  ///< 0 to count - 1
  std::size_t count = 1;

  bool operator==(const Shard&) const = default;
};

/// What is true of one board. Everything else comes from the coordinator.
struct AgentConfig {
  std::string name;  ///< "": with a key, what it is enrolled as; else the host's name
  std::string coordinator = "tcp://127.0.0.1:7300";  ///< or several, with commas between
  std::string data_path;                             ///< folder or file of the training data
  std::string shard;                                 ///< "i/n", or "" for all samples
  std::string log_level = "info";                    ///< debug, info, warning, error
  std::string server_key = {};                       ///< the coordinator's public key; "": none
  std::string key_file = {};                         ///< this board's key pair; "": none
  config::EncryptionMode encryption = config::EncryptionMode::Auto;
  std::size_t batch = 0;        ///< samples of a vote; 0: the job's number
  GuestRules guest = {};        ///< when the training steps back
  std::string board_root = {};  ///< where the board's /sys and /proc lie; no key of the file

  bool operator==(const AgentConfig&) const = default;
};

/// The word for a coordinator that is looked for in the local network.
inline constexpr std::string_view kMdns = "mdns";
/// Is that word among the addresses of `coordinator`?
bool looks_for_coordinator(const std::string& coordinator);
/// The addresses of `coordinator` without that word, with commas between; may be "".
std::string fixed_addresses(const std::string& coordinator);

/// "2/8" is part 2 of 8, counted from 0; "" is the whole. None: neither.
std::optional<Shard> parse_shard(std::string_view text);

/// A host's name as an agent's: other characters become '-', at most 64 stay; "" becomes "agent".
std::string name_from_host(std::string_view host);

/// Keys that go together, and no plain traffic to another machine unless it was asked for.
/// Fails with Mismatch, saying which keys of the configuration to change.
Status check_encryption(const AgentConfig& config);

/// Reads a board's configuration file; `file` only names it in errors.
/// Fails with Malformed, one "file:line: key: what is wrong and what is allowed" a line.
Result<AgentConfig> parse_agent_config(std::string_view text, const std::string& file);

/// The commented file with every key at its default: what the package installs.
std::string sample_agent_config();

/// The same file with the values of `config`.
std::string agent_config_text(const AgentConfig& config);

/// The keys as a table of docs/configuration.md.
std::string agent_key_markdown();

}  // namespace signet
