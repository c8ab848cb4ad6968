#include "core/platform/files.hpp"

#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

#include "core/base/random.hpp"
#include "tests/core/platform/temporary_folder.hpp"
#include "tests/core/platform/words.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace files_test {

using test::words_missing;

Bytes random_bytes(std::size_t size, std::uint64_t seed) {
  Rng rng(seed);
  Bytes bytes(size);
  for (auto& b : bytes) b = static_cast<std::byte>(rng.next() & 0xff);
  return bytes;
}

std::size_t entries_of(const std::string& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

TEST_CASE("a file written atomically is read back, whatever its size", "[core][platform]") {
  const test::TemporaryFolder folder;
  const std::string path = folder / "file";
  for (const std::size_t size : {0U, 1U, 65535U, 65536U, 65537U, 1000000U}) {
    const Bytes content = random_bytes(size, size);
    REQUIRE(write_file_atomically(path, content));
    const auto read = read_file(path);
    REQUIRE(read);
    CHECK(*read == content);
    CHECK(entries_of(folder.path()) == 1);
  }
}

TEST_CASE("the start of a file is read, and no more", "[core][platform]") {
  const test::TemporaryFolder folder;
  const Bytes content = random_bytes(100000, 1);
  REQUIRE(write_file_atomically(folder / "file", content));
  for (const std::size_t wanted : {0U, 1U, 100U, 65536U, 70000U, 100000U, 200000U}) {
    const auto start = read_file_start(folder / "file", wanted);
    REQUIRE(start);
    const auto size = std::min(wanted, content.size());
    CHECK(*start == Bytes(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(size)));
  }
}

TEST_CASE("a file that is larger than a program's memory can be is refused with its size",
          "[core][platform]") {
  if (sizeof(void*) > 4) SKIP("64 bits reach further than files do");
  const test::TemporaryFolder folder;
  REQUIRE(write_file_atomically(folder / "large", {}));
  REQUIRE(::truncate64((folder / "large").c_str(), std::int64_t{5} << 29) == 0);
  const auto large = read_file(folder / "large");
  REQUIRE_FALSE(large);
  CHECK(large.error().kind == ErrorKind::Full);
  CHECK(test::words_missing(large.error().message, {"large", "2684354560 bytes", "32-bit"}) == "");
}

TEST_CASE("a file of /proc, whose size the system calls 0, is read whole", "[core][platform]") {
  const auto status = read_file("/proc/self/status");
  REQUIRE(status);
  CHECK(words_missing(to_text(*status), {"VmRSS:"}) == "");
}

TEST_CASE("a file that is not there is Missing, with its path", "[core][platform]") {
  const test::TemporaryFolder folder;
  const auto read = read_file(folder / "none");
  REQUIRE_FALSE(read);
  CHECK(read.error().kind == ErrorKind::Missing);
  CHECK(words_missing(read.error().message, {folder / "none", "No such file"}) == "");
  CHECK_FALSE(exists(folder / "none"));
}

TEST_CASE("a folder is not read as a file", "[core][platform]") {
  const test::TemporaryFolder folder;
  const auto read = read_file(folder.path());
  REQUIRE_FALSE(read);
  CHECK(read.error().kind == ErrorKind::Denied);
  CHECK(words_missing(read.error().message, {folder.path(), "not a folder"}) == "");
}

TEST_CASE("an atomic write into a missing folder says Missing and names the path",
          "[core][platform]") {
  const test::TemporaryFolder folder;
  const auto written = write_file_atomically(folder / "no/file", random_bytes(10, 1));
  REQUIRE_FALSE(written);
  CHECK(written.error().kind == ErrorKind::Missing);
  CHECK(words_missing(written.error().message, {folder / "no/file", "create the folder"}) == "");
}

TEST_CASE("an atomic write that fails at its last step leaves the old file, and nothing new",
          "[core][platform]") {
  const test::TemporaryFolder folder;
  REQUIRE(std::filesystem::create_directory(folder / "taken"));
  REQUIRE(write_file_atomically(folder / "taken/inside", random_bytes(5, 1)));
  const auto written = write_file_atomically(folder / "taken", random_bytes(10, 2));
  REQUIRE_FALSE(written);
  CHECK(words_missing(written.error().message, {folder / "taken"}) == "");
  CHECK(*read_file(folder / "taken/inside") == random_bytes(5, 1));
  CHECK(entries_of(folder.path()) == 1);
}

TEST_CASE("an atomic write sets the permissions asked for", "[core][platform]") {
  const test::TemporaryFolder folder;
  REQUIRE(write_file_atomically(folder / "key", random_bytes(10, 1), 0600));
  struct stat about = {};
  REQUIRE(::stat((folder / "key").c_str(), &about) == 0);
  CHECK((about.st_mode & 0777U) == 0600U);
}

TEST_CASE("an atomic write to a full disk says Full and leaves the old file", "[core][platform]") {
  const test::SmallDisk disk("size=64k");
  if (!disk.available()) SKIP("mounting a small disk is not allowed here");
  const Bytes old = random_bytes(100, 1);
  REQUIRE(write_file_atomically(disk / "file", old));
  const auto written = write_file_atomically(disk / "file", random_bytes(100000, 2));
  REQUIRE_FALSE(written);
  CHECK(written.error().kind == ErrorKind::Full);
  CHECK(words_missing(written.error().message, {disk / "file", "No space left", "make room"}) ==
        "");
  CHECK(*read_file(disk / "file") == old);
  CHECK(write_file_atomically(disk / "file", random_bytes(1000, 3)));  // Nothing was left behind.
}

TEST_CASE("a read-only disk is Denied, with the remedy", "[core][platform]") {
  test::SmallDisk disk("size=64k");
  if (!disk.available()) SKIP("mounting a small disk is not allowed here");
  REQUIRE(write_file_atomically(disk / "file", random_bytes(100, 1)));
  REQUIRE(disk.make_read_only());
  for (const auto& refused : {write_file_atomically(disk / "file", random_bytes(100, 2)),
                              check_writable(disk / "file"), check_writable(disk / "other")}) {
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::Denied);
    CHECK(words_missing(refused.error().message, {disk / "", "Read-only", "remount"}) == "");
  }
  CHECK(*read_file(disk / "file") == random_bytes(100, 1));
}

TEST_CASE("check_writable allows a new and an old file and writes nothing", "[core][platform]") {
  const test::TemporaryFolder folder;
  CHECK(check_writable(folder / "new"));
  CHECK(entries_of(folder.path()) == 0);
  REQUIRE(write_file_atomically(folder / "old", {}));
  CHECK(check_writable(folder / "old"));
}

TEST_CASE("check_writable refuses a missing folder and a folder in the file's place",
          "[core][platform]") {
  const test::TemporaryFolder folder;
  const auto missing = check_writable(folder / "no/file");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == ErrorKind::Missing);
  CHECK(words_missing(missing.error().message, {folder / "no/file", "create it"}) == "");
  const auto taken = check_writable(folder.path());
  REQUIRE_FALSE(taken);
  CHECK(taken.error().kind == ErrorKind::Denied);
  CHECK(words_missing(taken.error().message, {folder.path(), "is not a file"}) == "");
}

TEST_CASE("the folder of a path is what stands before the last slash", "[core][platform]") {
  CHECK(folder_of("a/b/c") == "a/b");
  CHECK(folder_of("c") == ".");
  CHECK(folder_of("/c") == "/");
}

}  // namespace files_test
}  // namespace signet
