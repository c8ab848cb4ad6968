// Run with the operator new of large_pages.cpp, as the daemons do.

#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <numeric>
#include <vector>

#include "tests/support/catch.hpp"

namespace signet {
namespace {

constexpr std::size_t kLargePage = std::size_t{2} << 20;

std::uintptr_t address_of(const void* at) {
  return reinterpret_cast<std::uintptr_t>(at);
}

TEST_CASE("an array of 2 MiB and more begins at a large page and keeps what is written to it",
          "[core][platform]") {
  for (const std::size_t bytes : {kLargePage, kLargePage + 4, 5 * kLargePage + 12}) {
    std::vector<std::uint32_t> numbers(bytes / 4);
    CHECK(address_of(numbers.data()) % kLargePage == 0);
    std::iota(numbers.begin(), numbers.end(), 0U);
    CHECK(numbers.back() == bytes / 4 - 1);
  }
}

TEST_CASE("small arrays take no large page each", "[core][platform]") {
  const auto first = std::make_unique<char[]>(kLargePage - 1);
  const auto second = std::make_unique<char[]>(kLargePage - 1);
  CHECK((address_of(first.get()) % kLargePage != 0 || address_of(second.get()) % kLargePage != 0));
}

TEST_CASE("memory that cannot be had is bad_alloc, large pages or not", "[core][platform]") {
  const std::size_t most = std::numeric_limits<std::size_t>::max() / 2 - kLargePage;
  CHECK_THROWS_AS(::operator new(most), std::bad_alloc);
}

}  // namespace
}  // namespace signet
