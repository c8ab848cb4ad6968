#include "agent/join/join.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <optional>
#include <utility>

#include "agent/join/joined_config.hpp"
#include "core/platform/clock.hpp"
#include "core/platform/enrolment_client.hpp"
#include "core/platform/files.hpp"
#include "core/platform/log.hpp"
#include "core/platform/process.hpp"
#include "core/wire/enrolment.hpp"

namespace signet {

namespace {

constexpr const char* kServiceUser = "signet-agent";
constexpr const char* kService = "signet-agent.service";
constexpr Duration kPerAddress = std::chrono::seconds(5);

ExitCode join_failed(ExitCode code, const Error& error) {
  log_error_lines(error.message);
  return code;
}

Result<JoinToken> read_token(std::string& text) {
  if (text == "-") {
    std::array<char, kTokenTextMax> typed{};
    text.assign(typed.data(), std::fread(typed.data(), 1, typed.size(), stdin));
    std::ranges::fill(typed, '\0');
  }
  auto token = parse_token(text);
  wipe(text);
  return token;
}

Result<AgentConfig> config_before(const std::string& file) {
  if (!exists(file)) return AgentConfig{};
  const auto text = read_file(file);
  if (!text) return text.error();
  auto config = parse_agent_config(to_text(*text), file);
  if (!config) return config;
  if (auto once = check_not_joined(*config, file); !once) return once.error();
  return config;
}

/// The service runs as a user of its own, who must be able to read the key.
Result<KeyPair> key_pair_at(const std::string& path) {
  if (exists(path)) return read_key_file(path);
  const bool for_service = is_root() && user_exists(kServiceUser);
  return create_key_file(path, for_service ? kServiceUser : "");
}

Result<Bytes> ask_in_turn(const JoinToken& token, const KeyPair& keys, ByteView request,
                          Duration timeout) {
  const Instant end = steady_now() + timeout;
  const auto addresses = enrolment_addresses(token);
  if (addresses.empty())
    return Error{ErrorKind::Malformed,
                 "the token names no address; it was not made by `signet token`"};
  std::optional<Error> other_key;
  for (std::size_t i = 0;; ++i) {
    const std::size_t at = i % addresses.size();
    const std::string& address = addresses[at];
    // Each has its turn, however short the time is.
    const Duration wait = std::min(
        kPerAddress, (end - steady_now()) / static_cast<Duration::rep>(addresses.size() - at));
    auto answer = ask_for_enrolment({address, token.server_key}, keys, request, wait);
    if (answer) return answer;
    // At one address a stranger may answer, and at the next the coordinator.
    if (answer.error().kind == ErrorKind::Denied) other_key = answer.error();
    const bool last = i + 1 >= addresses.size() && (other_key || steady_now() >= end);
    if (last) return other_key.value_or(answer.error());
    log_info("{}", answer.error().message);
  }
}

Result<EnrolAnswer> enrol(const JoinToken& token, const KeyPair& keys, std::string name,
                          Duration timeout) {
  EnrolRequest request;
  request.secret = token.secret;
  request.name = std::move(name);
  request.host = name_from_host(host_name());
  request.software = "signet " SIGNET_VERSION;
  const auto answer = ask_in_turn(token, keys, encode(request), timeout);
  if (!answer) return answer.error();
  return decode_enrol_answer(*answer);
}

Status start_service() {
  for (const char* action : {"enable", "restart"}) {
    const auto code = run_program({"systemctl", action, kService});
    if (!code) return code.error();
    if (*code != 0)
      return Error{ErrorKind::Unavailable, std::string("systemctl ") + action + " " + kService +
                                               " failed; see what it said above"};
  }
  return {};
}

/// A board that is enrolled stays enrolled, whatever becomes of its service.
ExitCode start_if_wanted(const JoinOptions& options, const AgentConfig& config) {
  const std::string by_hand = "signet-agent run --config " + options.config_file;
  if (config.data_path.empty()) {
    log_warning("set path in [data] of {} to this board's training data; then start it: {}",
                options.config_file, by_hand);
    return ExitCode::Done;
  }
  // The service reads its own file, whatever this board has joined beside it.
  const bool of_service = options.config_file == JoinOptions{}.config_file;
  if (!options.start || !of_service || !is_root() || !exists("/run/systemd/system")) {
    log_info("start it: {}", by_hand);
    return ExitCode::Done;
  }
  if (auto started = start_service(); !started)
    return join_failed(ExitCode::Other, started.error());
  log_info("{} runs, and starts with the board", kService);
  return ExitCode::Done;
}

}  // namespace

ExitCode run_join(JoinOptions options) {
  const NoCoreDumps no_core_dumps;
  const auto token = read_token(options.token);
  if (!token) return join_failed(ExitCode::Usage, token.error());
  const auto before = config_before(options.config_file);
  if (!before) return join_failed(ExitCode::Configuration, before.error());
  if (auto writable = check_writable(options.config_file); !writable)
    return join_failed(ExitCode::Configuration, writable.error());
  const std::string key_file = key_path_of(options.config_file);
  const auto keys = key_pair_at(key_file);
  if (!keys) return join_failed(ExitCode::Configuration, keys.error());

  const auto timeout =
      std::chrono::duration_cast<Duration>(std::chrono::duration<double>(options.timeout_s));
  const auto answer = enrol(*token, *keys, wanted_name(*before, options), timeout);
  if (!answer)
    return join_failed(answer.error().kind == ErrorKind::Denied      ? ExitCode::Refused
                       : answer.error().kind == ErrorKind::Malformed ? ExitCode::Usage
                                                                     : ExitCode::Network,
                       answer.error());
  if (answer->verdict != EnrolVerdict::Enrolled)
    return join_failed(ExitCode::Refused,
                       {ErrorKind::Denied, "the coordinator answers: " + answer->text});
  const AgentConfig config = joined_config(*before, options, *token, key_file);
  const std::string text = agent_config_text(config);
  if (auto saved = write_public_file(options.config_file, view_bytes(text)); !saved)
    return join_failed(ExitCode::Configuration, saved.error());
  log_info("this board is agent {} of its fleet; its key is in {}, its configuration in {}",
           answer->name, key_file, options.config_file);
  return start_if_wanted(options, config);
}

}  // namespace signet
