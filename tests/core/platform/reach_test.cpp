#include "core/platform/reach.hpp"

#include <atomic>
#include <set>
#include <thread>

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
  CHECK(*reached == "127.0.0.1");
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
