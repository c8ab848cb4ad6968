#include <cstdint>
#include <cstdlib>
#include <thread>
#include <vector>

#include <sys/resource.h>

#include "core/platform/clock.hpp"
#include "core/platform/files.hpp"
#include "core/platform/process.hpp"
#include "core/platform/terminal.hpp"
#include "tests/core/platform/words.hpp"
#include "tests/support/catch.hpp"

namespace signet {

TEST_CASE("the clock never runs backwards", "[core][platform]") {
  Instant before = steady_now();
  for (int i = 0; i < 1000; ++i) {
    const Instant now = steady_now();
    REQUIRE(now >= before);
    before = now;
  }
}

TEST_CASE("memory that is written to becomes resident, and the peak remembers it",
          "[core][platform]") {
  constexpr std::size_t kSize = 32U << 20U;
  const auto before = resident_memory();
  REQUIRE(before);
  ResidentMemory with;
  {
    std::vector<char> block(kSize, 'x');
    REQUIRE(block[kSize / 2] == 'x');
    with = *resident_memory();
  }
  CHECK(with.now >= before->now + kSize / 2);
  // The kernel's counters lag by some pages, so peak and now are not compared to the byte.
  CHECK(with.peak >= before->now + kSize / 2);
  CHECK(resident_memory()->peak >= before->now + kSize / 2);
}

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
TEST_CASE("freed memory is kept when asked to, until it is returned", "[core][platform]") {
  // Sanitizers have allocators of their own, and presets with clang are theirs.
  constexpr std::size_t kBlocks = 64, kBlock = 1U << 20U;
  keep_freed_memory();
  std::vector<std::vector<char>> blocks(kBlocks, std::vector<char>(kBlock, 'x'));
  const auto with = resident_memory()->now;
  blocks.clear();
  CHECK(resident_memory()->now + kBlocks * kBlock / 4 > with);
  return_freed_memory();
  // Where a heap of 32 bits shrinks, qemu-user keeps the pages.
  if (sizeof(void*) == 8) CHECK(resident_memory()->now + kBlocks * kBlock / 2 < with);
}

TEST_CASE("what another thread took is returned as well, to the last megabytes",
          "[core][platform]") {
  // glibc gives every thread a heap of its own, whose end malloc_trim() leaves alone.
  constexpr std::size_t kBlocks = 2900, kBlock = 100'000;
  keep_freed_memory();
  const auto before = resident_memory()->now;
  std::vector<std::vector<char>> blocks(kBlocks);
  std::vector<char> stays;  // ... and so the first of its heaps
  std::thread([&] {
    stays.assign(1000, 'x');
    for (auto& block : blocks) block.assign(kBlock, 'x');
  }).join();
  CHECK(resident_memory()->now > before + kBlocks * kBlock / 2);
  return_freed_memory();
  blocks.clear();
  return_freed_memory();
  if (sizeof(void*) == 8) CHECK(resident_memory()->now < before + (std::uint64_t{16} << 20U));
}
#endif

TEST_CASE("resident memory is read from the kernel's words", "[core][platform]") {
  const auto memory = parse_resident_memory("Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n");
  REQUIRE(memory);
  CHECK(memory->now == 1024U * 1024U);
  CHECK(memory->peak == 2048U * 1024U);
}

TEST_CASE("a status without its memory lines is Malformed and names the line", "[core][platform]") {
  for (const char* text : {"", "VmRSS:", "VmRSS:\t\n", "VmRSS:\t12\n", "VmRSS:\tx kB\n"}) {
    const auto memory = parse_resident_memory(text);
    REQUIRE_FALSE(memory);
    CHECK(memory.error().kind == ErrorKind::Malformed);
    CHECK(test::words_missing(memory.error().message, {"VmRSS:"}) == "");
  }
  const auto half = parse_resident_memory("VmRSS:\t12 kB\n");
  REQUIRE_FALSE(half);
  CHECK(test::words_missing(half.error().message, {"VmHWM:"}) == "");
}

TEST_CASE("a terminal's width is never 0, and COLUMNS counts where there is none",
          "[core][platform]") {
  CHECK(terminal_columns() > 0);
  if (stdout_is_terminal() || stderr_is_terminal()) SKIP("this test runs in a terminal");
  ::setenv("COLUMNS", "123", 1);
  CHECK(terminal_columns() == 123);
  for (const char* odd : {"", "0", "-5", "12x"}) {
    ::setenv("COLUMNS", odd, 1);
    CHECK(terminal_columns() == 80);
  }
  ::unsetenv("COLUMNS");
  CHECK(terminal_columns() == 80);
}

TEST_CASE("a process may have as many descriptors as the system lets it", "[core][platform]") {
  rlimit before = {};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit few{64, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
  CHECK(raise_descriptor_limit() == before.rlim_max);
  rlimit after = {};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &after) == 0);
  CHECK(after.rlim_cur == before.rlim_max);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
}

TEST_CASE("this machine has a name", "[core][platform]") {
  CHECK_FALSE(host_name().empty());
}

}  // namespace signet
