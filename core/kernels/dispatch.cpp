#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "core/base/check.hpp"
#include "core/kernels/tables.hpp"

namespace signet {

std::span<const Kernels> all_kernels() {
  static const std::array tables {
#if defined(SIGNET_X86_KERNELS)
    kernels::kAvx512, kernels::kAvx2,
#elif defined(SIGNET_NEON_KERNELS)
    kernels::kNeon,
#endif
        kernels::kPortable,
  };
  return tables;
}

namespace {

const Kernels& choose_kernels() {
  const char* forced = std::getenv("SIGNET_KERNELS");
  for (const Kernels& table : all_kernels()) {
    if (forced != nullptr && *forced != '\0') {
      if (table.name != forced) continue;
      SIGNET_CHECK(table.available(), "SIGNET_KERNELS names kernels this machine cannot run");
      return table;
    }
    if (!table.available()) continue;
    if (kernels::answers_rightly(table)) return table;
    std::fprintf(stderr, "kernels '%.*s' gave a wrong answer to a known question; not used\n",
                 static_cast<int>(table.name.size()), table.name.data());
  }
  std::string names;
  for (const Kernels& table : all_kernels()) names += " " + std::string(table.name);
  std::fprintf(stderr, "SIGNET_KERNELS=%s is none of:%s\n", forced != nullptr ? forced : "",
               names.c_str());
  SIGNET_CHECK(false, "no usable kernels");
}

}  // namespace

const Kernels& best_kernels() {
  static const Kernels& chosen = choose_kernels();
  return chosen;
}

}  // namespace signet
