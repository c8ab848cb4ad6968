#include "coordinator/enrolment/throttle.hpp"

#include "tests/support/catch.hpp"

namespace signet {

TEST_CASE("a throttle lets a few through at once, and then at its rate",
          "[coordinator][enrolment]") {
  Instant now{};
  Throttle throttle(2, 5, now);
  int through = 0;
  for (int i = 0; i < 100; ++i) through += throttle.admits(now) ? 1 : 0;
  CHECK(through == 5);
  for (int i = 0; i < 1000; ++i) {
    now += std::chrono::milliseconds(10);
    through += throttle.admits(now) ? 1 : 0;
  }
  CHECK(through >= 5 + 19);
  CHECK(through <= 5 + 20);
  now += std::chrono::hours(1);
  through = 0;
  for (int i = 0; i < 100; ++i) through += throttle.admits(now) ? 1 : 0;
  CHECK(through == 5);
}

}  // namespace signet
