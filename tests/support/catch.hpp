#pragma once

// One include for Catch2 2.x (Debian bookworm) and 3.x (trixie).
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#define SIGNET_CATCH3 1
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif

#ifndef SKIP  // Catch2 3.3 and later have it.
#define SKIP(why)             \
  do {                        \
    WARN("skipped: " << why); \
    return;                   \
  } while (false)
#endif
