// With keys on: what each sentence of docs/security.md promises, tried on real processes.
#include <sys/stat.h>

#include "core/identity/token.hpp"
#include "core/platform/enrolment_client.hpp"
#include "core/platform/keys.hpp"
#include "core/platform/transport.hpp"
#include "core/wire/codec.hpp"
#include "core/wire/enrolment.hpp"
#include "tests/system/keys_scene.hpp"

namespace signet {
namespace system_identity_test {

using namespace test;

std::string server_key_of(const KeysScene& scene) {
  const auto keys = read_key_file(scene.fleet() + ".key");
  REQUIRE(keys);
  return keys->public_key;
}

std::unique_ptr<AgentTransport> connect(const KeysScene& scene, KeyPair own) {
  auto opened =
      AgentTransport::open({scene.address(), std::size_t{1} << 20, 64,
                            AgentTransport::Encryption{std::move(own), server_key_of(scene)}});
  REQUIRE(opened);
  return std::move(*opened);
}

/// The next message of a kind, or a failed test.
template <typename T>
T await(AgentTransport& transport) {
  const Waker nobody;
  std::optional<T> found;
  Received got;
  const bool came = eventually([&] {
    transport.wait(nobody, std::chrono::milliseconds(10));
    while (!found && transport.receive(got)) {
      std::vector<ByteView> frames;
      for (const auto& frame : got.frames) frames.push_back(frame->bytes());
      auto message = decode(frames);
      if (message && std::holds_alternative<T>(*message)) found = std::get<T>(*message);
    }
    return found.has_value();
  });
  REQUIRE(came);
  return *found;
}

bool say(AgentTransport& transport, const Message& message) {
  const Waker nobody;
  return eventually([&] {
    const bool sent = transport.send(encode(message));
    transport.wait(nobody, std::chrono::milliseconds(10));
    return sent;
  });
}

Hello hello(const std::string& name) {
  Hello message;
  message.name = name;
  return message;
}

TEST_CASE("no vote counts without an enrolled key", "[system][keys]") {
  KeysScene scene(two_boards());
  auto coordinator = scene.start_and_wait();
  scene.enrol_all();
  auto agents = scene.start_all_joined();
  await_rounds(scene, coordinator, 0, 5);
  // A stranger with a key of his own, a board without one, and one that speaks no ZeroMQ.
  const auto stranger = connect(scene, make_key_pair());
  auto plain = scene.start(scene.agent_command(0, {"--name", "mallory"}), "plain");
  const Waker nobody;
  const bool denied = eventually([&] {
    stranger->send(encode(Message{hello("agent-0")}));
    stranger->wait(nobody, std::chrono::milliseconds(10));
    return stranger->trouble() == AgentTransport::Trouble::Denied;
  });
  CHECK(denied);
  require_soon(scene, [&] { return plain.says("closes the connection at once"); });
  await_rounds(scene, coordinator, round_shown(coordinator), 20);
  CHECK(scene.status().at("agents_known") == 2);
  CHECK(scene.agent("mallory").is_null());
  CHECK(plain.running());
}

TEST_CASE("one identity cannot vote as another", "[system][keys]") {
  KeysScene scene(two_boards());
  auto coordinator = scene.start_and_wait();
  scene.enrol_all();
  auto first = scene.start_joined(0);
  require_soon(scene, [&] { return coordinator.says("agent agent-0 joined"); });
  const auto other = connect(scene, *read_key_file(scene.key(1)));
  REQUIRE(say(*other, hello("agent-0")));
  const auto refusal = await<Refuse>(*other);
  CHECK(refusal.reason == RefusalReason::NameMismatch);
  CHECK(words_missing(refusal.text, {"'agent-1'", "'agent-0'"}) == "");
  CHECK(scene.agent("agent-0").at("state") == "ready");
  // The board itself, where its configuration says another name.
  auto liar = scene.start_joined(1, {"--name", "agent-0"});
  require_exit(scene, liar, 7);
  CHECK(liar.says("enrolled as 'agent-1'"));
}

TEST_CASE("one identity cannot vote twice, from two boards with one key", "[system][keys]") {
  auto knobs = two_boards();
  knobs.heartbeat_s = 0.1;
  KeysScene scene(knobs);
  auto coordinator = scene.start_and_wait();
  scene.enrol_all();
  auto agents = scene.start_all_joined();
  await_rounds(scene, coordinator, 0, 5);
  // A copied card. Each takes the place from the other, and never do both vote.
  auto copy = scene.start_joined(1);
  await_rounds(scene, coordinator, round_shown(coordinator), 30);
  CHECK(scene.status().at("agents_live") == 2);
  const auto both = scene.agent("agent-1");
  const auto rounds = scene.status().at("round").get<std::uint64_t>();
  CHECK(both.at("votes").get<std::uint64_t>() <= rounds + 1);
}

TEST_CASE("a known key that comes back takes the place of its old session at once",
          "[system][keys]") {
  auto knobs = two_boards();
  knobs.heartbeat_s = 5;  // Without keys a name is free after two and a half of them.
  knobs.silence_s = 60;
  knobs.deadline_min_s = knobs.deadline_max_s = 100;
  KeysScene scene(knobs);
  auto coordinator = scene.start_and_wait();
  scene.enrol_all();
  auto agents = scene.start_all_joined();
  const auto before = await_rounds(scene, coordinator, 0, 5);
  agents[1].kill();
  const Instant killed = steady_now();
  agents[1] = scene.start_joined(1);
  await_rounds(scene, coordinator, std::max(before, round_shown(coordinator)), 2);
  CHECK(seconds(steady_now() - killed) < 10);
  CHECK_FALSE(agents[1].says("name taken"));
}

TEST_CASE("a revoked agent is cut off at once, and the others go on", "[system][keys]") {
  KeysScene scene(two_boards());
  auto coordinator = scene.start_and_wait();
  scene.enrol_all();
  auto agents = scene.start_all_joined();
  await_rounds(scene, coordinator, 0, 5);
  scene.ordered({"revoke", "agent-1"});
  const auto votes = scene.agent("agent-1").at("votes");
  CHECK(scene.agent("agent-1").at("key") == "revoked");
  CHECK(scene.status().at("agents_live") == 1);
  require_soon(scene, [&] { return agents[1].says("does not let this board's key in"); });
  await_rounds(scene, coordinator, round_shown(coordinator), 20);
  CHECK(scene.agent("agent-1").at("votes") == votes);
  CHECK(scene.status().at("agents_live") == 1);
  // Neither a restart of the board nor one of the coordinator changes that.
  agents[1].kill();
  agents[1] = scene.start_joined(1);
  require_soon(scene, [&] { return agents[1].says("does not let this board's key in"); });
  coordinator.kill();
  coordinator = scene.start_and_wait();
  await_rounds(scene, coordinator, 0, 5);
  CHECK(scene.status().at("agents_live") == 1);
  CHECK(scene.agent("agent-1").at("key") == "revoked");
  // Its name is free for another key.
  agents[1].kill();
  std::filesystem::remove(scene.config(1));
  auto old_key = scene.join(1, scene.token());
  require_exit(scene, old_key, 7);
  CHECK(words_missing(old_key.err(), {"was revoked", "delete its key file"}) == "");
  std::filesystem::remove(scene.key(1));
  scene.enrol(1);
  agents[1] = scene.start_joined(1);
  require_soon(scene, [&] { return scene.status().at("agents_live") == 2; });
}

TEST_CASE("a revoked agent hears no more updates", "[system][keys]") {
  KeysScene scene(two_boards());
  auto coordinator = scene.start_and_wait();
  scene.enrol_all();
  auto agents = scene.start_all_joined();
  await_rounds(scene, coordinator, 0, 5);
  agents[1].kill();
  // Reads along with the key of board 1, which it may, until it is revoked.
  const auto reader = connect(scene, *read_key_file(scene.key(1)));
  REQUIRE(reader->subscribe(static_cast<std::uint16_t>(scene.port() + 1)));
  await<Update>(*reader);
  scene.ordered({"revoke", "agent-1"});
  const Waker nobody;
  Received got;
  const auto drain = [&] {
    reader->wait(nobody, std::chrono::milliseconds(10));
    std::size_t taken = 0;
    while (reader->receive(got)) ++taken;
    return taken;
  };
  const Instant cut = steady_now();
  while (seconds(steady_now() - cut) < 0.5) drain();  // what was on its way
  const auto round = await_rounds(scene, coordinator, round_shown(coordinator), 20);
  CHECK(round > 0);
  CHECK(drain() == 0);
}

TEST_CASE("a renamed agent goes on under its new name, now and after a restart", "[system][keys]") {
  KeysScene scene(two_boards());
  auto coordinator = scene.start_and_wait();
  scene.enrol_all();
  auto agents = scene.start_all_joined();
  await_rounds(scene, coordinator, 0, 5);
  scene.ordered({"rename", "agent-1", "attic"});
  await_rounds(scene, coordinator, round_shown(coordinator), 10);
  CHECK(scene.agent("attic").at("state") == "voting");
  CHECK(scene.agent("agent-1").is_null());
  coordinator.kill();
  coordinator = scene.start_and_wait();
  await_rounds(scene, coordinator, 0, 5);
  CHECK(scene.agent("attic").at("state") == "voting");
  CHECK(scene.agent("agent-1").is_null());
  CHECK(agents[1].says("as 'attic'"));
  auto wrong = scene.signet({"rename", "nobody", "x"});
  require_exit(scene, wrong, 7);
  CHECK(words_missing(wrong.err(), {"no agent named 'nobody'"}) == "");
}

/// Copies what passes between a board and the coordinator.
class Wiretap {
 public:
  Wiretap(unsigned here, unsigned there) : here_(here), there_(there) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int again = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &again, sizeof again);
    const sockaddr address = loopback(here_);
    SIGNET_CHECK(::bind(listener_, &address, sizeof address) == 0, "the port is free");
    SIGNET_CHECK(::listen(listener_, 4) == 0, "the port is ours");
  }
  ~Wiretap() {
    for (const int fd : {listener_, board_, coordinator_})
      if (fd >= 0) ::close(fd);
  }
  Wiretap(const Wiretap&) = delete;
  Wiretap& operator=(const Wiretap&) = delete;

