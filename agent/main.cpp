#include <cstdio>
#include <cstdlib>

#include "agent/daemon.hpp"
#include "agent/options.hpp"
#include "core/platform/files.hpp"
#include "core/platform/log.hpp"
#include "core/wire/codec.hpp"

namespace signet {

namespace {

// Updates of models up to half a billion parameters; the agent does not know its model yet.
constexpr std::size_t kFrameMax = std::size_t{64} << 20;

ExitCode fail(ExitCode code, const Error& error) {
  log_error_lines(error.message);
  return code;
}

Result<AgentConfig> read_config(const AgentOptions& options) {
  AgentConfig from_file;
  if (options.config_file) {
    auto text = read_file(*options.config_file);
    if (!text) return text.error();
    auto parsed = parse_agent_config(to_text(*text), *options.config_file);
    if (!parsed) return parsed.error();
    from_file = std::move(*parsed);
  }
  auto config = merge_agent_config(from_file, options);
  if (config && config->name.empty()) config->name = name_from_host(host_name());
  return config;
}

ExitCode run_agent(const AgentOptions& options) {
  auto config = read_config(options);
  if (!config) return fail(ExitCode::Configuration, config.error());
  if (auto set = set_log_level(config->log_level); !set)
    return fail(ExitCode::Configuration, set.error());
  if (!exists(config->data_path))
    return fail(ExitCode::Data,
                {ErrorKind::Missing, "data.path: there is no " + config->data_path +
                                         "; give the folder or file of this board's data"});
  if (options.check) {
    std::printf("configuration is valid: agent '%s', coordinator %s, data %s\n",
                config->name.c_str(), config->coordinator.c_str(), config->data_path.c_str());
    return ExitCode::Done;
  }
  Waker waker;
  const StopSignals signals(waker);
  auto transport = AgentTransport::open({config->coordinator, kFrameMax});
  if (!transport) return fail(ExitCode::Network, transport.error());
  AgentDaemon daemon(*config, **transport, waker, signals);
  const ExitCode code = daemon.run();
  transport->reset();  // the last words leave before the process does
  // A gradient that nobody waits for may take a slow board minutes; nothing of it is kept.
  if (!daemon.idle()) std::_Exit(static_cast<int>(code));
  return code;
}

}  // namespace

}  // namespace signet

int main(int argc, char** argv) {
  const auto parsed = signet::parse_agent_options({argv + 1, argv + argc});
  if (const auto* now = std::get_if<signet::ExitNow>(&parsed)) {
    std::fputs(now->text.c_str(), now->code == signet::ExitCode::Done ? stdout : stderr);
    return static_cast<int>(now->code);
  }
  return static_cast<int>(signet::run_agent(std::get<signet::AgentOptions>(parsed)));
}
