#include "agent/guest/hours.hpp"

#include "tests/support/catch.hpp"

namespace signet {

TEST_CASE("hours are read as spans of minutes", "[agent][guest]") {
  using Spans = std::vector<HourSpan>;
  CHECK(parse_hours("") == Spans{});
  CHECK(parse_hours("  ") == Spans{});
  CHECK(parse_hours("22:00-07:00") == Spans{{1320, 420}});
  CHECK(parse_hours(" 7:05 - 8:10 ,00:00-24:00") == Spans{{425, 490}, {0, 1440}});
  CHECK(parse_hours("22:00-00:00") == Spans{{1320, 1440}});
}

TEST_CASE("what is no span of hours is refused", "[agent][guest]") {
  for (const char* text :
       {"22-7", "22:00", "22:00-", "-07:00", "22:00-7", "24:00-01:00", "25:00-26:00", "12:60-13:00",
        "24:01-25:00", "08:00-08:00", "1:2-3:4", "001:00-2:00", "a:00-b:00", "1:00-2:00,",
        ",1:00-2:00", "1:00-2:00;3:00-4:00", "+1:00-2:00", "1:-1-2:00", "1:00--2:00"}) {
    INFO(text);
    CHECK_FALSE(parse_hours(text));
  }
}

}  // namespace signet
