#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <tuple>
#include <utility>

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

// Where posix_spawn() cannot tell that there is no such program, its child ends with this
// (posix_spawn(3p)); shells and env(1) use it for the same.
constexpr int kNoSuchProgram = 127;

std::vector<char*> words_of(const std::vector<std::string>& command) {
  std::vector<char*> words;
  words.reserve(command.size() + 1);
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  return words;
}

Error not_run(int error, const std::vector<std::string>& command) {
  return system_error(error, command.front(), "cannot be run");
}

// Its status as of waitpid(2).
int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

bool was_missing(int status) {
  return WIFEXITED(status) && WEXITSTATUS(status) == kNoSuchProgram;
}

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
    const auto words = words_of(command);
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

  int wait() { return wait_for(std::exchange(pid_, 0)); }

 private:
  pid_t pid_ = 0;
  int from_ = -1;
};

}  // namespace

Result<int> run_program(const std::vector<std::string>& command) {
  const auto words = words_of(command);
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, words.front(), nullptr, nullptr, words.data(), environ);
  if (failed != 0) return not_run(failed, command);
  const int status = wait_for(child);
  if (was_missing(status)) return not_run(ENOENT, command);
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  return Error{ErrorKind::Unavailable,
               command.front() + " was ended by signal " + std::to_string(WTERMSIG(status))};
}

Result<std::string> output_of_program(const std::vector<std::string>& command, Duration timeout,
                                      std::size_t bytes_max) {
  Child child;
  if (const int failed = child.start(command); failed != 0) return not_run(failed, command);
  std::string output;
  if (!child.read_all(steady_now() + timeout, bytes_max, output))
    return Error{ErrorKind::Unavailable, command.front() + ": did not end in time"};
  const int status = child.wait();
  if (was_missing(status)) return not_run(ENOENT, command);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return Error{ErrorKind::Unavailable, command.front() + ": failed"};
  return output;
}

}  // namespace signet
