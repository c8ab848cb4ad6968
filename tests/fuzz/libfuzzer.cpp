// signet-fuzz: libFuzzer on the target that SIGNET_FUZZ_TARGET names. ./dev fuzz runs it.
//
// "list" prints the targets, and the longest input that each is worth. Where SIGNET_FUZZ_SEEDS
// names a folder the target's seeds are written there.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "tests/fuzz/targets.hpp"

namespace signet::test {

namespace {

const FuzzTarget* the_fuzz_target = nullptr;

void write_seeds(const std::string& folder) {
  int number = 0;
  for (const Bytes& seed : the_fuzz_target->seeds()) {
    std::ofstream file(folder + "/seed-" + std::to_string(number++), std::ios::binary);
    const std::string text = to_text(seed);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
  }
}

}  // namespace

}  // namespace signet::test

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  using namespace signet::test;
  const char* name = std::getenv("SIGNET_FUZZ_TARGET");
  if (name != nullptr && std::string(name) == "list") {
    for (const FuzzTarget& target : fuzz_targets())
      std::printf("%s\t%zu\n", std::string(target.name).c_str(), target.bytes_max);
    std::exit(0);
  }
  the_fuzz_target = name != nullptr ? find_fuzz_target(name) : nullptr;
  if (the_fuzz_target == nullptr) {
    std::fprintf(stderr, "SIGNET_FUZZ_TARGET names no target; SIGNET_FUZZ_TARGET=list names all\n");
    std::exit(2);
  }
  if (const char* folder = std::getenv("SIGNET_FUZZ_SEEDS")) write_seeds(folder);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  signet::test::the_fuzz_target->run({reinterpret_cast<const std::byte*>(data), size});
  return 0;
}
