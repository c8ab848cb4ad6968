#include "fleet/faults.hpp"

#include "tests/support/catch.hpp"

namespace signet {

TEST_CASE("a fault is read back as it was written", "[fleet]") {
  for (std::size_t kind = 0; kind < kFaultKinds; ++kind)
    for (const std::uint32_t subject : {0U, 17U, kCoordinator}) {
      const Fault fault{static_cast<FaultKind>(kind), subject, 12345678901};
      const auto read = parse_fault(to_text(fault));
      REQUIRE(read);
      CHECK(*read == fault);
    }
  CHECK(to_text({FaultKind::StoreCrash, kCoordinator, 3}) == "store-crash:coordinator:3");
}

TEST_CASE("what is no fault is refused with what was given and an example", "[fleet]") {
  for (const char* text :
       {"", "loss", "loss:2", "losses:2:1", "loss:x:1", "loss:2:", "loss:2:1x"}) {
    INFO(text);
    const auto read = parse_fault(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().kind == ErrorKind::Malformed);
    CHECK(read.error().message.find("'" + std::string(text) + "'") != std::string::npos);
    CHECK(read.error().message.find("loss:2:17") != std::string::npos);
  }
}

TEST_CASE("FaultDice decides by seed, kind, subject and count alone", "[fleet]") {
  const auto losses = [](std::uint64_t seed, bool others) {
    FaultDice dice(seed);
    std::vector<bool> lost;
    for (int i = 0; i < 200; ++i) {
      if (others) {
        static_cast<void>(dice.strikes(FaultKind::Freeze, 1, 0.5));
        static_cast<void>(dice.strikes(FaultKind::Loss, 2, 0.5));
      }
      lost.push_back(dice.strikes(FaultKind::Loss, 1, 0.5));
    }
    return lost;
  };
  CHECK(losses(1, false) == losses(1, true));
  CHECK(losses(1, false) != losses(2, false));
}

TEST_CASE("FaultDice strikes as often as it is told to, and names what struck", "[fleet]") {
  FaultDice dice(3);
  int struck = 0;
  for (int i = 0; i < 10'000; ++i) struck += dice.strikes(FaultKind::Loss, 0, 0.2) ? 1 : 0;
  CHECK(struck > 1800);
  CHECK(struck < 2200);
  CHECK(dice.struck().size() == static_cast<std::size_t>(struck));
  CHECK_FALSE(dice.strikes(FaultKind::Stale, 0, 0));
}

TEST_CASE("FaultDice draws lengths between both ends, each of them at times", "[fleet]") {
  FaultDice dice(4);
  std::set<Duration> seen;
  for (int i = 0; i < 200; ++i) {
    const Duration drawn = dice.between(0, Duration(-2), Duration(2));
    CHECK(drawn >= Duration(-2));
    CHECK(drawn <= Duration(2));
    seen.insert(drawn);
  }
  CHECK(seen.size() == 5);
  CHECK(dice.between(0, Duration(7), Duration(7)) == Duration(7));
}

}  // namespace signet