  /// Passes on, for a moment, what either side says.
  void turn() {
    pollfd items[3] = {{listener_, POLLIN, 0}, {board_, POLLIN, 0}, {coordinator_, POLLIN, 0}};
    if (::poll(items, 3, 20) <= 0) return;
    if (items[0].revents != 0 && board_ < 0) {
      board_ = ::accept(listener_, nullptr, nullptr);
      coordinator_ = connected();
      return;
    }
    if (items[1].revents != 0) pass(board_, coordinator_, &said_);
    if (items[2].revents != 0) pass(coordinator_, board_, nullptr);
  }
  int connected() const {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr address = loopback(there_);
    SIGNET_CHECK(::connect(fd, &address, sizeof address) == 0, "the coordinator listens");
    return fd;
  }
  /// All that the board said.
  const std::string& said() const { return said_; }

 private:
  static void pass(int from, int to, std::string* copy) {
    char block[65536];
    const auto n = ::recv(from, block, sizeof block, MSG_DONTWAIT);
    if (n <= 0) return;
    if (copy != nullptr) copy->append(block, static_cast<std::size_t>(n));
    ::send(to, block, static_cast<std::size_t>(n), MSG_NOSIGNAL);
  }

  unsigned here_, there_;
  int listener_ = -1, board_ = -1, coordinator_ = -1;
  std::string said_;
};

