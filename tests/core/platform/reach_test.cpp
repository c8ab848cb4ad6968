#include "core/platform/reach.hpp"

#include <atomic>
#include <set>
#include <thread>

#include <sched.h>
#include <sys/mount.h>

#include "core/platform/files.hpp"
#include "tests/core/platform/temporary_folder.hpp"
#include "tests/core/platform/transport_support.hpp"
#include "tests/core/platform/words.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace reach_test {

using namespace test;

/// A coordinator that answers handshakes on a thread of its own, as long as this lives.
class Answering {
 public:
  Answering(const KeyPair& server, std::set<std::string> members) : members_(std::move(members)) {
    auto opened = CoordinatorTransport::open(
        {"tcp://127.0.0.1:0", "", kMessageMax, 64,
         CoordinatorTransport::Encryption{
             server, [this](const std::string& key) { return members_.contains(key); }, ""}});
    SIGNET_CHECK(opened, opened ? "" : opened.error().message);
    coordinator_ = *std::move(opened);
    thread_ = std::thread([this] {
      Received got;
      const Waker nobody;
      while (!stop_) {
        coordinator_->wait(nobody, std::chrono::milliseconds(5));
        messages_ += coordinator_->receive(got) ? 1 : 0;
      }
    });
  }
  ~Answering() {
    stop_ = true;
    thread_.join();
  }
  Answering(const Answering&) = delete;
  Answering& operator=(const Answering&) = delete;

  Endpoint at() const { return *parse_endpoint(coordinator_->control_endpoint()); }
  int messages() const { return messages_; }

 private:
  std::set<std::string> members_;
  Coordinator coordinator_;
  std::atomic<bool> stop_ = false;
  std::atomic<int> messages_ = 0;
  std::thread thread_;
};

TEST_CASE("a knock tells a coordinator that lets us in from one that does not",
          "[core][platform][reach]") {
  const KeyPair server = make_key_pair(), member = make_key_pair(), stranger = make_key_pair();
  const Answering coordinator(server, {member.public_key});
  const auto knocked = [&](const KeyPair& own, const std::string& server_key) {
    const auto answer =
        knock(coordinator.at(), AgentTransport::Encryption{own, server_key}, kPatience);
    REQUIRE(answer);
    return *answer;
  };
  CHECK(knocked(member, server.public_key) == Knock::Opened);
  CHECK(knocked(stranger, server.public_key) == Knock::KeyDenied);
  CHECK(knocked(member, stranger.public_key) == Knock::NoCommonGround);
  const auto plain = knock(coordinator.at(), std::nullopt, kPatience);
  REQUIRE(plain);
  CHECK(*plain == Knock::NoCommonGround);
  CHECK(coordinator.messages() == 0);
}

TEST_CASE("a knock without keys opens a coordinator that has none", "[core][platform][reach]") {
  const auto coordinator = open_coordinator();
  const auto answer =
      knock(*parse_endpoint(coordinator->control_endpoint()), std::nullopt, kPatience);
  REQUIRE(answer);
  CHECK(*answer == Knock::Opened);
}

TEST_CASE("a knock where nobody is there ends with the time it was given",
          "[core][platform][reach]") {
  const auto answer = knock({"127.0.0.1", 1}, std::nullopt, std::chrono::milliseconds(50));
  REQUIRE(answer);
  CHECK(*answer == Knock::NoAnswer);
}

TEST_CASE("reaching a host gives its address as digits", "[core][platform][reach]") {
  const auto coordinator = open_coordinator();
  auto at = *parse_endpoint(coordinator->control_endpoint());
  at.host = "localhost";
  const auto reached = reach(at, kPatience);
  REQUIRE(reached);
  CHECK(reached->host == "127.0.0.1");
}

/// This process's own /etc/hosts.
bool lay_hosts(const std::string& file) {
  return ::unshare(CLONE_NEWNS) == 0 &&
         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount(file.c_str(), "/etc/hosts", nullptr, MS_BIND, nullptr) == 0;
}

TEST_CASE("a coordinator is found at whichever address of its name it listens",
          "[core][platform][reach]") {
  const TemporaryFolder folder;
  const std::string hosts = folder / "hosts";
  REQUIRE(write_file_atomically(hosts, view_bytes("::1 both.test\n127.0.0.1 both.test\n")));
  if (!exists("/proc/net/if_inet6")) SKIP("this machine has no IPv6");
  if (!lay_hosts(hosts)) SKIP("only root can lay a file over another");
  const std::string listens[] = {"tcp://127.0.0.1:0", "tcp://[::1]:0"};
  for (const std::string& listen : listens) {
    const auto coordinator = open_coordinator(listen);
    auto at = *parse_endpoint(coordinator->control_endpoint());
    const auto digits = at.host;
    at.host = "both.test";
    const auto reached = reach(at, kPatience);
    REQUIRE(reached);
    CHECK(reached->host == digits);
    const auto agent = open_agent(at.text());
    introduce(*agent, *coordinator, "found");
    Received got;
    REQUIRE(agent->subscribe(coordinator->update_port()));
    CHECK(eventually([&] {
      coordinator->publish({text_bytes("update")});
      return take_soon(*agent, got) && got.broadcast;
    }));
  }
}

TEST_CASE("a host that is not known and a port that is closed have words of their own",
          "[core][platform][reach]") {
  const auto nobody = reach({"127.0.0.1", 1}, kPatience);
  REQUIRE_FALSE(nobody);
  CHECK(nobody.error().kind == ErrorKind::Unavailable);
  CHECK(words_missing(nobody.error().message, {"refused", "firewall"}) == "");
  // No name has a dot of its own before it (RFC 1035), so that nothing is asked for it.
  const auto unknown = reach({"a..local", 1}, kPatience);
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().kind == ErrorKind::Missing);
  CHECK(words_missing(unknown.error().message, {"a..local", "apt install libnss-mdns"}) == "");
}

}  // namespace reach_test
}  // namespace signet
