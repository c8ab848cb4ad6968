#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace signet {

/// Threads that share the items of a loop. Which thread takes which item is left to chance: a
/// result depends on the number of threads only if `body` makes it so.
class Pool {
 public:
  /// `threads` at least 1; the caller's own is one of them.
  explicit Pool(std::size_t threads);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  using Body = std::function<void(std::size_t item, std::size_t worker)>;
  /// Calls body(item, worker) once for each item in [0, items) and returns when all are done. No
  /// two calls at a time have the same worker in [0, threads()), so that each may have its own
  /// scratch. To be called by one thread, and not from a body.
  void run(std::size_t items, const Body& body);

  std::size_t threads() const { return threads_.size() + 1; }

 private:
  void serve(std::size_t worker);
  void take_items(std::unique_lock<std::mutex>& lock, std::size_t worker);

  std::mutex mutex_;
  std::condition_variable work_, done_;
  const Body* body_ = nullptr;  // none: no loop is under way
  std::size_t items_ = 0, next_ = 0, busy_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace signet