TEST_CASE("recorded traffic tells nothing, and is useless when it is said again",
          "[system][keys]") {
  auto knobs = two_boards();
  knobs.agents = 1;
  KeysScene scene(knobs);
  auto coordinator = scene.start_and_wait();
  scene.enrol(0);
  const unsigned port = free_ports();
  std::string recorded;
  {
    Wiretap tap(port, scene.port());
    auto agent =
        scene.start_joined(0, {"--coordinator", "tcp://127.0.0.1:" + std::to_string(port)});
    require_soon(scene, [&] {
      tap.turn();
      return coordinator.says("joined") && tap.said().size() > 10'000;
    });
    recorded = tap.said();
    agent.kill();
  }
  for (const char* word : {"agent-0", "signet 0", "SGJN", "SGRD"})
    CHECK(recorded.find(word) == std::string::npos);
  // The board is lost; its recorded connection says all of it once more.
  require_soon(scene, [&] { return scene.agent("agent-0").at("state") == "lost"; });
  const auto votes = scene.agent("agent-0").at("votes");
  for (int i = 0; i < 5; ++i) {
    const Wiretap nothing(free_ports(), scene.port());
    const int fd = nothing.connected();
    ::send(fd, recorded.data(), recorded.size(), MSG_NOSIGNAL);
    nap(100);
    ::close(fd);
  }
  CHECK(scene.agent("agent-0").at("votes") == votes);
  CHECK(scene.agent("agent-0").at("state") == "lost");
}

