#pragma once

#include <string_view>

namespace signet {

/// Prints what was expected and where, then aborts. For programmers' errors only: the service
/// manager restarts us from saved state, which is safer than going on with a broken invariant.
[[noreturn]] void fail_check(std::string_view expectation, std::string_view why, const char* file,
                             unsigned line);

}  // namespace signet

/// Aborts in every build type when `condition` is false.
#define SIGNET_CHECK(condition, why)                               \
  do {                                                             \
    if (!(condition)) [[unlikely]]                                 \
      ::signet::fail_check(#condition, (why), __FILE__, __LINE__); \
  } while (false)
