// 32-bit ARM programs begin here, where dpkg did not keep them from it: a processor that cannot run
// them is told so in words, not by an illegal instruction. Compiled for ARMv6, run by the loader
// before any other code of the program, and thus without any library.
#include <cstddef>
#include <cstdint>

namespace signet {
namespace {

// <elf.h> and <asm/hwcap.h>: the vector that the kernel puts behind the environment.
constexpr std::uint32_t kAuxEnd = 0, kAuxCapabilities = 16;
constexpr std::uint32_t kNeon = 1U << 12, kVfpV4 = 1U << 16;
constexpr std::int32_t kWrite = 4, kExitGroup = 248;

struct AuxEntry {
  std::uint32_t type, value;
};

std::int32_t call_kernel(std::int32_t number, std::int32_t first, const char* second,
                         std::size_t third) {
  register std::int32_t r7 asm("r7") = number;
  register std::int32_t r0 asm("r0") = first;
  register const char* r1 asm("r1") = second;
  register std::size_t r2 asm("r2") = third;
  asm volatile("svc 0" : "+r"(r0) : "r"(r1), "r"(r2), "r"(r7) : "memory");
  return r0;
}

std::uint32_t capabilities(char** environment) {
  while (*environment != nullptr) ++environment;
  const auto* entry = reinterpret_cast<const AuxEntry*>(environment + 1);
  while (entry->type != kAuxEnd && entry->type != kAuxCapabilities) ++entry;
  return entry->type == kAuxCapabilities ? entry->value : 0;
}

}  // namespace

extern "C" void signet_check_processor(int /*count*/, char** /*arguments*/, char** environment) {
  if ((capabilities(environment) & (kNeon | kVfpV4)) == (kNeon | kVfpV4)) return;
  static constexpr char kText[] =
      "signet: this processor is not supported: it must be an ARMv7 or later with NEON and VFPv4, "
      "as in a Raspberry Pi 2, 3, 4, 5 or Zero 2 W\n";
  call_kernel(kWrite, 2, kText, sizeof kText - 1);
  call_kernel(kExitGroup, 1, nullptr, 0);
}

// The loader calls these before it starts anything else of a program.
[[gnu::used,
  gnu::section(".preinit_array")]] void (*const start_with_check)(int, char**,
                                                                  char**) = signet_check_processor;

}  // namespace signet