TEST_CASE("a recorded enrolment enrols nobody", "[system][keys]") {
  KeysScene scene(two_boards());
  auto coordinator = scene.start_and_wait();
  const std::string token = scene.token();
  auto first = scene.join(0, token);
  require_exit(scene, first, 0);
  // With all that the first board said, but another key.
  const auto parsed = parse_token(token);
  REQUIRE(parsed);
  EnrolRequest request;
  request.secret = parsed->secret;
  request.name = "mallory";
  const auto answer = ask_for_enrolment(
      {"tcp://127.0.0.1:" + std::to_string(parsed->enrolment_port), parsed->server_key},
      make_key_pair(), encode(request), kLong);
  REQUIRE(answer);
  CHECK(decode_enrol_answer(*answer)->verdict == EnrolVerdict::BadToken);
  CHECK(scene.agent("mallory").is_null());
}

TEST_CASE("knocking at the enrolment port does not hold up the training", "[system][keys]") {
  KeysScene scene(two_boards());
  auto coordinator = scene.start_and_wait();
  scene.enrol_all();
  auto agents = scene.start_all_joined();
  const auto before = await_rounds(scene, coordinator, 0, 5);
  EnrolRequest request;
  request.secret = Bytes(16);
  std::size_t refused = 0;
  for (int i = 0; i < 40; ++i) {
    const auto answer = ask_for_enrolment(
        {"tcp://127.0.0.1:" + std::to_string(scene.port() + 2), server_key_of(scene)},
        make_key_pair(), encode(request), std::chrono::milliseconds(300));
    refused += answer ? 1 : 0;
  }
  CHECK(refused >= 10);
  await_rounds(scene, coordinator, std::max(before, round_shown(coordinator)), 10);
  CHECK(scene.status().at("agents_live") == 2);
}

TEST_CASE("secrets are in no log, no process list, no core dump and no file of others",
          "[system][keys]") {
  KeysScene scene(two_boards());
  auto coordinator = scene.start_and_wait({"--log-level", "debug"});
  const std::string token = scene.token();
  // The coordinator is stopped, so that the board is still waiting when it is looked at.
  coordinator.signal(SIGSTOP);
  auto joining = scene.join(0, token);
  require_soon(scene, [&] { return exists(scene.key(0)); });
  const std::string arguments = text_of("/proc/" + std::to_string(joining.pid()) + "/cmdline");
  CHECK(arguments.find("join") != std::string::npos);
  // An emulator's own arguments are out of its guest's reach.
  if (std::string(SIGNET_EMULATOR).empty()) CHECK(arguments.find(token) == std::string::npos);
  coordinator.signal(SIGCONT);
  require_exit(scene, joining, 0);
  auto agent = scene.start_joined(0, {"--log-level", "debug"});
  scene.enrol(1);
  auto other = scene.start_joined(1, {"--log-level", "debug"});
  await_rounds(scene, coordinator, 0, 5);
  // Whose memory may be dumped belongs to the user; else to root (proc(5)).
  for (auto* process : {&coordinator, &agent}) {
    const std::string files = "/proc/" + std::to_string(process->pid());
    const std::string status = text_of(files + "/status");
    CHECK(status.find("State:") != std::string::npos);
    if (::geteuid() != 0) CHECK_FALSE(read_file(files + "/environ"));
  }
  const auto secret_of = [](const std::string& path) { return read_key_file(path)->secret_key; };
  const Words secrets{token, token.substr(80, 30), secret_of(scene.key(0)),
                      secret_of(scene.fleet() + ".key")};
  stop_here(scene, coordinator);
  std::size_t looked_at = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_of(scene.state()))) {
    if (!entry.is_regular_file()) continue;
    const std::string path = entry.path().string();
    // What the test itself was told, on the one channel that is meant for it.
    if (path.find("signet-log") != std::string::npos && path.ends_with(".out")) continue;
    const bool private_file = (mode_of(path) & 077U) == 0 && path.ends_with(".key");
    ++looked_at;
    for (const auto& secret : secrets) {
      INFO(path);
      if (!private_file) CHECK(text_of(path).find(secret) == std::string::npos);
    }
  }
  CHECK(looked_at > 8);
}

