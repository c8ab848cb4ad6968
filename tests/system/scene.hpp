#pragma once

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>

#include "tests/core/platform/temporary_folder.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/synthetic.hpp"
#include "tests/system/process.hpp"

namespace signet::test {

using Words = std::vector<std::string>;

inline constexpr std::size_t kSide = 8, kClasses = 4, kTrain = 800, kTest = 400;

/// What the tests vary in a job; the rest is the same for all of them.
struct JobKnobs {
  std::string name = "blobs";
  unsigned rounds = 60, agents = 4, quorum = 1, batch = 16, micro_batches = 4;
  unsigned hidden = 0;  ///< units of a hidden layer; 0: softmax regression
  unsigned depth = 1;   ///< how many such layers
  std::size_t side = kSide, classes = kClasses;
  std::string rate = "controller = \"guarded\"";
  double heartbeat_s = 0.2, silence_s = 20, rejoin_s = 60;
  /// So long that no board misses a round, however busy this machine is.
  double deadline_min_s = 100, deadline_max_s = 100;
  unsigned evaluate_every = 20, snapshot_every = 25;
};

inline std::string job_text(const JobKnobs& knobs) {
  std::ostringstream job;
  job << "name = \"" << knobs.name << "\"\nseed = 7\n\n"
      << "[data]\nformat = \"idx\"\nclasses = " << knobs.classes << "\n\n"
      << "[model]\ninput = [1, " << knobs.side << ", " << knobs.side << "]\nlayers = [\n"
      << "  { type = \"flatten\" },\n";
  for (unsigned layer = 0; layer < knobs.depth && knobs.hidden > 0; ++layer)
    job << "  { type = \"dense\", units = " << knobs.hidden << " },\n  { type = \"relu\" },\n";
  job << "  { type = \"dense\", units = " << knobs.classes << " },\n]\n\n"
      << "[training]\nbatch = " << knobs.batch << "\nmicro_batches = " << knobs.micro_batches
      << "\n\n[rate]\n"
      << knobs.rate << "\n\n[round]\nagents = " << knobs.agents << "\nquorum = " << knobs.quorum
      << "\ndeadline_min_s = " << knobs.deadline_min_s
      << "\ndeadline_max_s = " << knobs.deadline_max_s << "\nheartbeat_s = " << knobs.heartbeat_s
      << "\nsilence_s = " << knobs.silence_s << "\nrejoin_s = " << knobs.rejoin_s
      << "\n\n[stop]\nrounds = " << knobs.rounds
      << "\n\n[state]\nsnapshot_every = " << knobs.snapshot_every
      << "\n\n[evaluate]\nevery = " << knobs.evaluate_every << "\n";
  return job.str();
}

/// The path of one of our programs, behind the emulator that a foreign one needs.
inline Words program(const char* path) {
  Words words;
  std::istringstream emulator(SIGNET_EMULATOR);
  for (std::string word; std::getline(emulator, word, '|');)
    if (!word.empty()) words.push_back(word);
  words.emplace_back(path);
  return words;
}

/// An address of this machine as the socket calls want it.
inline sockaddr loopback(unsigned port) {
  sockaddr_in at = {};
  at.sin_family = AF_INET;
  at.sin_port = htons(static_cast<std::uint16_t>(port));
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr address = {};
  static_assert(sizeof at == sizeof address);
  std::memcpy(&address, &at, sizeof at);
  return address;
}

/// A command with more options; those that it has get the new values.
inline Words with_options(Words command, const Words& more) {
  for (std::size_t i = 0; i < more.size(); ++i) {
    const auto given = std::find(command.begin(), command.end(), more[i]);
    if (given == command.end()) {
      command.push_back(more[i]);
    } else {
      *(given + 1) = more[++i];
    }
  }
  return command;
}

/// A socket that listens at a port of this machine; not open when the port is taken.
class PortHolder {
 public:
  explicit PortHolder(unsigned port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const sockaddr address = loopback(port);
    const int again = 1;  // as libzmq does: connections of before do not count
    ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &again, sizeof again);
    open_ = ::bind(fd_, &address, sizeof address) == 0 && ::listen(fd_, 1) == 0;
  }
  ~PortHolder() { ::close(fd_); }
  PortHolder(const PortHolder&) = delete;
  PortHolder& operator=(const PortHolder&) = delete;

  bool open() const { return open_; }

 private:
  int fd_;
  bool open_ = false;
};

