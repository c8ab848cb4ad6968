#include "core/data/gunzip.hpp"

#include <fstream>

#include <sys/resource.h>
#include <unistd.h>

#include "core/base/random.hpp"
#include "tests/core/data/data_files.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace {

using test::check_fails;
using test::gzip_bytes;
using test::text_bytes;

Bytes random_content(std::size_t size) {
  Rng rng(size);
  Bytes content(size);
  for (auto& b : content) b = static_cast<std::byte>(rng.below(256));
  return content;
}

}  // namespace

TEST_CASE("gunzip returns what was compressed", "[core][data][gunzip]") {
  for (const std::size_t size :
       {0U, 1U, 1000U, (1U << 20) - 1, 1U << 20, (1U << 20) + 1, 3000000U}) {
    INFO("size " << size);
    for (const Bytes& content : {random_content(size), Bytes(size)}) {
      const auto expanded = gunzip(gzip_bytes(content), "a.gz");
      REQUIRE(expanded);
      CHECK((*expanded == content));
    }
  }
}

TEST_CASE("gunzip joins members and allows zeros after them", "[core][data][gunzip]") {
  Bytes file = gzip_bytes(text_bytes("one,"));
  const Bytes second = gzip_bytes(text_bytes("two"));
  file.insert(file.end(), second.begin(), second.end());
  auto expanded = gunzip(file, "a.gz");
  REQUIRE(expanded);
  CHECK(to_text(*expanded) == "one,two");
  file.resize(file.size() + 512);
  expanded = gunzip(file, "a.gz");
  REQUIRE(expanded);
  CHECK(to_text(*expanded) == "one,two");
}

TEST_CASE("gunzip says so when the file ends early, wherever it does", "[core][data][gunzip]") {
  const Bytes whole = gzip_bytes(random_content(3000));
  for (std::size_t size = 2; size < whole.size(); ++size) {
    const auto expanded = gunzip(ByteView(whole).first(size), "dir/a.gz");
    REQUIRE_FALSE(expanded);
    const std::string& message = expanded.error().message;
    if (message.find("dir/a.gz: ") != 0 || message.find("truncated") == std::string::npos ||
        message.find(std::to_string(size) + " bytes") == std::string::npos)
      FAIL("at " << size << ": " << message);
  }
}

TEST_CASE("gunzip finds damage by the checksum", "[core][data][gunzip]") {
  Bytes file = gzip_bytes(text_bytes("some text that is long enough to be damaged"));
  Bytes stream = file;
  stream[12] ^= std::byte{0x55};
  check_fails(gunzip(stream, "a.gz"), ErrorKind::Malformed, {"a.gz", "copy it again"});
  Bytes checksum = file;
  checksum[file.size() - 6] ^= std::byte{1};
  check_fails(gunzip(checksum, "a.gz"), ErrorKind::Malformed, {"a.gz", "damaged", "data check"});
  Bytes trailer = file;
  trailer.push_back(std::byte{7});
  check_fails(gunzip(trailer, "a.gz"), ErrorKind::Malformed, {"a.gz", "1 bytes after the end"});
}

TEST_CASE("gunzip never aborts on damaged bytes", "[core][data][gunzip]") {
  const Bytes whole = gzip_bytes(random_content(400));
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const unsigned flip : {0x01U, 0x80U, 0xffU}) {
      Bytes damaged = whole;
      damaged[at] ^= static_cast<std::byte>(flip);
      const auto expanded = gunzip(damaged, "a.gz");
      CHECK((expanded || !expanded.error().message.empty()));
    }
}

TEST_CASE("gunzip names what does not start as gzip does", "[core][data][gunzip]") {
  check_fails(gunzip(text_bytes("PK zip"), "a.gz"), ErrorKind::Malformed, {"a.gz", "1f 8b"});
  check_fails(gunzip({}, "a.gz"), ErrorKind::Malformed, {"a.gz", "1f 8b"});
}

TEST_CASE("gunzip stops at its limit and not before", "[core][data][gunzip]") {
  for (const std::size_t size : {1U, 1000U, 1U << 20, 2500000U}) {
    const Bytes file = gzip_bytes(Bytes(size));
    CHECK(gunzip(file, "a.gz", size));
    check_fails(gunzip(file, "a.gz", size - 1), ErrorKind::Mismatch,
                {"a.gz", std::to_string(size - 1) + " bytes", "expand it with gunzip"});
  }
}

TEST_CASE("gunzip does not believe the size that a trailer claims", "[core][data][gunzip]") {
  Bytes file = gzip_bytes(text_bytes("short"));
  for (std::size_t i = 1; i <= 4; ++i) file[file.size() - i] = std::byte{0xff};
  check_fails(gunzip(file, "a.gz"), ErrorKind::Malformed, {"damaged", "length check"});
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
TEST_CASE("a truncated file whose last bytes claim more than there is memory is only truncated",
          "[core][data][gunzip]") {
  // Sanitizers have mapped far more than any limit; presets with clang are theirs.
  Bytes file = gzip_bytes(random_content(5U << 20U));
  file.resize(file.size() / 2);
  const unsigned claimed[] = {0, 0, 0, 0x40};  // a gibibyte
  for (std::size_t i = 0; i < 4; ++i)
    file[file.size() - 4 + i] = static_cast<std::byte>(claimed[i]);
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  rlimit before = {};
  REQUIRE(::getrlimit(RLIMIT_AS, &before) == 0);
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const rlimit tight{pages * page + (std::size_t{128} << 20U), before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_AS, &tight) == 0);
  const auto expanded = gunzip(file, "a.gz");
  ::setrlimit(RLIMIT_AS, &before);
  check_fails(expanded, ErrorKind::Malformed, {"a.gz", "truncated"});
}
#endif

}  // namespace signet
