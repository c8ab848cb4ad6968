// Agents that find their coordinator by Avahi, whose command is a script here. ./dev mdns tries the
// real one.
#include "tests/system/keys_scene.hpp"

namespace signet {
namespace system_mdns_test {

using namespace test;

/// A folder that is the whole PATH of what is started while this lives.
class OnlyPath {
 public:
  explicit OnlyPath(const std::string& folder) : before_(std::getenv("PATH")) {
    std::filesystem::create_directories(folder);
    ::setenv("PATH", folder.c_str(), 1);
  }
  ~OnlyPath() { ::setenv("PATH", before_.c_str(), 1); }
  OnlyPath(const OnlyPath&) = delete;
  OnlyPath& operator=(const OnlyPath&) = delete;

 private:
  std::string before_;
};

std::string announced(unsigned port, const std::string& key) {
  return "=;lo;IPv4;Signet;_signet._tcp;local;lab.local;127.0.0.1;" + std::to_string(port) +
         ";\"key=" + key + "\"\n";
}

/// An avahi-browse that says what the file `said` holds.
void write_browser(const std::string& folder, const std::string& said) {
  const std::string path = folder + "/avahi-browse";
  write_text(path, "#!/bin/sh\nwhile read -r line; do echo \"$line\"; done <" + said + "\n");
  REQUIRE(::chmod(path.c_str(), 0755) == 0);
}

TEST_CASE("an agent finds the coordinator that has its key among those announced",
          "[system][keys]") {
  KeysScene scene(two_boards());
  auto coordinator = scene.start_and_wait();
  scene.enrol_all();
  const std::string config = text_of(scene.config(0)), mark = "server_key = \"";
  const std::string key = config.substr(config.find(mark) + mark.size(), 40);
  const std::string folder = scene / "bin";
  const OnlyPath path(folder);
  // A liar with the fleet's own key, where nobody is; and another fleet, where the coordinator is.
  write_text(scene / "said", announced(1, key) + announced(scene.port(), std::string(40, 'x')) +
                                 announced(scene.port(), key));
  write_browser(folder, scene / "said");
  std::vector<Process> agents;
  for (std::size_t i = 0; i < 2; ++i)
    agents.push_back(scene.start_joined(i, {"--coordinator", "mdns"}));
  await_rounds(scene, coordinator, 0, 10);
  stop_here(scene, coordinator);
}

TEST_CASE("an agent that is to look, and has nothing to look with, says what to install",
          "[system][keys]") {
  KeysScene scene(two_boards());
  auto coordinator = scene.start_and_wait();
  scene.enrol_all();
  const OnlyPath path(scene / "bin");
  auto agent = scene.start_joined(0, {"--coordinator", "mdns"});
  require_soon(scene, [&] { return agent.says("sudo apt install avahi-daemon avahi-utils"); });
  CHECK(agent.running());
  agent.signal(SIGTERM);
  require_exit(scene, agent, 0);
  // With an address beside it the look is not needed.
  std::vector<Process> agents;
  for (std::size_t i = 0; i < 2; ++i)
    agents.push_back(scene.start_joined(i, {"--coordinator", "mdns," + scene.address()}));
  await_rounds(scene, coordinator, 0, 5);
}

TEST_CASE("a coordinator's announcement has its own key and port", "[system][keys]") {
  KeysScene scene(two_boards());
  auto coordinator = scene.start_and_wait();
  Words command = program(SIGNET_COORDINATOR);
  for (const auto& word : {std::string("announce"), std::string("--fleet"), scene.fleet(),
                           std::string("--listen"), std::string("tcp://0.0.0.0:7310")})
    command.push_back(word);
  auto announce = scene.start(command, "announce");
  require_exit(scene, announce, 0);
  CHECK(words_missing(announce.out(), {"<port>7310</port>", "<txt-record>key="}) == "");
  command.at(command.size() - 3) = scene / "none";
  auto nothing = scene.start(command, "announce");
  require_exit(scene, nothing, 3);
  CHECK(words_missing(nothing.err(), {"none.key", "--fleet"}) == "");
}

}  // namespace system_mdns_test
}  // namespace signet
