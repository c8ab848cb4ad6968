#pragma once

#include <cstddef>

#include <sys/mman.h>
#include <unistd.h>

#include "core/base/check.hpp"

namespace signet::test {

/// Where an array lies between its two forbidden pages.
enum class Place { Start, End };

/// Memory with a page before and a page behind it that end the program when they are touched.
class Guarded {
 public:
  explicit Guarded(std::size_t bytes)
      : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))),
        size_((bytes + page_ - 1) / page_ * page_ + page_) {
    void* all = mmap(nullptr, size_ + 2 * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    SIGNET_CHECK(all != MAP_FAILED, "address space for a test");
    base_ = static_cast<std::byte*>(all);
    SIGNET_CHECK(mprotect(base_ + page_, size_, PROT_READ | PROT_WRITE) == 0, "memory for a test");
  }
  ~Guarded() { munmap(base_, size_ + 2 * page_); }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  /// `count` elements that touch the page before them or the page behind them.
  template <typename T>
  T* place(std::size_t count, Place where) {
    SIGNET_CHECK(count * sizeof(T) <= size_, "as many elements as were asked for");
    std::byte* first = base_ + page_;
    if (where == Place::End) first += size_ - count * sizeof(T);
    return reinterpret_cast<T*>(first);
  }

 private:
  std::size_t page_, size_;
  std::byte* base_ = nullptr;
};

}  // namespace signet::test
