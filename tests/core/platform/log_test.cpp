#include "core/platform/log.hpp"

#include <cstdlib>
#include <regex>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/platform/files.hpp"
#include "tests/core/platform/temporary_folder.hpp"
#include "tests/core/platform/words.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace log_test {

/// Sends stderr to a file for as long as it lives.
class CapturedStderr {
 public:
  CapturedStderr() : former_(::dup(STDERR_FILENO)) {
    const int fd = ::open(path().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    ::dup2(fd, STDERR_FILENO);
    ::close(fd);
  }
  ~CapturedStderr() {
    ::dup2(former_, STDERR_FILENO);
    ::close(former_);
  }
  std::string text() const { return to_text(*read_file(path())); }

 private:
  std::string path() const { return folder_ / "stderr"; }

  test::TemporaryFolder folder_;
  int former_;
};

TEST_CASE("a plain log line has date, time with zone, level and text", "[core][platform]") {
  const CapturedStderr captured;
  set_log_style(LogStyle::Plain);
  REQUIRE(set_log_level("info"));
  log_info("round {} closed with {:.1f} s", 7, 0.25);
  log_error("{}", "disk");
  const std::string stamp = R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d)";
  CHECK(std::regex_match(
      captured.text(),
      std::regex(stamp + " info    round 7 closed with 0.2 s\n" + stamp + " error   disk\n")));
}

TEST_CASE("under the journal a line is its priority and its text", "[core][platform]") {
  const CapturedStderr captured;
  set_log_style(LogStyle::Journal);
  REQUIRE(set_log_level("debug"));
  log_debug("d");
  log_info("i {{}} {}", 1);
  log_warning("w");
  log_error("e");
  CHECK(captured.text() == "<7>d\n<6>i {} 1\n<4>w\n<3>e\n");
}

TEST_CASE("a log line that holds another one stays one line", "[core][platform]") {
  const CapturedStderr captured;
  set_log_style(LogStyle::Journal);
  REQUIRE(set_log_level("info"));
  log_info("peer says {}", "a\n<3>forged\x1b[2J\x7f {}");
  CHECK(captured.text() == "<6>peer says a\\x0a<3>forged\\x1b[2J\\x7f {}\n");
}

TEST_CASE("control characters of eight bits move no cursor either", "[core][platform]") {
  const CapturedStderr captured;
  set_log_style(LogStyle::Journal);
  REQUIRE(set_log_level("info"));
  // U+009B begins a sequence as ESC [ does; U+00E9 and U+041B are letters.
  log_info("peer says {}",
           "\xc2\x9b"
           "2J \xc3\xa9 \xd0\x9b");
  CHECK(captured.text() == "<6>peer says \\xc2\\x9b2J \xc3\xa9 \xd0\x9b\n");
}

TEST_CASE("lines below the level are not written, and a new style keeps the level",
          "[core][platform]") {
  const CapturedStderr captured;
  REQUIRE(set_log_level("warning"));
  set_log_style(LogStyle::Journal);
  log_debug("no");
  log_info("no");
  log_warning("yes");
  CHECK_FALSE(log_enabled(LogLevel::Info));
  CHECK(log_enabled(LogLevel::Error));
  REQUIRE(set_log_level("off"));
  log_error("no");
  CHECK_FALSE(log_enabled(LogLevel::Error));
  CHECK_FALSE(log_enabled(LogLevel::Off));
  CHECK(captured.text() == "<4>yes\n");
  REQUIRE(set_log_level("info"));
}

TEST_CASE("an unknown log level is refused, with those that exist", "[core][platform]") {
  const auto set = set_log_level("verbose");
  REQUIRE_FALSE(set);
  CHECK(set.error().kind == ErrorKind::Malformed);
  CHECK(test::words_missing(set.error().message, {"verbose", "debug, info, warning, error, off"}) ==
        "");
}

TEST_CASE("the journal is known by the stream it named, not by the variable alone",
          "[core][platform]") {
  const CapturedStderr captured;
  struct stat about = {};
  REQUIRE(::fstat(STDERR_FILENO, &about) == 0);
  ::setenv("JOURNAL_STREAM", fmt::format("{}:{}", about.st_dev, about.st_ino).c_str(), 1);
  CHECK(detect_log_style() == LogStyle::Journal);
  ::setenv("JOURNAL_STREAM", "1:2", 1);
  CHECK(detect_log_style() == LogStyle::Plain);
  ::unsetenv("JOURNAL_STREAM");
  CHECK(detect_log_style() == LogStyle::Plain);
}

}  // namespace log_test
}  // namespace signet
