#include "coordinator/config.hpp"

#include "coordinator/config_keys.hpp"
#include "core/config/daemon_keys.hpp"
#include "core/config/rules.hpp"

namespace signet {

namespace coordinator_config_detail {

using Keys = config::KeyTable<CoordinatorConfig>;

constexpr std::string_view kModelSuffix = ".safetensors";
constexpr std::string_view kStateSuffix = ".signet";

config::TextRule export_rule() {
  return {"\"\" or a path of at most 4000 bytes that ends in .safetensors",
          [](std::string_view text) {
            if (text.empty()) return true;
            return text.size() <= 4000 && text.size() > kModelSuffix.size() &&
                   text.ends_with(kModelSuffix);
          }};
}

Keys make_keys() {
  Keys keys(
      "The coordinator of Signet: what is true of this machine. What is trained stands in "
      "the job file.",
      "`signet-coordinator sample-config` shows every key",
      {{"", ""}, {"data", "The test data, to measure the accuracy on."}, {"log", ""}});
  keys.text(
      {"listen",
       "Where agents connect; 0.0.0.0 in place of 127.0.0.1 lets in other machines, port 0 "
       "lets the system choose."},
      config::listen_rule(), [](auto& c) -> auto& { return c.listen; });
  keys.text(
      {"listen_updates",
       "Where agents hear the updates, at the host of listen or at *; \"\" is that host with the "
       "next port.",
       "\"tcp://*:7301\""},
      config::optional_listen_rule(), [](auto& c) -> auto& { return c.listen_updates; });
  keys.text(
      {"state", "The run's state file; \"\" is the job's name with .signet in the working folder.",
       "\"/var/lib/signet-coordinator/run.signet\""},
      config::path_rule(), [](auto& c) -> auto& { return c.state; });
  keys.text(
      {"export", "Where the trained model goes; \"\" is beside the state file.",
       "\"model.safetensors\""},
      export_rule(), [](auto& c) -> auto& { return c.export_path; });
  keys.text(
      {"control",
       "Unix socket at which `signet status`, `agents`, `token` and the like ask, for the "
       "coordinator's user and root; \"\" is the state file with .control at its end.",
       "\"/var/lib/signet-coordinator/run.signet.control\""},
      config::path_rule(), [](auto& c) -> auto& { return c.control; });
  keys.word<config::EncryptionMode>(
      {"encryption",
       "Whether agents need keys, and all is encrypted: auto is on, but for a coordinator that "
       "listens on its own machine's loopback address alone; off is for networks whose every "
       "machine you trust."},
      config::encryption_words(), [](auto& c) -> auto& { return c.encryption; });
  keys.text(
      {"listen_enrolment",
       "Where boards get their place in the fleet, at the host of listen or at *; \"\" is that "
       "host "
       "with the port two on.",
       "\"tcp://*:7302\""},
      config::optional_listen_rule(), [](auto& c) -> auto& { return c.listen_enrolment; });
  keys.text(
      {"fleet",
       "Who belongs to the fleet, over all runs; \"\" is signet.fleet beside the state file. The "
       "coordinator's secret key lies beside it, with .key at its end.",
       "\"/var/lib/signet-coordinator/signet.fleet\""},
      config::path_rule(), [](auto& c) -> auto& { return c.fleet; });
  keys.text(
      {"data.path", "Folder of the test data; \"\" is no evaluation.",
       "\"/usr/share/datasets/fashion-mnist\""},
      config::path_rule(), [](auto& c) -> auto& { return c.data_path; });
  config::add_log_level(keys);
  return keys;
}

}  // namespace coordinator_config_detail

const config::KeyTable<CoordinatorConfig>& coordinator_keys() {
  static const config::KeyTable<CoordinatorConfig> keys = coordinator_config_detail::make_keys();
  return keys;
}

Result<CoordinatorConfig> parse_coordinator_config(std::string_view text, const std::string& file) {
  return coordinator_keys().parse(text, file);
}

std::string state_path(const CoordinatorConfig& config, const Job& job) {
  if (!config.state.empty()) return config.state;
  return job.name + std::string(coordinator_config_detail::kStateSuffix);
}

std::string export_path(const CoordinatorConfig& config, const Job& job) {
  if (!config.export_path.empty()) return config.export_path;
  std::string path = state_path(config, job);
  if (path.ends_with(coordinator_config_detail::kStateSuffix))
    path.resize(path.size() - coordinator_config_detail::kStateSuffix.size());
  return path + std::string(coordinator_config_detail::kModelSuffix);
}

std::string control_path_of(const std::string& state_file) {
  return state_file + std::string(kControlSuffix);
}

std::string control_path(const CoordinatorConfig& config, const Job& job) {
  return config.control.empty() ? control_path_of(state_path(config, job)) : config.control;
}

bool encrypts(const CoordinatorConfig& config) {
  if (config.encryption == config::EncryptionMode::Off) return false;
  if (config.encryption == config::EncryptionMode::On) return true;
  const auto is_open = [](const std::string& address) {
    return !address.empty() && !config::is_loopback(address);
  };
  return is_open(config.listen) || is_open(config.listen_updates);
}

std::string fleet_path(const CoordinatorConfig& config, const Job& job) {
  if (!config.fleet.empty()) return config.fleet;
  const std::string state = state_path(config, job);
  const auto slash = state.rfind('/');
  return (slash == std::string::npos ? "" : state.substr(0, slash + 1)) + "signet.fleet";
}

std::string fleet_key_path(const std::string& fleet_file) {
  return fleet_file + ".key";
}

std::string sample_coordinator_config() {
  return coordinator_keys().sample(CoordinatorConfig{});
}

std::string coordinator_key_markdown() {
  return coordinator_keys().markdown();
}

}  // namespace signet
