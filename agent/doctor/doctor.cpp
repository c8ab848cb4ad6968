#include "agent/doctor/doctor.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <utility>

#include "agent/doctor/judgements.hpp"
#include "agent/finder/finder.hpp"
#include "core/kernels/tables.hpp"
#include "core/platform/board.hpp"
#include "core/platform/files.hpp"
#include "core/platform/keys.hpp"
#include "core/platform/log.hpp"
#include "core/platform/process.hpp"

namespace signet {

namespace {

using Level = Finding::Level;
using Encryption = AgentTransport::Encryption;

constexpr const char* kServiceUser = "signet-agent";
constexpr const char* kServiceFolder = "/var/lib/signet-agent";
constexpr Duration kSystemctl = std::chrono::seconds(5);

/// What the checks need to know of each other.
struct Patient {
  AgentConfig config;
  bool configured = false;
  std::optional<Encryption> encryption = {};
  bool key_seen = true;   ///< or there is none
  bool stranger = false;  ///< the service is asked about by neither root nor its user
};

void add_lines(Findings& findings, const std::string& check, const Error& error) {
  for (std::size_t at = 0; at < error.message.size();) {
    const std::size_t end = std::min(error.message.find('\n', at), error.message.size());
    findings.push_back(problem_of(check, {error.kind, error.message.substr(at, end - at)},
                                  ExitCode::Configuration));
    at = end + 1;
  }
}

void look_at_configuration(const std::string& file, Patient& patient, Findings& findings) {
  const auto text = read_file(file);
  if (!text) {
    Finding finding = problem_of("configuration", text.error(), ExitCode::Configuration);
    if (text.error().kind == ErrorKind::Missing)
      finding.advice = "join a fleet: sudo signet-agent join TOKEN; or name another with --config";
    findings.push_back(finding);
    return;
  }
  const auto config = parse_agent_config(to_text(*text), file);
  if (!config) return add_lines(findings, "configuration", config.error());
  patient.config = *config;
  patient.configured = true;
  if (const auto valid = merge_agent_config(*config, {}); !valid)
    return add_lines(findings, "configuration",
                     {valid.error().kind, file + ": " + valid.error().message});
  findings.push_back({"configuration", Level::Ok, file});
}

Finding look_at_keys(Patient& patient) {
  const AgentConfig& config = patient.config;
  if (config.encryption == config::EncryptionMode::Off)
    return {"keys", Level::Warning,
            "encryption is off: others on the network can read along, and vote",
            "set encryption = \"auto\", and join with a token"};
  if (config.key_file.empty())
    return {"keys", Level::Ok, "none: only this machine's own coordinator is spoken to"};
  patient.key_seen = !is_private_to_another(config.key_file);
  if (!patient.key_seen)
    return {"keys", Level::Unseen, config.key_file + " is for another user alone, as it should be"};
  auto keys = read_key_file(config.key_file);
  if (!keys) return problem_of("keys", keys.error(), ExitCode::Configuration);
  Finding finding{"keys", Level::Ok,
                  config.key_file + " is for its owner alone; public key " + keys->public_key};
  patient.encryption = Encryption{std::move(*keys), config.server_key};
  return finding;
}

Finding look_at_kernels() {
  const char* forced = std::getenv("SIGNET_KERNELS");
  std::string wrong;
  for (const Kernels& table : all_kernels()) {
    const bool asked_for = forced == nullptr || *forced == '\0' || table.name == forced;
    if (!asked_for || !table.available()) continue;
    if (!kernels::answers_rightly(table)) {
      wrong += " " + std::string(table.name);
      continue;
    }
    const std::string text = std::string(table.name) + ", which answer their known questions";
    if (wrong.empty()) return {"kernels", Level::Ok, text};
    return {"kernels", Level::Warning, text + "; wrong answers from" + wrong,
            "the processor or its memory may be failing: test it before trusting this board"};
  }
  return {"kernels", Level::Problem,
          wrong.empty() ? "SIGNET_KERNELS names none that this machine can run"
                        : "wrong answers from" + wrong,
          wrong.empty() ? "unset SIGNET_KERNELS" : "the processor or its memory is failing",
          ExitCode::Other};
}

Finding look_at_own_data(const Patient& patient) {
  bool denied = false;
  Finding finding = look_at_data(patient.config.data_path, [&](const std::string& path) {
    auto bytes = read_file(path);
    denied = denied || (!bytes && bytes.error().kind == ErrorKind::Denied);
    return bytes;
  });
  if (!denied || !patient.stranger) return finding;
  return {"data", Level::Unseen, patient.config.data_path + " may not be read by this user"};
}

Finding look_at_disk(const Patient& patient) {
  const auto writable =
      patient.stranger ? Status() : check_writable(std::string(kServiceFolder) + "/x");
  return judge_disk(kServiceFolder, space_left(kServiceFolder), writable);
}

DoorSeen look_at_door(const std::string& address, const Patient& patient, Duration patience) {
  const auto at = parse_endpoint(address);
  if (!at) return {address, at.error()};
  DoorSeen seen{address, reach(*at, patience)};
  if (!seen.reached || !patient.key_seen) return seen;
  seen.encrypted = patient.encryption.has_value();
  seen.knock = knock(*seen.reached, patient.encryption, patience);
  return seen;
}

void look_at_doors(const Patient& patient, Duration patience, Findings& findings) {
  Findings doors;
  for (const auto address : config::split_addresses(patient.config.coordinator)) {
    std::vector<std::string> behind{std::string(address)};
    if (address == kMdns) {
      const auto found = find_coordinator(patient.config.server_key);
      if (!found) doors.push_back(problem_of("coordinator", found.error(), ExitCode::Network));
      behind = found ? *found : std::vector<std::string>();
    }
    for (const std::string& one : behind)
      doors.push_back(judge_door(look_at_door(one, patient, patience)));
  }
  settle_doors(doors);
  findings.insert(findings.end(), doors.begin(), doors.end());
}

Finding look_at_service(const AgentConfig& config) {
  if (!exists("/run/systemd/system"))
    return {"service", Level::Ok, "this system has no systemd; signet-agent run serves as well"};
  const auto shown = output_of_program(
      {"systemctl", "show", "-p", "LoadState,ActiveState,UnitFileState,ExecMainStatus,ProtectHome",
       "signet-agent.service"},
      kSystemctl);
  if (!shown) return {"service", Level::Warning, shown.error().message};
  return judge_service(*shown, config.data_path);
}

std::int64_t seconds_since_1970() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

Findings examine(const DoctorOptions& options, bool stranger) {
  Findings findings;
  Patient patient;
  patient.stranger = stranger;
  look_at_configuration(options.config_file, patient, findings);
  if (patient.configured) {
    // First, so that a key that cannot be used is not taken for a coordinator's refusal.
    const Finding keys = look_at_keys(patient);
    findings.push_back(keys);
    if (!patient.config.data_path.empty()) findings.push_back(look_at_own_data(patient));
    if (keys.level != Level::Problem)
      look_at_doors(
          patient,
          std::chrono::duration_cast<Duration>(std::chrono::duration<double>(options.timeout_s)),
          findings);
  }
  findings.push_back(judge_memory(memory_available()));
  if (exists(kServiceFolder)) findings.push_back(look_at_disk(patient));
  findings.push_back(look_at_kernels());
  findings.push_back(judge_clock(seconds_since_1970()));
  findings.push_back(look_at_service(patient.config));
  return findings;
}

}  // namespace

ExitCode run_doctor(const DoctorOptions& options) {
  const bool of_service =
      options.config_file == DoctorOptions{}.config_file && user_exists(kServiceUser);
  const bool stranger = of_service && !is_root();
  if (of_service && !stranger) {
    if (auto done = become_user(kServiceUser); !done) {
      log_error_lines(done.error().message);
      return ExitCode::Other;
    }
  }
  const NoCoreDumps no_core_dumps;
  const Findings findings = examine(options, stranger);
  if (!print_out(options.json ? to_json(findings) : to_text(findings))) return ExitCode::Other;
  return exit_code_of(findings);
}

}  // namespace signet
