#include <sys/ioctl.h>
#include <termios.h>

#include "tests/core/platform/words.hpp"
#include "tests/system/scene.hpp"

namespace signet {
namespace system_progress_test {

using namespace test;

/// A container may come without pseudo-terminals (/dev/pts).
bool has_terminals() {
  const int fd = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return false;
  char name[64];
  const bool usable = ::grantpt(fd) == 0 && ::unlockpt(fd) == 0 &&
                      ::ptsname_r(fd, name, sizeof name) == 0 && ::access(name, R_OK | W_OK) == 0;
  ::close(fd);
  return usable;
}

/// The near end of a terminal; a program gets the other one by its name.
class Terminal {
 public:
  explicit Terminal(unsigned short columns)
      : fd_(::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)) {
    char name[64];
    SIGNET_CHECK(fd_ >= 0 && ::grantpt(fd_) == 0 && ::unlockpt(fd_) == 0 &&
                     ::ptsname_r(fd_, name, sizeof name) == 0,
                 "a terminal");
    name_ = name;
    resize(columns);
    // Held open, so that the program's end does not look like the end of the terminal.
    far_end_ = ::open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
  }
  ~Terminal() {
    ::close(far_end_);
    ::close(fd_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  const std::string& name() const { return name_; }
  void resize(unsigned short columns) const {
    const winsize size{24, columns, 0, 0};
    SIGNET_CHECK(::ioctl(fd_, TIOCSWINSZ, &size) == 0, "the size of a terminal");
  }
  /// All that was written to it so far.
  const std::string& text() {
    char block[4096];
    for (auto n = ::read(fd_, block, sizeof block); n > 0; n = ::read(fd_, block, sizeof block))
      text_.append(block, static_cast<std::size_t>(n));
    return text_;
  }

 private:
  int fd_, far_end_ = -1;
  std::string name_, text_;
};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

/// The longest piece between line breaks and returns, without what only moves the cursor.
std::size_t widest(const std::string& text) {
  std::size_t most = 0, now = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 3, "\x1b[K") == 0) {
      i += 2;
    } else if (text[i] == '\r' || text[i] == '\n') {
      now = 0;
    } else {
      most = std::max(most, ++now);
    }
  }
  return most;
}

TEST_CASE("without a terminal progress is plain lines, now and then", "[system]") {
  Scene scene(endless_job());
  auto coordinator = scene.start_coordinator({});
  auto agents = scene.start_agents();
  require_soon(scene, [&] { return count(coordinator.out(), "acc ") >= 1; });
  const std::string text = coordinator.out();
  INFO(text);
  CHECK(text.find('\r') == std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("waiting for agents: ") == 0);
  const auto at = text.find("\nround ");
  REQUIRE(at != std::string::npos);
  CHECK(words_missing(text.substr(at), {"/1000000", "acc ", "loss ", "rate ", "agents 4/4", "up ",
                                        "down ", "left "}) == "");
  CHECK(text.back() == '\n');
  // A line in about five seconds, not for every round.
  CHECK(count(text, "\n") < 10);
}

TEST_CASE("on a terminal one line is rewritten, fits its width, and is removed at the end",
          "[system]") {
  if (!has_terminals()) SKIP("no pseudo-terminals here");
  Scene scene(endless_job());
  Terminal terminal(60);
  auto coordinator = scene.start(scene.coordinator_command(), "coordinator", terminal.name());
  auto agents = scene.start_agents();
  const std::string line = "\r\x1b[Kround ";
  require_soon(scene, [&] { return count(terminal.text(), line) >= 3; });
  // A person makes the window smaller.
  const auto before = terminal.text().size();
  terminal.resize(12);
  require_soon(scene, [&] { return count(terminal.text().substr(before), line) >= 2; });
  coordinator.signal(SIGINT);
  require_exit(scene, coordinator, 0);
  const auto& text = terminal.text();
  INFO(text);
  const auto table = text.find("\r\x1b[K  ended");
  REQUIRE(table != std::string::npos);
  CHECK(count(text.substr(0, table), "\n") == 0);
  CHECK(text.find("round ", table) == std::string::npos);
  // The last one may have come in part, and the first be of before a round was done.
  const std::string wide = text.substr(0, text.rfind(line, before));
  CHECK(widest(wide) <= 59);
  CHECK(count(wide, "  left ") + count(wide, "agents answered") == count(wide, line));
  // The first one may have been under way.
  const auto narrow = text.find(line, text.find(line, before) + 1);
  CHECK(widest(text.substr(narrow, table - narrow)) == 11);
}

TEST_CASE(
    "progress is rewritten in a file too when asked for, and not shown at all when not wanted",
    "[system]") {
  if (!has_terminals()) SKIP("no pseudo-terminals here");
  Scene line, none;
  auto coordinator = line.start_coordinator({"--progress", "line"});
  auto agents = line.start_agents();
  require_finish(line, coordinator, agents);
  CHECK(count(coordinator.out(), "\r\x1b[K") >= 2);

  Terminal terminal(80);
  auto silent =
      none.start(none.coordinator_command({"--progress", "none"}), "coordinator", terminal.name());
  agents = none.start_agents();
  require_finish(none, silent, agents);
  CHECK(terminal.text().find("  ended") == 0);
}

}  // namespace system_progress_test
}  // namespace signet
