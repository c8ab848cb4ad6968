#include "tests/agent/session/session_bench.hpp"

namespace signet {

namespace {

using test::kAgentRun;
using test::OtherSide;
using test::SessionBench;

}  // namespace

TEST_CASE("at the end an agent tells its final digest and whether it is equal",
          "[agent][session]") {
  for (const bool equal : {true, false}) {
    SessionBench bench;
    bench.join_and_vote(3);
    bench.update(3);
    bench.trained();
    bench.session().set_traffic(123, 456);
    OtherSide another(2);
    const std::uint64_t digest = (equal ? bench.other : another).at(4).digest();
    bench.hear(Goodbye{kAgentRun, Farewell::Finished, "4 rounds done", RoundId{4}, digest, 0, 0});
    if (!equal) bench.snapshot(bench.other, 4);  // The coordinator has nothing better either.
    const auto* goodbye = bench.last_sent<Goodbye>();
    REQUIRE(goodbye != nullptr);
    CHECK(goodbye->run == kAgentRun);
    CHECK(goodbye->reason == Farewell::Finished);
    CHECK(goodbye->round == RoundId{4});
    CHECK(goodbye->digest == bench.other.at(4).digest());
    CHECK(goodbye->bytes_sent == 123);
    CHECK(goodbye->bytes_received == 456);
    REQUIRE(bench.exit.has_value());
    CHECK(bench.exit->ending == Ending::Finished);
    CHECK((bench.exit->text.find("NOT equal") == std::string::npos) == equal);
    CHECK(bench.exit->text.find("4 rounds done") != std::string::npos);
  }
}

TEST_CASE("an agent that missed the last updates gets them before it says goodbye",
          "[agent][session]") {
  SessionBench bench;
  bench.join_and_vote(3);
  bench.goodbye(Farewell::Finished, 5);
  CHECK_FALSE(bench.exit.has_value());
  REQUIRE(bench.last_sent<CatchUpRequest>() != nullptr);
  bench.update(3);
  CHECK_FALSE(bench.training.has_value());
  CHECK_FALSE(bench.exit.has_value());
  bench.update(4);
  REQUIRE(bench.exit.has_value());
  REQUIRE(bench.last_sent<Goodbye>() != nullptr);
  CHECK(bench.last_sent<Goodbye>()->digest == bench.other.at(5).digest());
}

TEST_CASE("an agent does not leave at a snapshot that comes again, before the last round",
          "[agent][session]") {
  SessionBench bench;
  bench.join(40);
  bench.snapshot(bench.other, 30);
  REQUIRE(bench.session().replica()->next_round() == RoundId{30});
  bench.goodbye(Farewell::Finished, 40);
  // It was asked for twice, as the first answer was late.
  bench.snapshot(bench.other, 30);
  CHECK_FALSE(bench.exit.has_value());
  for (std::uint64_t round = 30; round < 40; ++round) bench.update(round);
  REQUIRE(bench.exit.has_value());
  REQUIRE(bench.last_sent<Goodbye>() != nullptr);
  CHECK(bench.last_sent<Goodbye>()->digest == bench.other.at(40).digest());
}

TEST_CASE("the end does not wait for a gradient that nobody needs", "[agent][session]") {
  SessionBench final;
  final.join_and_vote(3);
  final.update(3);
  REQUIRE(final.training.has_value());
  final.goodbye(Farewell::Finished, 4);
  REQUIRE(final.exit.has_value());
  CHECK(final.votes.size() == 4);

  // But an update that is missing is applied after it only: a thread reads the replica.
  SessionBench behind;
  behind.join_and_vote(3);
  behind.update(3);
  behind.update(4);
  behind.goodbye(Farewell::Finished, 5);
  CHECK_FALSE(behind.exit.has_value());
  behind.trained();
  REQUIRE(behind.exit.has_value());
  REQUIRE(behind.last_sent<Goodbye>() != nullptr);
  CHECK(behind.last_sent<Goodbye>()->digest == behind.other.at(5).digest());
}

TEST_CASE("a replica that is wrong at the end is mended first", "[agent][session]") {
  SessionBench bench;
  bench.join_and_vote(3);
  bench.update_of(bench.other, 3, 1);
  REQUIRE(bench.session().replica_is_bad());
  bench.goodbye(Farewell::Finished, 4);
  CHECK_FALSE(bench.exit.has_value());
  bench.snapshot(bench.other, 4);
  REQUIRE(bench.exit.has_value());
  CHECK(bench.exit->text.find("NOT equal") == std::string::npos);
}

TEST_CASE(
    "a replica of rounds that the coordinator lost and did anew is not taken for the final one",
    "[agent][session]") {
  for (const bool training : {false, true}) {
    SessionBench bench;
    bench.join_and_vote(3);
    bench.update(3);
    if (!training) bench.trained();
    OtherSide anew(2);
    bench.hear(Goodbye{kAgentRun, Farewell::Finished, "4 rounds done", RoundId{4},
                       anew.at(4).digest(), 0, 0});
    CHECK_FALSE(bench.exit.has_value());
    if (training) bench.trained();
    REQUIRE(bench.last_sent<CatchUpRequest>() != nullptr);
    bench.snapshot(anew, 4);
    REQUIRE(bench.exit.has_value());
    CHECK(bench.exit->text.find("NOT equal") == std::string::npos);
    CHECK(bench.last_sent<Goodbye>()->digest == anew.at(4).digest());
  }
}

TEST_CASE("a run that was over before an agent took part ends it too", "[agent][session]") {
  SessionBench bench;
  bench.step(Tick{});
  bench.welcome(0, false);
  bench.goodbye(Farewell::Finished, 9);
  CHECK_FALSE(bench.exit.has_value());  // its data are being loaded: it will be told again
  bench.load();
  bench.goodbye(Farewell::Finished, 9);
  REQUIRE(bench.exit.has_value());
  CHECK(bench.exit->ending == Ending::Finished);
  // The coordinator does not wait for it.
  CHECK(bench.last_sent<Goodbye>() != nullptr);
}

TEST_CASE("an agent joins again when the coordinator is stopped", "[agent][session]") {
  SessionBench bench;
  bench.join_and_vote(3);
  bench.goodbye(Farewell::Stopped, 3);
  CHECK_FALSE(bench.exit.has_value());
  CHECK(bench.reconnects == 1);
  REQUIRE(bench.last_sent<Hello>() != nullptr);
  CHECK(bench.last_sent<Hello>()->next_round == RoundId{3});
  bench.goodbye(Farewell::Stopped, 3);  // once is enough
  CHECK(bench.reconnects == 1);
}

TEST_CASE("a run that goes on after its end is taken part in again", "[agent][session]") {
  // The coordinator said goodbye while this agent was behind, and was gone before it could catch
  // up. Then it was started again with more rounds.
  SessionBench bench;
  bench.join_and_vote(3);
  bench.goodbye(Farewell::Finished, 5);
  bench.pass(bench.job.round.silence);
  REQUIRE(bench.reconnects == 1);
  bench.welcome(5);
  bench.welcome(5);
  bench.update(3);
  bench.update(4);
  CHECK_FALSE(bench.exit.has_value());
  REQUIRE(bench.training.has_value());
  CHECK(*bench.training == RoundId{5});
  // Its end is told anew.
  bench.trained();
  bench.goodbye(Farewell::Finished, 5);
  CHECK(bench.exit.has_value());
}

}  // namespace signet
