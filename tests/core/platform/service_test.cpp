#include "core/platform/service.hpp"

#include <string>
#include <vector>

#include "core/platform/clock.hpp"
#include "tests/core/platform/service_manager.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace service_test {

using namespace std::chrono_literals;

using test::Manager;
using Heard = std::vector<std::string>;

TEST_CASE("without a manager nothing is told, and nothing is due", "[core][platform]") {
  ServiceManager service;
  CHECK_FALSE(service.present());
  service.ready();
  service.stopping();
  service.reloading(steady_now());
  service.say(steady_now(), "round 1");
  service.alive(steady_now());
  CHECK_FALSE(service.listens(steady_now()));
  CHECK(service.due() == kNever);
}

TEST_CASE("the manager is told of start, reload and end", "[core][platform]") {
  const Manager manager;
  const ServiceManager service;
  CHECK(service.present());
  service.ready();
  service.reloading(Instant(12345us));
  service.ready();
  service.stopping();
  CHECK(manager.heard() ==
        Heard{"READY=1", "RELOADING=1\nMONOTONIC_USEC=12345", "READY=1", "STOPPING=1"});
}

TEST_CASE("a status is told when it is new, and once a second", "[core][platform]") {
  const Manager manager;
  ServiceManager service;
  const Instant start = steady_now();
  service.say(start, "round 1");
  service.say(start + 900ms, "round 2");
  CHECK_FALSE(service.listens(start + 999ms));
  CHECK(manager.heard() == Heard{"STATUS=round 1"});
  service.say(start + 1s, "round 1");
  CHECK(manager.heard().empty());
  service.say(start + 1s, "round 3");
  CHECK(manager.heard() == Heard{"STATUS=round 3"});
}

TEST_CASE("the watchdog is fed three times in its interval, whatever the loop's pace",
          "[core][platform]") {
  const Manager manager("3000000");
  ServiceManager service;
  const Instant start = steady_now();
  CHECK(service.due() <= start);
  for (int turn = 0; turn < 100; ++turn) service.alive(start + turn * 30ms);
  CHECK(manager.heard() == Heard{"WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"});
  CHECK(service.due() == start + 2040ms + 1s);
}

TEST_CASE("nobody's watchdog is fed where the service has none", "[core][platform]") {
  const Manager manager;
  ServiceManager service;
  service.alive(steady_now());
  CHECK(service.due() == kNever);
  CHECK(manager.heard().empty());
}

}  // namespace service_test
}  // namespace signet
