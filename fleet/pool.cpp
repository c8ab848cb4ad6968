#include "fleet/pool.hpp"

#include "core/base/check.hpp"

namespace signet {

Pool::Pool(std::size_t threads) {
  SIGNET_CHECK(threads > 0, "a pool has a thread, if only the caller's");
  for (std::size_t worker = 1; worker < threads; ++worker)
    threads_.emplace_back([this, worker] { serve(worker); });
}

Pool::~Pool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void Pool::run(std::size_t items, const Body& body) {
  std::unique_lock lock(mutex_);
  SIGNET_CHECK(body_ == nullptr, "one loop at a time");
  body_ = &body;
  items_ = items;
  next_ = 0;
  if (items > 1) work_.notify_all();
  take_items(lock, 0);
  done_.wait(lock, [this] { return busy_ == 0; });
  body_ = nullptr;
}

void Pool::serve(std::size_t worker) {
  std::unique_lock lock(mutex_);
  while (true) {
    work_.wait(lock, [this] { return stopping_ || (body_ != nullptr && next_ < items_); });
    if (stopping_) return;
    take_items(lock, worker);
    if (busy_ == 0) done_.notify_one();
  }
}

// Items are large (a gradient, a block of sums): a lock for each costs nothing beside them.
void Pool::take_items(std::unique_lock<std::mutex>& lock, std::size_t worker) {
  while (next_ < items_) {
    const std::size_t item = next_++;
    const Body& body = *body_;
    ++busy_;
    lock.unlock();
    body(item, worker);
    lock.lock();
    --busy_;
  }
}

}  // namespace signet
