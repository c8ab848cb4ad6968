#include "core/platform/worker.hpp"

#include <future>
#include <thread>
#include <vector>

#include <poll.h>

#include "tests/support/catch.hpp"

namespace signet {
namespace worker_test {

// Waits until the worker has something to complete; bounded, so that a failure is not a hang.
bool woken(const Waker& waker) {
  pollfd poll_for{waker.descriptor(), POLLIN, 0};
  return ::poll(&poll_for, 1, 10'000) == 1;
}

TEST_CASE("a Worker runs tasks in order and their completions on the caller's thread",
          "[core][platform]") {
  Waker waker;
  Worker worker(waker);
  std::vector<int> order;
  const auto here = std::this_thread::get_id();
  std::thread::id task_thread, completion_thread;
  for (int n = 0; n < 5; ++n)
    worker.post([&, n]() -> Worker::Completion {
      task_thread = std::this_thread::get_id();
      return [&, n] {
        completion_thread = std::this_thread::get_id();
        order.push_back(n);
      };
    });
  while (order.size() < 5 && woken(waker)) {
    waker.drain();
    worker.complete();
  }
  CHECK(order == std::vector<int>{0, 1, 2, 3, 4});
  CHECK(task_thread != here);
  CHECK(completion_thread == here);
  CHECK(worker.idle());
}

TEST_CASE("a Worker is busy until its task is done, and waits for it when it goes",
          "[core][platform]") {
  Waker waker;
  std::promise<void> started, go;
  bool first = false;
  {
    Worker worker(waker);
    worker.post([&]() -> Worker::Completion {
      started.set_value();
      go.get_future().wait();
      first = true;
      return [] {};
    });
    started.get_future().wait();
    CHECK_FALSE(worker.idle());
    worker.complete();  // nothing is done yet: returns at once
    // Whether this comes before or after the destructor begins, the first task is waited for.
    go.set_value();
  }
  CHECK(first);
}

}  // namespace worker_test
}  // namespace signet
