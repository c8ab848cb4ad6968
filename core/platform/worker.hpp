#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "core/platform/waker.hpp"

namespace signet {

/// One background thread for what would hold up an event loop: a gradient, an evaluation, a file.
/// Tasks run one after the other; each returns what is then to be done on the loop's own thread.
///
/// Threads: everything but the tasks belongs to the loop's thread. The hand-over is by a mutex, so
/// a task sees all that the loop did before post(), and the loop all that the task did.
class Worker {
 public:
  using Completion = std::function<void()>;
  using Task = std::function<Completion()>;

  /// `waker` (which must outlive this) is woken when a completion waits.
  explicit Worker(Waker& waker);
  /// Waits for the task under way and drops the others.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void post(Task task);
  /// Runs the completions that wait, on the caller's thread.
  void complete();
  /// No task is waiting or under way (completions may be).
  bool idle() const;

 private:
  void run();

  Waker& waker_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;
  std::deque<Completion> done_;
  bool busy_ = false, stopping_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace signet
