#include <atomic>
#include <thread>

#include <sys/stat.h>
#include <sys/un.h>

#include "core/platform/control_client.hpp"
#include "core/platform/files.hpp"
#include "tests/core/platform/temporary_folder.hpp"
#include "tests/core/platform/transport_support.hpp"
#include "tests/core/platform/words.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace platform_control_test {

using namespace test;

constexpr Duration kSoon = std::chrono::milliseconds(200);

/// Answers each question of a coordinator with itself and "!", in a thread, as long as it lives.
class Answering {
 public:
  explicit Answering(CoordinatorTransport& coordinator)
      : thread_([this, &coordinator] {
          while (!enough_) answer_one(coordinator);
        }) {}
  ~Answering() {
    enough_ = true;
    thread_.join();
  }
  Answering(const Answering&) = delete;
  Answering& operator=(const Answering&) = delete;

 private:
  static void answer_one(CoordinatorTransport& coordinator) {
    const Waker nobody;
    coordinator.wait(nobody, std::chrono::milliseconds(20));
    Received question;
    if (!coordinator.receive_control(question)) return;
    const std::string answer = to_text(question.frames.back()->bytes()) + "!";
    coordinator.answer_control(question, view_bytes(answer));
  }

  std::atomic<bool> enough_ = false;
  std::thread thread_;
};

Result<Bytes> ask_once(const std::string& path, std::string_view question, Duration timeout) {
  auto client = ControlClient::open(path);
  if (!client) return client.error();
  return (*client)->ask(view_bytes(question), timeout);
}

/// A socket that nobody listens on any more, as a killed process leaves it.
void leave_stale(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un at = {};
  at.sun_family = AF_UNIX;
  std::memcpy(at.sun_path, path.c_str(), path.size());
  SIGNET_CHECK(::bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0, "bind");
  SIGNET_CHECK(::listen(fd, 1) == 0, "listen");
  ::close(fd);
}

TEST_CASE("questions are answered over the control socket, one after the other",
          "[core][platform][control]") {
  const TemporaryFolder folder;
  auto coordinator = open_coordinator();
  REQUIRE(coordinator->open_control(folder / "c"));
  const Answering answering(*coordinator);
  auto client = ControlClient::open(folder / "c");
  REQUIRE(client);
  for (const char* question : {"one", "two"}) {
    const auto answer = (*client)->ask(view_bytes(question), kPatience);
    REQUIRE(answer);
    CHECK(to_text(*answer) == std::string(question) + "!");
  }
  const auto other = ask_once(folder / "c", "three", kPatience);
  REQUIRE(other);
  CHECK(to_text(*other) == "three!");
}

TEST_CASE("a question is answered however many messages of agents wait",
          "[core][platform][control]") {
  const TemporaryFolder folder;
  const auto coordinator = open_coordinator();
  REQUIRE(coordinator->open_control(folder / "c"));
  const auto agent = open_agent(coordinator->control_endpoint());
  introduce(*agent, *coordinator, "a");
  REQUIRE(agent->send({text_bytes("unread")}));
  const Waker nobody;
  Received question;
  REQUIRE(eventually([&] { return coordinator->wait(nobody, std::chrono::milliseconds(20)); }));
  REQUIRE_FALSE(coordinator->receive_control(question));

  std::string answer;
  std::thread asker([&] {
    const auto said = ask_once(folder / "c", "q", kPatience);
    answer = said ? to_text(*said) : said.error().message;
  });
  const bool asked = eventually([&] {
    coordinator->wait(nobody, std::chrono::milliseconds(20));
    return coordinator->receive_control(question);
  });
  if (asked) coordinator->answer_control(question, text_bytes("a"));
  asker.join();
  CHECK(answer == "a");
}

TEST_CASE("the control socket is its user's alone and goes with the coordinator",
          "[core][platform][control]") {
  const TemporaryFolder folder;
  {
    auto coordinator = open_coordinator();
    REQUIRE(coordinator->open_control(folder / "c"));
    struct stat about = {};
    REQUIRE(::stat((folder / "c").c_str(), &about) == 0);
    CHECK(S_ISSOCK(about.st_mode));
    CHECK((about.st_mode & 0777) == 0600);
  }
  CHECK_FALSE(exists(folder / "c"));
}

TEST_CASE("a socket that a killed coordinator left is replaced", "[core][platform][control]") {
  const TemporaryFolder folder;
  leave_stale(folder / "c");
  const auto before = ask_once(folder / "c", "q", kSoon);
  REQUIRE_FALSE(before);
  CHECK(before.error().kind == ErrorKind::Missing);
  CHECK(words_missing(before.error().message, {folder / "c", "the coordinator was killed"}) == "");
  auto coordinator = open_coordinator();
  REQUIRE(coordinator->open_control(folder / "c"));
  const Answering answering(*coordinator);
  CHECK(ask_once(folder / "c", "q", kPatience));
}

