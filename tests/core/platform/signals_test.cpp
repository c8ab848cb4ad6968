#include "core/platform/signals.hpp"

#include <cerrno>

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/catch.hpp"

namespace signet {
namespace signals_test {

bool is_readable(int fd) {
  pollfd item{fd, POLLIN, 0};
  return ::poll(&item, 1, 0) == 1;
}

TEST_CASE("a waker is readable from wake to drain, however often it was woken",
          "[core][platform]") {
  Waker waker;
  CHECK_FALSE(is_readable(waker.descriptor()));
  waker.wake();
  waker.wake();
  CHECK(is_readable(waker.descriptor()));
  waker.drain();
  CHECK_FALSE(is_readable(waker.descriptor()));
  waker.drain();  // Nothing to forget: comes back at once.
}

TEST_CASE("SIGTERM and SIGINT set the flag and wake the loop", "[core][platform]") {
  for (const int signal : {SIGTERM, SIGINT}) {
    Waker waker;
    const StopSignals stop(waker);
    CHECK(stop.received() == 0);
    ::raise(signal);
    CHECK(stop.received() == signal);
    CHECK(is_readable(waker.descriptor()));
  }
}

TEST_CASE("a handler leaves errno as it was", "[core][platform]") {
  Waker waker;
  const StopSignals stop(waker);
  errno = ERANGE;
  ::raise(SIGTERM);
  CHECK(errno == ERANGE);
}

TEST_CASE("a write to a closed pipe fails and does not kill", "[core][platform]") {
  Waker waker;
  const StopSignals stop(waker);
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  ::close(ends[0]);
  CHECK(::write(ends[1], "x", 1) == -1);
  CHECK(errno == EPIPE);
  ::close(ends[1]);
}

TEST_CASE("the former handlers come back", "[core][platform]") {
  struct sigaction before = {}, during = {}, after = {};
  ::sigaction(SIGTERM, nullptr, &before);
  {
    Waker waker;
    const StopSignals stop(waker);
    ::sigaction(SIGTERM, nullptr, &during);
  }
  ::sigaction(SIGTERM, nullptr, &after);
  CHECK(before.sa_handler != during.sa_handler);
  CHECK(before.sa_handler == after.sa_handler);
}

TEST_CASE("SIGHUP asks a service to reload, once, and wakes its loop", "[core][platform]") {
  Waker waker;
  const StopSignals signals(waker, Hangup::Reloads);
  CHECK_FALSE(signals.take_reload());
  ::raise(SIGHUP);
  CHECK(is_readable(waker.descriptor()));
  CHECK(signals.received() == 0);
  CHECK(signals.take_reload());
  CHECK_FALSE(signals.take_reload());
}

TEST_CASE("SIGHUP ends a program that is no service, as it does any other", "[core][platform]") {
  const pid_t child = ::fork();
  if (child == 0) {
    Waker waker;
    const StopSignals signals(waker);
    ::raise(SIGHUP);
    ::_exit(7);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGHUP);
}

/// Exit status of a child that gets these signals and then leaves with 7.
template <std::size_t N>
int status_after(const int (&sent)[N]) {
  const pid_t child = ::fork();
  if (child == 0) {
    Waker waker;
    const StopSignals stop(waker);
    for (const int signal : sent) ::raise(signal);
    ::_exit(7);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_CASE("a second SIGINT ends the process at once with 130", "[core][platform]") {
  CHECK(status_after({SIGINT}) == 7);
  CHECK(status_after({SIGINT, SIGINT}) == 130);
  CHECK(status_after({SIGTERM, SIGINT}) == 7);  // The person asked once.
  CHECK(status_after({SIGTERM, SIGTERM}) == 7);
}

}  // namespace signals_test
}  // namespace signet
