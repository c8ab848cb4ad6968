#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <tuple>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/platform/clock.hpp"
#include "core/platform/process.hpp"
#include "core/platform/system_error.hpp"

namespace signet {
namespace {

/// A program under way whose standard output comes through a pipe. Killed, if it still runs, and
/// waited for when this goes.
class Child {
 public:
  ~Child() {
    if (from_ >= 0) ::close(from_);
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      std::ignore = wait();
    }
  }

  /// 0, or an errno.
  int start(const std::vector<std::string>& command) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno;
    from_ = ends[0];
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    std::vector<char*> words;
    for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    const int failed =
        ::posix_spawnp(&pid_, words.front(), &actions, nullptr, words.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    if (failed != 0) pid_ = 0;
    return failed;
  }

  /// False when there was no end of output by then, or more of it.
  bool read_all(Instant end, std::size_t bytes_max, std::string& into) {
    std::array<char, 4096> some{};
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - steady_now());
      pollfd item{from_, POLLIN, 0};
      if (left.count() <= 0 || into.size() > bytes_max) return false;
      if (::poll(&item, 1, static_cast<int>(left.count())) <= 0) continue;
      const auto count = ::read(from_, some.data(), some.size());
      if (count == 0) return true;
      if (count > 0) into.append(some.data(), static_cast<std::size_t>(count));
      if (count < 0 && errno != EINTR) return false;
    }
  }

  /// Its status as of waitpid(2).
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    return status;
  }

 private:
  pid_t pid_ = 0;
  int from_ = -1;
};

}  // namespace

Result<std::string> output_of_program(const std::vector<std::string>& command, Duration timeout,
                                      std::size_t bytes_max) {
  Child child;
  if (const int failed = child.start(command); failed != 0)
    return system_error(failed, command.front(), "cannot be run");
  std::string output;
  if (!child.read_all(steady_now() + timeout, bytes_max, output))
    return Error{ErrorKind::Unavailable, command.front() + ": did not end in time"};
  const int status = child.wait();
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return Error{ErrorKind::Unavailable, command.front() + ": failed"};
  return output;
}

}  // namespace signet