/// `command` in the scene's folder, free to leave a core dump there.
Words dumping(const Scene& scene, const Words& command) {
  Words words{"/bin/sh", "-c", "ulimit -c \"$(ulimit -H -c)\" && cd \"$0\" && exec \"$@\"",
              folder_of(scene.state())};
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

TEST_CASE("a program that crashes while it holds a key leaves no core dump", "[system][keys]") {
  if (!std::string(SIGNET_EMULATOR).empty()) SKIP("the emulator would dump itself");
  KeysScene scene(two_boards());
  auto coordinator = scene.start_and_wait();
  scene.enrol(0);
  const auto crash = [&scene](const Words& command, const std::string& sign_of_life) {
    auto process = scene.start(dumping(scene, command), "crashing");
    require_soon(scene, [&] { return process.says(sign_of_life); });
    process.signal(SIGABRT);
    CHECK(process.wait() == 128 + SIGABRT);
    return process.dumped_core();
  };
  // A program without a secret, as a proof that this machine writes dumps at all.
  if (!crash({"/bin/sh", "-c", "echo alive && exec sleep 1000"}, "alive"))
    SKIP("this machine writes no core dumps");
  CHECK_FALSE(crash(scene.joined_command(0), "looks for its coordinator"));
  coordinator.kill();
  CHECK_FALSE(crash(scene.coordinator_command({"--encryption", "on"}), "agents may join at"));
}

TEST_CASE("a token may come on stdin, where no process list shows it", "[system][keys]") {
  if (!std::string(SIGNET_EMULATOR).empty()) SKIP("a shell starts the program");
  KeysScene scene(two_boards());
  auto coordinator = scene.start_and_wait();
  write_text(scene / "token", scene.token() + "\n");
  Words shell{"/bin/sh",
              "-c",
              "from=$0; exec \"$@\" < \"$from\"",
              scene / "token",
              SIGNET_AGENT,
              "join",
              "-",
              "--no-start",
              "--name",
              "agent-0",
              "--config",
              scene.config(0)};
  auto joining = scene.start(shell, "join");
  require_exit(scene, joining, 0);
  CHECK(scene.agent("agent-0").at("key") == "enrolled");
}

TEST_CASE("the service's user can read what join writes, whatever the umask", "[system][keys]") {
  if (!std::string(SIGNET_EMULATOR).empty()) SKIP("a shell starts the program");
  KeysScene scene(two_boards());
  auto coordinator = scene.start_and_wait();
  Words shell{"/bin/sh", "-c", "umask 077; exec \"$@\"", "sh"};
  for (const auto& word : {std::string(SIGNET_AGENT), std::string("join"), scene.token(),
                           std::string("--no-start"), std::string("--config"), scene.config(0)})
    shell.push_back(word);
  auto joining = scene.start(shell, "join");
  require_exit(scene, joining, 0);
  struct stat about = {};
  REQUIRE(::stat(scene.config(0).c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0644);
}

TEST_CASE("a token that could not be written is no success", "[system][keys]") {
  if (!std::string(SIGNET_EMULATOR).empty()) SKIP("a shell starts the program");
  KeysScene scene(two_boards());
  auto coordinator = scene.start_and_wait();
  Words shell{"/bin/sh", "-c",         "exec \"$@\" >/dev/full", "sh", SIGNET_CLI, "token",
              "--state", scene.state()};
  auto asking = scene.start(shell, "token");
  require_exit(scene, asking, 1);
  CHECK(words_missing(asking.err(), {"standard output", "No space left"}) == "");
}

TEST_CASE("what was asked for and could not be written is no success", "[system]") {
  if (!std::string(SIGNET_EMULATOR).empty()) SKIP("a shell starts the program");
  Scene scene;
  const Words commands[] = {{SIGNET_COORDINATOR, "sample-job"},
                            {SIGNET_AGENT, "sample-config"},
                            {SIGNET_AGENT, "doctor", "--config", scene / "none.toml"},
                            {SIGNET_CLI, "--help"},
                            {SIGNET_CLI, "simulate", scene.job(), "--data", scene.data()}};
  for (const auto& command : commands) {
    Words shell{"/bin/sh", "-c", "exec \"$@\" >/dev/full", "sh"};
    shell.insert(shell.end(), command.begin(), command.end());
    auto asking = scene.start(shell, "program");
    require_exit(scene, asking, 1);
    CHECK(words_missing(asking.err(), {"standard output", "No space left"}) == "");
  }
}

}  // namespace system_identity_test
}  // namespace signet
