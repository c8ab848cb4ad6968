#pragma once

#include <atomic>

namespace signet {

/// Wakes a poll from another thread or from a signal handler (eventfd).
class Waker {
 public:
  Waker();  ///< aborts when the process has no file descriptor left
  ~Waker();
  Waker(const Waker&) = delete;
  Waker& operator=(const Waker&) = delete;

  void wake();   ///< async-signal-safe; waking twice is waking once
  void drain();  ///< forgets the wake-ups so far; call it before looking for what they announced
  int descriptor() const { return fd_; }  ///< readable while woken

 private:
  int fd_ = -1;
  std::atomic<bool> woken_ = false;  // set after the descriptor: spares an idle drain() its read()
};

}  // namespace signet