/// A free port whose next one is free too. Below those that the system gives to connections, and
/// tests that run at the same time begin to look at different places.
inline unsigned free_ports() {
  static unsigned next = 0;
  for (int tries = 0; tries < 1000; ++tries) {
    const unsigned port = 20'000 + (static_cast<unsigned>(::getpid()) * 8 + 2 * next++) % 12'000;
    if (PortHolder(port).open() && PortHolder(port + 1).open()) return port;
  }
  SIGNET_CHECK(false, "no free ports between 20000 and 32000");
}

inline void write_text(const std::string& path, const std::string& text) {
  const auto written = write_file_atomically(path, view_bytes(text));
  SIGNET_CHECK(written, written ? "" : written.error().message);
}

inline void write_folder(const std::string& path, const Folder& files) {
  std::filesystem::create_directories(path);
  for (const auto& [name, bytes] : files) {
    const auto written = write_file_atomically(path + "/" + name, bytes);
    SIGNET_CHECK(written, written ? "" : written.error().message);
  }
}

/// One fleet on this machine: a folder with data, a job, a port, and the processes.
class Scene {
 public:
  explicit Scene(const JobKnobs& knobs = {}) : knobs_(knobs), port_(free_ports()) {
    write_folder(data(), make_idx_set(kTrain, kTest, kSide, kClasses, 1));
    write_text(job(), job_text(knobs));
  }

  std::string operator/(const std::string& name) const { return folder_ / name; }
  std::string data() const { return folder_ / "data"; }
  std::string job() const { return folder_ / "job.toml"; }
  std::string state() const { return state_.empty() ? folder_ / "run.signet" : state_; }
  std::string json() const { return folder_ / "run.json"; }
  std::string model() const { return folder_ / "run.safetensors"; }
  std::string address() const { return "tcp://127.0.0.1:" + std::to_string(port_); }
  unsigned port() const { return port_; }
  /// Where the state file lies from now on.
  void set_state(std::string path) { state_ = std::move(path); }

  Words coordinator_command(const Words& more = {}) const {
    Words words = program(SIGNET_COORDINATOR);
    for (const auto& word : {std::string("run"), job(), std::string("--listen"), address(),
                             std::string("--state"), state(), std::string("--data"), data(),
                             std::string("--json"), json(), std::string("--export"), model()})
      words.push_back(word);
    return with_options(std::move(words), more);
  }
  Words agent_command(std::size_t index, const Words& more = {}) const {
    Words words = program(SIGNET_AGENT);
    for (const auto& word :
         {std::string("run"), std::string("--name"), name_of(index), std::string("--coordinator"),
          address(), std::string("--data"), data(), std::string("--shard"),
          std::to_string(index) + "/" + std::to_string(knobs_.agents)})
      words.push_back(word);
    return with_options(std::move(words), more);
  }
  static std::string name_of(std::size_t index) { return "agent-" + std::to_string(index); }

  /// Any command; what it says is remembered for story().
  Process start(const Words& command, const std::string& role, const std::string& tty = "") {
    const std::string log = folder_ / (role + "-log-" + std::to_string(logs_.size()));
    logs_.push_back(log);
    return Process(command, log, tty);
  }
  /// A coordinator that says every fifth of a second how far it is.
  Process start_coordinator(const Words& more = {"--progress", "line"}) {
    return start(coordinator_command(more), "coordinator");
  }
  Process start_agent(std::size_t index, const Words& more = {}) {
    return start(agent_command(index, more), name_of(index));
  }
  std::vector<Process> start_agents() {
    std::vector<Process> agents;
    for (std::size_t i = 0; i < knobs_.agents; ++i) agents.push_back(start_agent(i));
    return agents;
  }

  /// What all processes said, for a test that fails.
  std::string story() const {
    std::string all;
    for (const auto& log : logs_)
      for (const char* end : {".out", ".err"})
        if (const std::string text = text_of(log + end); !text.empty())
          all +=
              "--- " + log.substr(folder_.path().size() + 1) + end + "\n" + last_part(text) + "\n";
    return all;
  }

  nlohmann::json figures() const { return nlohmann::json::parse(text_of(json()), nullptr, false); }

 private:
  static std::string last_part(std::string text) {
    constexpr std::size_t kPart = 3000;
    for (char& c : text)
      if (c == '\r') c = '\n';
    return text.size() > kPart ? "..." + text.substr(text.size() - kPart) : text;
  }

