// An agent whose key says who it is.
#include "tests/agent/session/session_bench.hpp"

namespace signet {

using test::SessionBench;

TEST_CASE("an agent without a name of its own takes the one that its key has", "[agent][session]") {
  SessionBench bench(1, "");
  bench.told_name = "kitchen";
  bench.step(Tick{});
  REQUIRE(bench.last_sent<Hello>() != nullptr);
  CHECK(bench.last_sent<Hello>()->name.empty());
  bench.welcome(0, false);
  CHECK(bench.loaded_as == std::vector<std::string>{"kitchen"});
  bench.load();
  bench.welcome(0);
  CHECK(bench.training.has_value());
  // It goes on asking by its key alone: what that stands for may change.
  CHECK(bench.loads == 1);
}

TEST_CASE("an agent that was renamed draws its batches anew, as another", "[agent][session]") {
  SessionBench bench(1, "");
  bench.told_name = "kitchen";
  bench.join_and_vote(1);
  bench.told_name = "cellar";
  bench.welcome(1);
  CHECK(bench.loaded_as == std::vector<std::string>{"kitchen", "cellar"});
  bench.load();
  REQUIRE(bench.last_sent<Hello>() != nullptr);
  CHECK(bench.last_sent<Hello>()->name.empty());
  bench.welcome(1);
  CHECK(bench.loads == 2);
  CHECK_FALSE(bench.exit);
}

TEST_CASE("an agent that is renamed while it catches up asks for nothing until its data are there",
          "[agent][session]") {
  SessionBench bench(1, "");
  bench.told_name = "kitchen";
  bench.join(20);
  REQUIRE(bench.last_sent<CatchUpRequest>() != nullptr);
  bench.told_name = "cellar";
  bench.welcome(20);
  REQUIRE(bench.loaded_as == std::vector<std::string>{"kitchen", "cellar"});
  bench.pass(std::chrono::seconds(3));
  CHECK(bench.count_sent<CatchUpRequest>() == 0);
  bench.load();
  bench.welcome(20);
  REQUIRE(bench.last_sent<CatchUpRequest>() != nullptr);
  CHECK(bench.last_sent<CatchUpRequest>()->next_round == RoundId{0});
}

TEST_CASE("a new name waits until a gradient is done, and data that are being loaded are there",
          "[agent][session]") {
  SessionBench bench(1, "");
  bench.told_name = "kitchen";
  bench.step(Tick{});
  bench.welcome(0, false);
  bench.told_name = "cellar";
  bench.welcome(0, false);
  CHECK(bench.loads == 1);
  bench.load();
  bench.told_name = "kitchen";
  bench.welcome(0);
  REQUIRE(bench.training.has_value());
  bench.told_name = "cellar";
  bench.welcome(0);
  CHECK(bench.loads == 1);
  bench.trained();
  bench.welcome(0);
  CHECK(bench.loads == 2);
}

TEST_CASE("an agent whose key is enrolled under another name than its own ends and says so",
          "[agent][session]") {
  SessionBench bench;
  bench.step(Tick{});
  bench.refuse(RefusalReason::NameMismatch, 0, "this board's key is enrolled as 'bob'");
  REQUIRE(bench.exit.has_value());
  CHECK(bench.exit->ending == Ending::Refused);
  CHECK(bench.exit->text.find("enrolled as 'bob'") != std::string::npos);
}

TEST_CASE("an agent whose key is not let in says so, tries on, and gives up after a minute",
          "[agent][session]") {
  SessionBench bench;
  bench.join_and_vote(1);
  bench.step(KeyDenied{});
  CHECK(bench.warned("does not let this board's key in"));
  bench.pass(std::chrono::seconds(1));
  CHECK(bench.count_sent<Hello>() >= 1);
  CHECK(bench.votes.size() == 2);
  for (int i = 0; i < 5; ++i) bench.step(KeyDenied{});
  CHECK_FALSE(bench.exit);
  bench.pass(std::chrono::minutes(1));
  bench.step(KeyDenied{});
  REQUIRE(bench.exit.has_value());
  CHECK(bench.exit->ending == Ending::Refused);
  CHECK(bench.exit->text.find("join with a new token") != std::string::npos);
}

TEST_CASE("a welcome makes up for keys that were not let in", "[agent][session]") {
  SessionBench bench;
  for (int i = 0; i < 10; ++i) {
    bench.step(Tick{});
    bench.step(KeyDenied{});
    bench.welcome(0, false);
    if (i == 0) bench.load();
    bench.pass(std::chrono::seconds(15));
  }
  CHECK_FALSE(bench.exit);
}

}  // namespace signet
