#include "core/platform/board.hpp"

#include <unistd.h>

#include "core/platform/process.hpp"
#include "tests/core/platform/temporary_folder.hpp"
#include "tests/core/platform/words.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace board_test {

using namespace test;

constexpr Duration kLong = std::chrono::seconds(20);

TEST_CASE("the memory to be had is read from the kernel's table", "[core][platform][board]") {
  const auto bytes = parse_memory_available(
      "MemTotal:        1000 kB\nMemFree:          10 kB\nMemAvailable:    500 kB\n");
  REQUIRE(bytes);
  CHECK(*bytes == 512'000);
  for (const char* text : {"", "MemTotal: 1000 kB\n", "MemAvailable: many kB\n", "MemAvailable:"}) {
    INFO(text);
    const auto none = parse_memory_available(text);
    REQUIRE_FALSE(none);
    CHECK(words_missing(none.error().message, {"/proc/meminfo", "MemAvailable"}) == "");
  }
  REQUIRE(memory_available());
  CHECK(*memory_available() > 0);
}

TEST_CASE("a processor is called by its name, or by its part's on ARM", "[core][platform][board]") {
  CHECK(parse_processor_name("processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\n") ==
        "Some CPU @ 2 GHz");
  CHECK(parse_processor_name("processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd08\n") ==
        "Cortex-A72");
  CHECK(parse_processor_name("model name\t: ARMv7 Processor rev 4 (v7l)\n"
                             "CPU implementer\t: 0x41\nCPU part\t: 0xd03\n") == "Cortex-A53");
  CHECK(parse_processor_name("CPU implementer\t: 0x61\nCPU part\t: 0x025\n") == "CPU part 0x025");
  CHECK(parse_processor_name("") == "");
}

TEST_CASE("the space that is left is asked of the file system", "[core][platform][board]") {
  const TemporaryFolder folder;
  CHECK(space_left(folder.path()));
  const auto none = space_left(folder / "nowhere");
  REQUIRE_FALSE(none);
  CHECK(none.error().kind == ErrorKind::Missing);
}

TEST_CASE("a program's output is what it wrote, and only when it went well",
          "[core][platform][process]") {
  const auto said = output_of_program({"sh", "-c", "echo a; echo b; echo c >&2"}, kLong);
  REQUIRE(said);
  CHECK(*said == "a\nb\n");
  CHECK_FALSE(output_of_program({"sh", "-c", "echo a; exit 3"}, kLong));
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"no-program-of-this-name"}, {"sh", "-c", "exit 127"}}) {
    const auto none = output_of_program(command, kLong);
    REQUIRE_FALSE(none);
    CHECK(none.error().kind == ErrorKind::Missing);
  }
}

TEST_CASE("a program that says too much or takes too long is ended", "[core][platform][process]") {
  const auto much = output_of_program({"sh", "-c", "while :; do echo more; done"}, kLong, 1000);
  REQUIRE_FALSE(much);
  CHECK(much.error().kind == ErrorKind::Unavailable);
  const auto slow = output_of_program({"sleep", "1000"}, std::chrono::milliseconds(50));
  REQUIRE_FALSE(slow);
  CHECK(words_missing(slow.error().message, {"sleep", "in time"}) == "");
}

TEST_CASE("becoming a user that is not there is refused by name", "[core][platform][board]") {
  const auto nobody = become_user("no-user-of-this-name");
  REQUIRE_FALSE(nobody);
  CHECK(nobody.error().kind == ErrorKind::Missing);
  CHECK(words_missing(nobody.error().message, {"no-user-of-this-name"}) == "");
}

}  // namespace board_test
}  // namespace signet
