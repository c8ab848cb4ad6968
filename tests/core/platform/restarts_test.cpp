#include "core/platform/restarts.hpp"

#include <cstdlib>
#include <fstream>

#include <signal.h>

#include "core/platform/clock.hpp"
#include "tests/core/platform/temporary_folder.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace restarts_test {

using namespace std::chrono_literals;

TEST_CASE("each start that did not last makes the next wait twice as long, up to five minutes",
          "[core][platform]") {
  ShortRuns runs;
  Instant now(1000s);
  for (const int pause : {0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300}) {
    runs = after_another_start(runs, now);
    CHECK(pause_of(runs) == std::chrono::seconds(pause));
    now += pause_of(runs) + 59s;
  }
  CHECK(pause_of({4000000000, now}) == 300s);
}

TEST_CASE("a run that went on for a minute after its wait makes the next start the first",
          "[core][platform]") {
  const ShortRuns runs{9, Instant(1000s)};  // it waited 128 s
  CHECK(after_another_start(runs, Instant(1187s)).count == 10);
  CHECK(after_another_start(runs, Instant(1188s)) == ShortRuns{1, Instant(1188s)});
}

TEST_CASE("the count of short runs is read back as it was written", "[core][platform]") {
  const ShortRuns runs{7, Instant(123456789us)};
  CHECK(to_text(runs) == "7 123456789\n");
  CHECK(parse_short_runs(to_text(runs)) == runs);
  for (const char* bad : {"", "7", "7 ", "7 1", "x 1\n", "7 1\n\n", "-7 1\n", "7 1 \n",
                          "99999999999999999999 1\n", "2000000000 1\n"})
    CHECK_FALSE(parse_short_runs(bad));
}

TEST_CASE("short runs are counted over processes, until one was asked to end", "[core][platform]") {
  const test::TemporaryFolder folder;
  const Instant now = steady_now();
  for (const unsigned count : {1U, 2U, 3U}) {
    const Restarts restarts(folder.path(), now);
    CHECK(restarts.count() == count);
    CHECK(restarts.saved());
  }
  Restarts(folder.path(), now).forget();
  CHECK(Restarts(folder.path(), now).count() == 1);
}

TEST_CASE("a broken count is none, and one that cannot be saved is said", "[core][platform]") {
  const test::TemporaryFolder folder;
  std::ofstream(folder / "short-runs") << "what";
  CHECK(Restarts(folder.path(), steady_now()).count() == 1);
  const Restarts nowhere(folder / "missing", steady_now());
  CHECK(nowhere.count() == 1);
  REQUIRE_FALSE(nowhere.saved());
  CHECK(nowhere.saved().error().message.find("missing/short-runs") != std::string::npos);
}

TEST_CASE("without a runtime folder no start is counted", "[core][platform]") {
  ::unsetenv("RUNTIME_DIRECTORY");
  const Restarts restarts(Restarts::folder(), steady_now());
  CHECK(restarts.count() == 0);
  CHECK(restarts.pause() == 0s);
  CHECK(restarts.saved());
  restarts.forget();
}

TEST_CASE("the wait before a start ends at once with a signal", "[core][platform]") {
  const test::TemporaryFolder folder;
  for (int start = 0; start < 12; ++start) Restarts(folder.path(), steady_now());
  Waker waker;
  ServiceManager service;
  const StopSignals signals(waker);
  const Restarts restarts(folder.path(), steady_now());
  REQUIRE(restarts.pause() == 300s);
  ::raise(SIGTERM);
  CHECK_FALSE(wait_out(restarts, service, waker, signals));
}

TEST_CASE("the first start does not wait", "[core][platform]") {
  const test::TemporaryFolder folder;
  Waker waker;
  ServiceManager service;
  const StopSignals signals(waker);
  CHECK(wait_out(Restarts(folder.path(), steady_now()), service, waker, signals));
}

}  // namespace restarts_test
}  // namespace signet
