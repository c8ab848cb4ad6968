// Real processes under a service manager that listens as systemd does.
#include <algorithm>

#include "tests/core/platform/service_manager.hpp"
#include "tests/system/scene.hpp"

namespace signet {
namespace system_service_test {

using namespace test;

/// Everything that was heard so far.
class Listener {
 public:
  bool heard(const std::string& beginning) {
    for (auto& state : manager_.heard()) all_.push_back(std::move(state));
    return std::any_of(all_.begin(), all_.end(),
                       [&](const std::string& state) { return state.starts_with(beginning); });
  }
  void forget() { all_.clear(); }

 private:
  Manager manager_{"60000000"};
  Words all_;
};

std::string agent_file(const Scene& scene, const std::string& level) {
  return "coordinator = \"" + scene.address() + "\"\n[log]\nlevel = \"" + level + "\"\n";
}

TEST_CASE("an agent tells its manager how it does, and reloads its log level", "[system]") {
  Listener manager;
  Scene scene;
  const std::string file = scene / "agent.toml";
  write_text(file, agent_file(scene, "info"));
  auto agent = scene.start_agent(0, {"--config", file});
  require_soon(scene, [&] { return manager.heard("READY=1"); });
  require_soon(scene, [&] { return manager.heard("STATUS=looking for the coordinator"); });
  require_soon(scene, [&] { return manager.heard("WATCHDOG=1"); });

  manager.forget();
  write_text(file, agent_file(scene, "debug") + "[data]\npath = \"elsewhere\"\n");
  agent.signal(SIGHUP);
  require_soon(scene, [&] { return manager.heard("RELOADING=1\nMONOTONIC_USEC="); });
  require_soon(scene, [&] { return manager.heard("READY=1"); });
  CHECK(agent.says("the configuration was reloaded: log level debug"));
  CHECK_FALSE(agent.says("data.path: changed"));  // --data goes before the file

  write_text(file, "nmae = 1\n");
  agent.signal(SIGHUP);
  require_soon(scene, [&] { return agent.says("the configuration was not reloaded"); });
  CHECK(agent.says("did you mean name?"));

  agent.signal(SIGTERM);
  require_exit(scene, agent, 0);
  CHECK(manager.heard("STOPPING=1"));
}

TEST_CASE("a coordinator tells its manager what it waits for, and names keys that want a restart",
          "[system]") {
  Listener manager;
  Scene scene;
  const std::string file = scene / "coordinator.toml";
  write_text(file, "");
  auto coordinator = scene.start_coordinator({"--config", file});
  require_soon(scene, [&] { return manager.heard("READY=1"); });
  require_soon(scene, [&] { return manager.heard("STATUS=waiting for agents: 0 of 4"); });
  require_soon(scene, [&] { return manager.heard("WATCHDOG=1"); });

  write_text(file, "listen_updates = \"tcp://127.0.0.1:1\"\n");
  coordinator.signal(SIGHUP);
  require_soon(scene, [&] { return manager.heard("RELOADING=1"); });
  require_soon(scene, [&] {
    return coordinator.says("listen_updates: changed; it counts from the next start on");
  });
  coordinator.signal(SIGTERM);
  require_exit(scene, coordinator, 0);
  CHECK(manager.heard("STOPPING=1"));
}

TEST_CASE("a service that fails again and again waits before each start", "[system]") {
  const TemporaryFolder runtime;
  ::setenv("RUNTIME_DIRECTORY", runtime.path().c_str(), 1);
  Scene scene;
  for (const char* words : {"", "waits 1 s: the last start did not last a minute"}) {
    auto agent = scene.start_agent(0, {"--data", scene / "nowhere"});
    require_exit(scene, agent, 4);
    CHECK(agent.says(words));
  }
  ::unsetenv("RUNTIME_DIRECTORY");
}

TEST_CASE("a service that is stopped while it computes a gradient starts at once the next time",
          "[system]") {
  JobKnobs knobs;
  knobs.agents = 1;
  knobs.hidden = 2048;
  knobs.depth = 3;
  knobs.batch = 8192;  // a gradient of seconds at least
  Listener manager;
  Scene scene(knobs);
  auto coordinator = scene.start_coordinator();
  const TemporaryFolder runtime;
  ::setenv("RUNTIME_DIRECTORY", runtime.path().c_str(), 1);
  auto agent = scene.start_agent(0);
  ::unsetenv("RUNTIME_DIRECTORY");
  require_soon(scene, [&] { return coordinator.says("joined with"); });
  CHECK(exists(runtime / "short-runs"));
  nap(1000);
  agent.signal(SIGTERM);
  require_exit(scene, agent, 0);
  CHECK_FALSE(exists(runtime / "short-runs"));
  CHECK(manager.heard("STOPPING=1"));
}

TEST_CASE("a program that is no service ends with its terminal", "[system]") {
  Scene scene;
  auto agent = scene.start_agent(0);
  require_soon(scene, [&] { return agent.says("looks for its coordinator"); });
  agent.signal(SIGHUP);
  require_exit(scene, agent, 128 + SIGHUP);
}

}  // namespace system_service_test
}  // namespace signet