TEST_CASE("neither a living socket nor a file is taken away", "[core][platform][control]") {
  const TemporaryFolder folder;
  auto first = open_coordinator(), second = open_coordinator();
  REQUIRE(first->open_control(folder / "c"));
  const auto taken = second->open_control(folder / "c");
  REQUIRE_FALSE(taken);
  CHECK(taken.error().kind == ErrorKind::Unavailable);
  CHECK(words_missing(taken.error().message, {folder / "c", "another process", "--control"}) == "");
  second.reset();
  CHECK(exists(folder / "c"));

  REQUIRE(write_file_atomically(folder / "data", view_bytes("precious")));
  const auto file = first->open_control(folder / "data");
  REQUIRE_FALSE(file);
  CHECK(file.error().kind == ErrorKind::Malformed);
  CHECK(to_text(*read_file(folder / "data")) == "precious");
}

TEST_CASE("a path that no socket can have is named, and the rest works on",
          "[core][platform][control]") {
  const TemporaryFolder folder;
  auto coordinator = open_coordinator();
  const std::string room(107 - folder.path().size() - 1, 'x');
  const auto too_long = coordinator->open_control(folder / (room + "x"));
  REQUIRE_FALSE(too_long);
  CHECK(too_long.error().kind == ErrorKind::Malformed);
  CHECK(words_missing(too_long.error().message,
                      {folder / (room + "x"), "at most 107 bytes", "has 108"}) == "");
  const auto no_folder = coordinator->open_control(folder / "nowhere/c");
  REQUIRE_FALSE(no_folder);
  CHECK(no_folder.error().kind == ErrorKind::Missing);
  REQUIRE_FALSE(coordinator->open_control(""));
  auto agent = open_agent(coordinator->control_endpoint());
  introduce(*agent, *coordinator, "hello");
  CHECK(coordinator->open_control(folder / room));
}

TEST_CASE("whom nobody answers says so, and how to wait longer", "[core][platform][control]") {
  const TemporaryFolder folder;
  auto coordinator = open_coordinator();
  REQUIRE(coordinator->open_control(folder / "c"));
  const auto silence = ask_once(folder / "c", "q", kSoon);
  REQUIRE_FALSE(silence);
  CHECK(silence.error().kind == ErrorKind::Unavailable);
  CHECK(words_missing(silence.error().message,
                      {folder / "c", "no answer within 0.2 s", "--timeout-s"}) == "");
  // The question of one that has gone can be answered into the void.
  Received question;
  Waker nobody;
  REQUIRE(eventually([&] {
    coordinator->wait(nobody, std::chrono::milliseconds(20));
    return coordinator->receive_control(question);
  }));
  coordinator->answer_control(question, view_bytes("late"));
}

TEST_CASE("a path without a coordinator is an error that says what to look at",
          "[core][platform][control]") {
  const TemporaryFolder folder;
  const auto nothing = ControlClient::open(folder / "c");
  REQUIRE_FALSE(nothing);
  CHECK(nothing.error().kind == ErrorKind::Missing);
  CHECK(words_missing(nothing.error().message, {folder / "c", "is the run going on"}) == "");
  REQUIRE(write_file_atomically(folder / "f", view_bytes("text")));
  const auto file = ControlClient::open(folder / "f");
  REQUIRE_FALSE(file);
  CHECK(file.error().kind == ErrorKind::Malformed);
  CHECK(words_missing(file.error().message, {folder / "f", "is no socket", ".control"}) == "");
}

TEST_CASE("a question beyond the limit and noise cost their sender only",
          "[core][platform][control]") {
  const TemporaryFolder folder;
  auto coordinator = open_coordinator();
  REQUIRE(coordinator->open_control(folder / "c"));
  const Answering answering(*coordinator);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un at = {};
  at.sun_family = AF_UNIX;
  std::memcpy(at.sun_path, (folder / "c").c_str(), (folder / "c").size());
  REQUIRE(::connect(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
  const Bytes garbage = noise(5000, 1);
  ::send(fd, garbage.data(), garbage.size(), MSG_NOSIGNAL);
  CHECK_FALSE(ask_once(folder / "c", std::string(kQuestionMax + 1, 'q'), kSoon));
  const auto answer = ask_once(folder / "c", std::string(kQuestionMax, 'q'), kPatience);
  ::close(fd);
  REQUIRE(answer);
  CHECK(answer->size() == kQuestionMax + 1);
}

TEST_CASE("names in a folder are those with the suffix, in order", "[core][platform]") {
  const TemporaryFolder folder;
  for (const char* name : {"b.x", "a.x", "c.y"})
    REQUIRE(write_file_atomically(folder / name, view_bytes("")));
  const auto names = names_in(folder.path(), ".x");
  REQUIRE(names);
  CHECK(*names == std::vector<std::string>{"a.x", "b.x"});
  const auto nowhere = names_in(folder / "nowhere", "");
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().kind == ErrorKind::Missing);
}

}  // namespace platform_control_test
}  // namespace signet
