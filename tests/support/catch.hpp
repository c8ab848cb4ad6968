#pragma once

// One include for Catch2 2.x (Debian bookworm) and 3.x (trixie).
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#define SIGNET_CATCH3 1
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif

namespace signet::test {

inline bool skipped_something = false;

}  // namespace signet::test

// That of Catch2 3.3 and later ends with an exit code which failures may have as well.
#undef SKIP
#define SKIP(why)                           \
  do {                                      \
    WARN("skipped: " << why);               \
    signet::test::skipped_something = true; \
    return;                                 \
  } while (false)
