#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "core/base/check.hpp"
#include "core/kernels/tables.hpp"

namespace signet {

std::size_t counter_words(std::size_t dimension, std::size_t planes) {
  // Planes of a block lie 64 bytes further apart than they are long: they must not share cache
  // sets.
  constexpr std::size_t block = kernels::kCounterBlock;
  const std::size_t bytes = (dimension + 7) / 8;
  const std::size_t last = bytes % block;
  const std::size_t planes_bytes =
      bytes / block * (block + 64) + (last == 0 ? 0 : (last + 63) / 64 * 64 + 64);
  return planes * planes_bytes / sizeof(Word);
}

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
