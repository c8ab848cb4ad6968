#include "core/base/random.hpp"
#include "core/platform/transport.hpp"
#include "tests/core/platform/words.hpp"
#include "tests/system/scene.hpp"

namespace signet {
namespace system_bad_peer_test {

using namespace test;

/// A TCP connection that speaks no protocol.
class Stranger {
 public:
  explicit Stranger(unsigned port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const sockaddr address = loopback(port);
    connected_ = ::connect(fd_, &address, sizeof address) == 0;
  }
  ~Stranger() { ::close(fd_); }
  Stranger(const Stranger&) = delete;
  Stranger& operator=(const Stranger&) = delete;

  bool connected() const { return connected_; }
  /// As much as the other side takes: it may hang up at any byte.
  void send(const std::string& bytes) const {
    ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }

 private:
  int fd_;
  bool connected_ = false;
};

std::string noise(std::size_t size, Rng& rng) {
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(rng.below(256));
  return bytes;
}

/// ZeroMQ's greeting, without encryption: what comes after it is read as a frame.
std::string greeting() {
  std::string bytes = "\xff";
  bytes += std::string(8, '\0') + "\x7f\x03";
  bytes += std::string(1, '\0') + "NULL" + std::string(48, '\0');
  return bytes;
}

/// Speaks ZeroMQ and sends what is no message of ours.
void send_nonsense(const Scene& scene, Rng& rng) {
  auto peer = AgentTransport::open({scene.address(), 1U << 20U});
  REQUIRE(peer);
  int sent = 0;
  require_soon(scene, [&] {
    const Bytes frame = to_bytes(view_bytes(noise(1 + rng.below(5000), rng)));
    std::vector<Bytes> frames(1 + rng.below(4), frame);
    sent += (*peer)->send(frames) ? 1 : 0;
    return sent >= 50;
  });
}

TEST_CASE("strangers, garbage and a flood of connections do not disturb a run", "[system]") {
  const auto knobs = endless_job();
  Scene scene(knobs);
  auto coordinator = scene.start_coordinator();
  auto agents = scene.start_agents();
  auto round = await_rounds(scene, coordinator, 0, 10);
  Rng rng(6);
  std::vector<std::unique_ptr<Stranger>> strangers;
  for (std::size_t i = 0; i < 200; ++i) {
    strangers.push_back(std::make_unique<Stranger>(scene.port() + static_cast<unsigned>(i % 2)));
    CHECK(strangers.back()->connected());
    if (i % 4 == 1) strangers.back()->send(noise(1 + rng.below(100'000), rng));
    if (i % 4 == 2) strangers.back()->send(greeting() + noise(1 + rng.below(10'000), rng));
    // A frame that says of itself that it is longer than all memory.
    if (i % 4 == 3) strangers.back()->send(greeting() + "\x02\x7f" + std::string(7, '\xff'));
  }
  send_nonsense(scene, rng);
  round = await_rounds(scene, coordinator, round, 50);
  strangers.resize(100);
  await_rounds(scene, coordinator, round, 50);
  const auto ending = finish_soon(scene, coordinator, agents);
  INFO(scene.story());
  CHECK(ending.finished.at("agents") == 4);
  check_as_undisturbed(knobs, ending.stopped);
}

TEST_CASE("what is no message is told in the log, but not once for each", "[system]") {
  JobKnobs knobs;
  Scene scene(knobs);
  auto coordinator = scene.start_coordinator();
  require_soon(scene, [&] { return coordinator.says("agents may join"); });
  Rng rng(8);
  send_nonsense(scene, rng);
  require_soon(scene, [&] { return coordinator.says("unreadable message"); });
  auto agents = scene.start_agents();
  CHECK(require_finish(scene, coordinator, agents).at("replicas_equal") == true);
  const std::string text = coordinator.err(), words = "unreadable message";
  std::size_t lines = 0;
  for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++lines;
  CHECK(lines <= 10);
}

TEST_CASE("a second agent of one name waits and says so, the first goes on undisturbed",
          "[system]") {
  const auto knobs = endless_job();
  Scene scene(knobs);
  auto coordinator = scene.start_coordinator();
  auto agents = scene.start_agents();
  const auto round = await_rounds(scene, coordinator, 0, 10);
  auto twin = scene.start_agent(1);
  require_soon(scene, [&] { return twin.says("name taken"); });
  CHECK(words_missing(twin.err(), {"another agent named 'agent-1'", "--name"}) == "");
  await_rounds(scene, coordinator, round, 50);
  CHECK(twin.running());
  CHECK_FALSE(agents[1].says("name taken"));
  twin.kill();
  const auto ending = finish_soon(scene, coordinator, agents);
  check_as_undisturbed(knobs, ending.stopped);
}

TEST_CASE("an agent that computes for longer than the silence limit is not lost", "[system]") {
  constexpr double kSilence = 1;
  double seconds_a_round = 0;
  // As large as this machine needs it.
  for (unsigned hidden = 256; seconds_a_round < 1.5 * kSilence; hidden *= 2) {
    REQUIRE(hidden < 100'000);
    JobKnobs knobs;
    knobs.agents = 2;
    knobs.rounds = 1;
    knobs.hidden = hidden;
    knobs.batch = 65'536;
    knobs.silence_s = kSilence;
    knobs.heartbeat_s = 0.1;
    Scene scene(knobs);
    const auto figures = undisturbed(scene);
    seconds_a_round = figures.at("seconds").get<double>();
    INFO(scene.story());
    CHECK(figures.at("rounds") == 1);
    CHECK(figures.at("agents") == 2);
    CHECK(figures.at("replicas_equal") == true);
    CHECK(scene.story().find("is lost") == std::string::npos);
    CHECK(scene.story().find("closes without") == std::string::npos);
    CHECK(scene.story().find("joining again") == std::string::npos);
  }
}

TEST_CASE("a run that diverges ends with 8 and says who could not vote, and why", "[system]") {
  JobKnobs knobs;
  knobs.rate = "controller = \"fixed\"\nvalue = 1000";
  knobs.rounds = 1000;
  knobs.hidden = 16;
  knobs.depth = 16;  // 1000 to the 16th is more than a float can hold
  Scene scene(knobs);
  auto coordinator = scene.start_coordinator();
  auto agents = scene.start_agents();
  require_exit(scene, coordinator, 8);
  for (auto& agent : agents) {
    require_exit(scene, agent, 0);
    CHECK(words_missing(agent.err(), {"abstains from round", "is not finite"}) == "");
  }
  const auto figures = scene.figures();
  REQUIRE(figures.is_object());
  CHECK(figures.at("rounds").get<int>() > 100);
  CHECK(figures.at("rounds").get<int>() < 1000);
  CHECK(figures.at("replicas_equal") == true);
  CHECK(words_missing(coordinator.err(), {"agent agent-0 abstained in round", "is not finite"}) ==
        "");
  CHECK(coordinator.says("training has diverged"));
}

}  // namespace system_bad_peer_test
}  // namespace signet
