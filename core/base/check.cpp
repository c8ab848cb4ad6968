#include "core/base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace signet {

void fail_check(std::string_view expectation, std::string_view why, const char* file,
                unsigned line) {
  std::fprintf(stderr, "%s:%u: check failed: %.*s (%.*s)\n", file, line,
               static_cast<int>(expectation.size()), expectation.data(),
               static_cast<int>(why.size()), why.data());
  std::abort();
}

}  // namespace signet