  TemporaryFolder folder_;
  JobKnobs knobs_;
  unsigned port_;
  std::string state_;
  std::vector<std::string> logs_;
};

/// The last "round N/" that a coordinator showed; 0 before the first.
inline std::uint64_t round_shown(const Process& coordinator) {
  const std::string out = coordinator.out();
  const auto at = out.rfind("round ");
  if (at == std::string::npos) return 0;
  const auto slash = out.find_first_not_of("0123456789", at + 6);
  if (slash == std::string::npos || out[slash] != '/') return 0;
  return std::strtoull(out.c_str() + at + 6, nullptr, 10);
}

/// Fails the test, with all that was said, unless the process ends with `code`.
inline void require_exit(const Scene& scene, Process& process, int code, Duration within = kLong) {
  const auto ended = process.wait(within);
  INFO(scene.story());
  REQUIRE(ended.has_value());
  REQUIRE(*ended == code);
}

/// Coordinator and agents, which are to end with code 0; the figures of the run.
inline nlohmann::json require_finish(Scene& scene, Process& coordinator,
                                     std::vector<Process>& agents) {
  require_exit(scene, coordinator, 0);
  for (auto& agent : agents) require_exit(scene, agent, 0);
  const auto figures = scene.figures();
  INFO(scene.story());
  REQUIRE(figures.is_object());
  return figures;
}

/// Waits, but not for ever, and tells all that was said when it was in vain.
template <typename Done>
void require_soon(const Scene& scene, Done&& done, Duration within = kLong) {
  const bool came = eventually(done, within);
  INFO(scene.story());
  REQUIRE(came);
}

/// Waits until the coordinator has closed more than `rounds` rounds after `since`.
inline std::uint64_t await_rounds(const Scene& scene, Process& coordinator, std::uint64_t since,
                                  std::uint64_t rounds) {
  require_soon(scene,
               [&] { return round_shown(coordinator) > since + rounds || !coordinator.running(); });
  INFO(scene.story());
  REQUIRE(coordinator.running());
  return round_shown(coordinator);
}

/// A job that is not over before a test wants it to be: see finish_soon(). Its rate follows the
/// agents' estimates, but not the number of rounds, so that a shorter run is the same up to its
/// end.
inline JobKnobs endless_job() {
  JobKnobs knobs;
  knobs.rounds = 1'000'000;
  knobs.rate = "controller = \"paper\"";
  knobs.hidden = 64;
  knobs.batch = 64;
  knobs.evaluate_every = 100;
  return knobs;
}

/// Stops the coordinator in the middle of a run; the figures up to there.
inline nlohmann::json stop_here(Scene& scene, Process& coordinator) {
  coordinator.signal(SIGTERM);
  require_exit(scene, coordinator, 0);
  auto figures = scene.figures();
  REQUIRE(figures.is_object());
  return figures;
}

/// How a job that does not end by itself was ended.
struct Ending {
  nlohmann::json stopped;   ///< the figures when it was stopped
  nlohmann::json finished;  ///< after it was begun again with a few more rounds to do
};
inline Ending finish_soon(Scene& scene, Process& coordinator, std::vector<Process>& agents) {
  Ending ending{stop_here(scene, coordinator), {}};
  const auto rounds = ending.stopped.at("rounds").get<std::uint64_t>() + 30;
  coordinator = scene.start_coordinator({"--progress", "line", "--rounds", std::to_string(rounds)});
  ending.finished = require_finish(scene, coordinator, agents);
  CHECK(ending.finished.at("rounds") == rounds);
  CHECK(ending.finished.at("replicas_equal") == true);
  return ending;
}

/// Fails unless `figures` have the digest that this job has after as many rounds when nothing
/// happens to it.
inline void check_as_undisturbed(const JobKnobs& knobs, const nlohmann::json& figures) {
  Scene scene(knobs);
  auto coordinator =
      scene.start_coordinator({"--rounds", std::to_string(figures.at("rounds").get<int>())});
  auto agents = scene.start_agents();
  CHECK(require_finish(scene, coordinator, agents).at("digest") == figures.at("digest"));
}

/// A whole run without disturbance.
inline nlohmann::json undisturbed(Scene& scene) {
  auto coordinator = scene.start_coordinator();
  auto agents = scene.start_agents();
  return require_finish(scene, coordinator, agents);
}

}  // namespace signet::test
