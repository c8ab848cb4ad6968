#pragma once

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/check.hpp"
#include "core/platform/clock.hpp"
#include "core/platform/files.hpp"

namespace signet::test {

/// Bounds each wait of a test: many times what it takes on an idle machine, and less than the
/// deadline of a round, so that a vote that gets lost for good is seen.
inline constexpr Duration kLong = std::chrono::seconds(sizeof SIGNET_EMULATOR > 1 ? 300 : 60);

inline void nap(int milliseconds) {
  ::poll(nullptr, 0, milliseconds);
}

/// Looks every few milliseconds until `done` is true; false when time is up.
template <typename Done>
bool eventually(Done&& done, Duration within = kLong) {
  const Instant end = steady_now() + within;
  while (!done()) {
    if (steady_now() > end) return false;
    nap(5);
  }
  return true;
}

/// The text of a file, "" when there is none.
inline std::string text_of(const std::string& path) {
  const auto bytes = read_file(path);
  return bytes ? to_text(*bytes) : "";
}

/// A program that runs, with files for what it says. It dies with the object, with the test's
/// process, or before.
class Process {
 public:
  /// Begins `command` (a path and arguments); its output goes to `log`.out and `log`.err, or stdout
  /// to the terminal `tty` when that is given.
  Process(const std::vector<std::string>& command, std::string log, const std::string& tty = "")
      : log_(std::move(log)) {
    std::vector<char*> arguments;
    for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    SIGNET_CHECK(pid_ >= 0, "fork");
    if (pid_ == 0) become(arguments.data(), parent, tty);
  }
  Process(Process&& other) noexcept
      : log_(std::move(other.log_)),
        pid_(std::exchange(other.pid_, -1)),
        code_(other.code_),
        dumped_core_(other.dumped_core_) {}
  Process& operator=(Process&& other) noexcept {
    if (this != &other) {
      kill();
      log_ = std::move(other.log_);
      pid_ = std::exchange(other.pid_, -1);
      code_ = other.code_;
      dumped_core_ = other.dumped_core_;
    }
    return *this;
  }
  ~Process() { kill(); }

  pid_t pid() const { return pid_; }
  bool running() { return pid_ > 0 && !look(WNOHANG); }
  void signal(int number) {
    if (running()) ::kill(pid_, number);
  }
  /// kill -9; afterwards nothing of it runs.
  void kill() {
    if (!running()) return;
    ::kill(pid_, SIGKILL);
    look(0);
  }
  /// The exit code, 128 + the number of the signal that ended it, or nothing when time is up.
  std::optional<int> wait(Duration within = kLong) {
    eventually([this] { return !running(); }, within);
    return code_;
  }

  /// Of one that has ended: did the system write its memory to a file?
  bool dumped_core() const { return dumped_core_; }

  std::string out() const { return text_of(log_ + ".out"); }
  std::string err() const { return text_of(log_ + ".err"); }
  bool says(const std::string& words) const {
    return err().find(words) != std::string::npos || out().find(words) != std::string::npos;
  }

 private:
  bool look(int how) {
    if (code_) return true;
    int status = 0;
    pid_t ended = 0;
    do {
      ended = ::waitpid(pid_, &status, how);
    } while (ended < 0 && errno == EINTR);
    if (ended != pid_) return false;
    dumped_core_ = WIFSIGNALED(status) && WCOREDUMP(status);
    code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return true;
  }

  [[noreturn]] void become(char** arguments, pid_t parent, const std::string& tty) const {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);  // It died before the line above.
    const std::string out = tty.empty() ? log_ + ".out" : tty, err = log_ + ".err";
    constexpr int kWrite = O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY;
    const int ends[3] = {::open("/dev/null", O_RDONLY), ::open(out.c_str(), kWrite, 0600),
                         ::open(err.c_str(), kWrite, 0600)};
    for (int i = 0; i < 3; ++i)
      if (::dup2(ends[i], i) < 0) ::_exit(127);
    for (const int end : ends)
      if (end > 2) ::close(end);
    ::unsetenv("JOURNAL_STREAM");
    ::execv(arguments[0], arguments);
    ::_exit(127);
  }

  std::string log_;
  pid_t pid_ = -1;
  std::optional<int> code_;
  bool dumped_core_ = false;
};

}  // namespace signet::test
