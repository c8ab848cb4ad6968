// Replaces operator new in the programs that link it (the two daemons): arrays of 2 MiB and more
// are laid on large pages where the kernel has them to give. A round walks over every parameter
// several times, and with pages of 4 KiB a good part of that is looking up addresses. This is a
// hint alone: without large pages the arrays are the same, and slower.

#include <cstdlib>
#include <new>

#include <sys/mman.h>

namespace {

// Of x86-64, and of ARM with pages of 4 KiB. Where it is another size the kernel takes what fits.
constexpr std::size_t kLargePage = std::size_t{2} << 20;

void* allocate(std::size_t size) {
  if (size < kLargePage) return std::malloc(size == 0 ? 1 : size);
  void* at = nullptr;
  if (::posix_memalign(&at, kLargePage, size) != 0) return nullptr;
  ::madvise(at, size, MADV_HUGEPAGE);  // what it cannot do is no error, see above
  return at;
}

}  // namespace

void* operator new(std::size_t size) {
  for (;;) {
    if (void* at = allocate(size)) return at;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

void operator delete(void* at) noexcept {
  std::free(at);
}

void operator delete(void* at, std::size_t /*size*/) noexcept {
  std::free(at);
}
