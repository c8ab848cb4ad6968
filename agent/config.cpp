#include "agent/config.hpp"

#include <algorithm>
#include <charconv>

#include "agent/config_keys.hpp"
#include "core/config/daemon_keys.hpp"
#include "core/config/rules.hpp"
#include "core/identity/secret.hpp"

namespace signet {

namespace agent_config_detail {

using Keys = config::KeyTable<AgentConfig>;

constexpr std::size_t kShardsMax = 100000;

std::optional<std::size_t> parse_count(std::string_view digits) {
  std::size_t count = 0;
  const auto* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, count);
  if (error != std::errc() || stop != end) return std::nullopt;
  return count;
}

config::TextRule shard_rule() {
  return {"\"\" (all samples) or i/n with i from 0 to n - 1 and n at most 100000, such as 0/4",
          [](std::string_view text) { return parse_shard(text).has_value(); }};
}

config::TextRule server_key_rule() {
  return {"\"\" or the 40 characters of a public key, as `signet-agent join` writes them",
          [](std::string_view text) { return text.empty() || is_key(text); }};
}

config::TextRule coordinator_rule() {
  return {
      "tcp://HOST:PORT or mdns, or several with commas between, such as "
      "tcp://laptop.local:7300,tcp://192.168.1.10:7300",
      [](std::string_view text) {
        const auto parts = config::split_addresses(text);
        return std::ranges::all_of(parts, [](std::string_view part) {
          return part == kMdns || config::connect_rule().accepts(part);
        });
      }};
}

Keys make_keys() {
  Keys keys(
      "An agent of Signet: what is true of this board. The training job comes from the "
      "coordinator.",
      "`signet-agent sample-config` shows every key",
      {{"", ""},
       {"data", "Where this board's data lies; it never leaves the board."},
       {"training", "What this board can do."},
       {"guest",
        "When the training steps back behind the board's own business. Rounds are answered all the "
        "same: `signet agents` shows why there is no vote."},
       {"log", ""}});
  keys.text(
      {"name",
       "How this board is called in the fleet; \"\" is what its key is enrolled as, or, without a "
       "key, the host's name.",
       "\"kitchen-pi\""},
      config::optional_name_rule(), [](auto& c) -> auto& { return c.name; });
  keys.text(
      {"coordinator",
       "Where the coordinator listens; several addresses of it are tried in turn. mdns looks in "
       "the "
       "local network for the one that has server_key."},
      coordinator_rule(), [](auto& c) -> auto& { return c.coordinator; });
  keys.text(
      {"server_key", "The coordinator's public key, which it must prove to have."},
      server_key_rule(), [](auto& c) -> auto& { return c.server_key; });
  keys.text(
      {"key_file", "This board's own key pair, for its owner alone; join makes it.",
       "\"/etc/signet/agent.key\""},
      config::path_rule(), [](auto& c) -> auto& { return c.key_file; });
  keys.word<config::EncryptionMode>(
      {"encryption",
       "auto is on where there are keys, and without keys only this machine's own coordinator is "
       "spoken to; off is for networks whose every machine you trust."},
      config::encryption_words(), [](auto& c) -> auto& { return c.encryption; });
  keys.text(
      {"data.path", "Folder (or csv file) of the training data; needed, here or as --data.",
       "\"/var/lib/signet-agent/data\""},
      config::path_rule(), [](auto& c) -> auto& { return c.data_path; });
  keys.text(
      {"data.shard", "Which part of the data to use, for boards that hold equal copies.",
       "\"0/4\""},
      shard_rule(), [](auto& c) -> auto& { return c.shard; });
  keys.integer(
      {"training.batch",
       "Samples that this board draws for a vote, so that a weak one keeps pace; 0 is the job's "
       "number."},
      {0, 65536, "samples"}, [](auto& c) -> auto& { return c.batch; });
  add_guest_keys(keys);
  config::add_log_level(keys);
  return keys;
}

}  // namespace agent_config_detail

const config::KeyTable<AgentConfig>& agent_keys() {
  static const config::KeyTable<AgentConfig> keys = agent_config_detail::make_keys();
  return keys;
}

bool looks_for_coordinator(const std::string& coordinator) {
  return std::ranges::count(config::split_addresses(coordinator), kMdns) > 0;
}

std::string fixed_addresses(const std::string& coordinator) {
  std::string fixed;
  for (const auto address : config::split_addresses(coordinator))
    if (address != kMdns) fixed += (fixed.empty() ? "" : ",") + std::string(address);
  return fixed;
}

std::optional<Shard> parse_shard(std::string_view text) {
  if (text.empty()) return Shard{};
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto index = agent_config_detail::parse_count(text.substr(0, slash));
  const auto count = agent_config_detail::parse_count(text.substr(slash + 1));
  if (!index || !count || *index >= *count) return std::nullopt;
  if (*count > agent_config_detail::kShardsMax) return std::nullopt;
  return Shard{*index, *count};
}

std::string name_from_host(std::string_view host) {
  std::string name(host.substr(0, 64));
  for (auto& c : name)
    if (!config::is_name(std::string_view(&c, 1))) c = '-';
  return name.empty() ? "agent" : name;
}

Status check_encryption(const AgentConfig& config) {
  using config::EncryptionMode;
  const auto mismatch = [](const std::string& what) { return Error{ErrorKind::Mismatch, what}; };
  if (looks_for_coordinator(config.coordinator) &&
      (config.server_key.empty() || config.encryption == EncryptionMode::Off))
    return mismatch(
        "coordinator: mdns finds the machine that has server_key, and there are no keys; get them "
        "with `signet-agent join TOKEN`, or give an address");
  if (config.encryption == EncryptionMode::Off) return {};
  if (config.server_key.empty() != config.key_file.empty())
    return mismatch(
        "server_key and key_file: are needed together; `signet-agent join TOKEN` sets both");
  if (!config.server_key.empty()) return {};
  if (config.encryption == EncryptionMode::On)
    return mismatch(
        "encryption: is on, and there are no keys; get them with `signet-agent join TOKEN`");
  for (const auto address : config::split_addresses(config.coordinator))
    if (!config::is_loopback(address))
      return mismatch("coordinator: " + std::string(address) +
                      " is another machine, and there are no keys; get them with `signet-agent "
                      "join TOKEN`, or set encryption = \"off\" (--encryption off) in a network "
                      "whose every machine you trust");
  return {};
}

Result<AgentConfig> parse_agent_config(std::string_view text, const std::string& file) {
  return agent_keys().parse(text, file);
}

std::string sample_agent_config() {
  return agent_config_text({});
}

std::string agent_config_text(const AgentConfig& config) {
  return agent_keys().sample(config);
}

std::string agent_key_markdown() {
  return agent_keys().markdown();
}

}  // namespace signet
