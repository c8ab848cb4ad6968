#include "core/platform/waker.hpp"

#include <cerrno>
#include <cstdint>

#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/check.hpp"

namespace signet {

Waker::Waker() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  SIGNET_CHECK(fd_ >= 0, "eventfd: no file descriptor left; raise the limit (ulimit -n)");
}

Waker::~Waker() {
  ::close(fd_);
}

void Waker::wake() {
  // A signal handler must leave errno as it found it. EAGAIN: the counter is full, thus readable.
  const int saved = errno;
  const std::uint64_t one = 1;
  while (::write(fd_, &one, sizeof one) < 0 && errno == EINTR) continue;
  woken_.store(true);
  errno = saved;
}

void Waker::drain() {
  if (!woken_.exchange(false)) return;
  std::uint64_t count = 0;
  while (::read(fd_, &count, sizeof count) < 0 && errno == EINTR) continue;
}

}  // namespace signet
