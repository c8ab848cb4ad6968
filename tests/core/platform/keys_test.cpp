#include "core/platform/keys.hpp"

#include <set>

#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/platform/files.hpp"
#include "core/platform/own_addresses.hpp"
#include "core/platform/process.hpp"
#include "tests/core/platform/temporary_folder.hpp"
#include "tests/core/platform/words.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace keys_test {

using namespace test;

unsigned mode_of(const std::string& path) {
  struct stat about = {};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  return about.st_mode & 0777U;
}

std::string why_unread(const std::string& path, ErrorKind kind) {
  const auto read = read_key_file(path);
  REQUIRE_FALSE(read);
  CHECK(read.error().kind == kind);
  return read.error().message;
}

TEST_CASE("a key file gives back the pair that was made, and is its owner's alone",
          "[core][platform][keys]") {
  const TemporaryFolder folder;
  const std::string path = folder / "agent.key";
  const auto made = create_key_file(path);
  REQUIRE(made);
  CHECK(made->public_key.size() == 40);
  CHECK(made->secret_key.size() == 40);
  CHECK(mode_of(path) == 0600U);
  const auto read = read_key_file(path);
  REQUIRE(read);
  CHECK(read->public_key == made->public_key);
  CHECK(read->secret_key == made->secret_key);
}

TEST_CASE("a key file is never overwritten", "[core][platform][keys]") {
  const TemporaryFolder folder;
  const std::string path = folder / "agent.key";
  REQUIRE(create_key_file(path));
  const auto before = to_text(*read_file(path));
  const auto again = create_key_file(path);
  REQUIRE_FALSE(again);
  CHECK(again.error().kind == ErrorKind::Denied);
  CHECK(words_missing(again.error().message, {path, "is there already"}) == "");
  CHECK(to_text(*read_file(path)) == before);
  CHECK(names_in(folder.path(), "")->size() == 1);
}

TEST_CASE("a key file that others may use is refused", "[core][platform][keys]") {
  const TemporaryFolder folder;
  const std::string path = folder / "agent.key";
  REQUIRE(create_key_file(path));
  for (const mode_t mode : {0640U, 0604U, 0620U, 0602U, 0610U, 0644U, 0666U}) {
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    CHECK(words_missing(why_unread(path, ErrorKind::Denied), {path, "chmod 600"}) == "");
  }
  REQUIRE(::chmod(path.c_str(), 0400) == 0);
  CHECK(read_key_file(path));
}

TEST_CASE("what is no key file is told what it is, without its content", "[core][platform][keys]") {
  const TemporaryFolder folder;
  CHECK(words_missing(why_unread(folder / "none", ErrorKind::Missing), {folder / "none"}) == "");
  why_unread(folder.path(), ErrorKind::Denied);
  const std::string path = folder / "agent.key";
  for (const std::string text : {"", "password\n", "public = short\nsecret = short\n"}) {
    REQUIRE(create_private_file(path, view_bytes(text)));
    const auto why = why_unread(path, ErrorKind::Malformed);
    CHECK(words_missing(why, {path, "no key file of Signet"}) == "");
    CHECK(why.find("password") == std::string::npos);
    ::unlink(path.c_str());
  }
}

TEST_CASE("two keys that do not belong together are refused", "[core][platform][keys]") {
  const TemporaryFolder folder;
  const std::string path = folder / "agent.key";
  const KeyPair a = make_key_pair(), b = make_key_pair();
  REQUIRE(create_private_file(
      path, view_bytes("public = " + a.public_key + "\nsecret = " + b.secret_key + "\n")));
  const auto why = why_unread(path, ErrorKind::Corrupt);
  CHECK(why.find(b.secret_key) == std::string::npos);
}

TEST_CASE("no two keys, and no two random numbers, are equal", "[core][platform][keys]") {
  std::set<std::string> seen;
  for (int i = 0; i < 50; ++i) {
    const KeyPair keys = make_key_pair();
    seen.insert(keys.public_key);
    seen.insert(keys.secret_key);
    seen.insert(to_text(random_bytes(16)));
  }
  CHECK(seen.size() == 150);
  CHECK(random_bytes(0).empty());
  CHECK(random_bytes(1000).size() == 1000);
}

TEST_CASE("a wiped secret is not in its memory any more", "[core][platform][keys]") {
  std::string secret = "a secret that is longer than a short string's own place";
  const char* const memory = secret.data();
  const std::size_t size = secret.size();
  wipe(secret);
  CHECK(secret.empty());
  REQUIRE(secret.data() == memory);
  for (std::size_t i = 0; i < size; ++i) CHECK(memory[i] == '\0');
}

TEST_CASE("there is no core dump while a secret is held", "[core][platform][keys]") {
  {
    const NoCoreDumps none;
    CHECK(::prctl(PR_GET_DUMPABLE) == 0);
  }
  CHECK(::prctl(PR_GET_DUMPABLE) == 1);
}

TEST_CASE("a secret argument is overwritten where ps reads it", "[core][platform][keys]") {
  std::string join = "join", token = "signet1abc", other = "signet1abcd";
  char* const arguments[] = {join.data(), token.data(), other.data()};
  hide_arguments(arguments, "signet1abc");
  CHECK(join == "join");
  CHECK(token == "**********");
  CHECK(other == "signet1abcd");
}

TEST_CASE("a private file is not made for a user that there is not", "[core][platform][files]") {
  const TemporaryFolder folder;
  const auto made = create_private_file(folder / "x", {}, "no-such-user-here");
  REQUIRE_FALSE(made);
  CHECK(made.error().kind == ErrorKind::Missing);
  CHECK_FALSE(exists(folder / "x"));
  CHECK_FALSE(user_exists("no-such-user-here"));
}

TEST_CASE("this machine has a name at least by which others may reach it", "[core][platform]") {
  const auto hosts = own_hosts();
  REQUIRE_FALSE(hosts.empty());
  CHECK(hosts.back() == host_name());
  for (const auto& host : hosts) CHECK(host.find("127.0.0.") == std::string::npos);
}

TEST_CASE("a program that was run tells its exit code", "[core][platform]") {
  CHECK(*run_program({"true"}) == 0);
  CHECK(*run_program({"sh", "-c", "exit 7"}) == 7);
  CHECK(run_program({"no-such-program-here"}).error().kind == ErrorKind::Missing);
  CHECK(run_program({"sh", "-c", "no-such-program-here 2>&-"}).error().kind == ErrorKind::Missing);
  CHECK(words_missing(run_program({"sh", "-c", "kill -9 $$"}).error().message, {"signal 9"}) == "");
}

}  // namespace keys_test
}  // namespace signet
