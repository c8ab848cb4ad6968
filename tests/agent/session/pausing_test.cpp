#include "tests/agent/session/session_bench.hpp"

namespace signet {

namespace {

using test::SessionBench;

void allow(SessionBench& bench, Pace pace, const std::string& why = "") {
  bench.step(AllowanceChanged{{pace, why}});
}

const char* const kHot = "too hot (82 C)";

}  // namespace

TEST_CASE("a paused agent answers each round at once and computes nothing", "[agent][session]") {
  SessionBench bench;
  allow(bench, Pace::Paused, kHot);
  bench.join();
  for (std::uint64_t round = 0; round < 5; ++round) {
    CHECK_FALSE(bench.training.has_value());
    REQUIRE(bench.votes.size() == round + 1);
    const Vote& vote = bench.votes.back();
    CHECK(vote.round == RoundId{round});
    CHECK(vote.abstention == Abstention::Paused);
    CHECK(vote.reason == kHot);
    CHECK(vote.digest == bench.other.at(round).digest());
    CHECK(bench.vote_signs.back().empty());
    CHECK(bench.session().status().find(std::string("abstained: ") + kHot) != std::string::npos);
    bench.update(round);
    CHECK(bench.in_step());
  }
  CHECK(bench.session().votes() == 0);
}

TEST_CASE("an agent that may train again votes in the round that it abstained from",
          "[agent][session]") {
  SessionBench bench;
  bench.join_and_vote();
  allow(bench, Pace::Paused, kHot);
  CHECK(bench.sent.empty());  // this round has its vote
  bench.update(0);
  CHECK(bench.votes.back().abstention == Abstention::Paused);
  allow(bench, Pace::Full);
  REQUIRE(bench.training.has_value());
  CHECK(*bench.training == RoundId{1});
  bench.trained();
  CHECK(bench.votes.back().round == RoundId{1});
  CHECK(bench.votes.back().abstention == Abstention::None);
  CHECK(bench.session().votes() == 2);
}

TEST_CASE("a gradient that is under way when a pause begins is voted with", "[agent][session]") {
  SessionBench bench;
  bench.join();
  allow(bench, Pace::Paused, kHot);
  CHECK(bench.votes.empty());
  bench.trained();
  REQUIRE(bench.votes.size() == 1);
  CHECK(bench.votes[0].abstention == Abstention::None);
  bench.update(0);
  CHECK(bench.votes.back().abstention == Abstention::Paused);
}

TEST_CASE("another reason for a pause is told at once", "[agent][session]") {
  SessionBench bench;
  allow(bench, Pace::Paused, kHot);
  bench.join();
  allow(bench, Pace::Paused, "too hot (85 C)");
  REQUIRE(bench.votes.size() == 2);
  CHECK(bench.votes[1].round == RoundId{0});
  CHECK(bench.votes[1].reason == "too hot (85 C)");
}

TEST_CASE("a pause that got lost is said again", "[agent][session]") {
  SessionBench bench;
  allow(bench, Pace::Paused, kHot);
  bench.join();
  bench.now += bench.job.round.heartbeat;
  bench.beat(0, Activity::Idle, false);
  REQUIRE(bench.votes.size() == 2);
  CHECK(bench.votes[1].abstention == Abstention::Paused);
}

TEST_CASE("a slow agent rests three times as long as its gradient took", "[agent][session]") {
  SessionBench bench;
  allow(bench, Pace::Slow, "under-voltage");
  bench.join();
  for (std::uint64_t round = 0; round < 3; ++round) {
    REQUIRE(bench.training.has_value());
    bench.now += std::chrono::milliseconds(100);
    bench.trained();
    CHECK(bench.votes.back().abstention == Abstention::None);
    bench.update(round);
    CHECK_FALSE(bench.training.has_value());
    CHECK(bench.votes.back().round == RoundId{round + 1});
    CHECK(bench.votes.back().abstention == Abstention::Paused);
    CHECK(bench.votes.back().reason == "slowed: under-voltage");
    bench.pass(std::chrono::milliseconds(299));
    CHECK_FALSE(bench.training.has_value());
    bench.pass(std::chrono::milliseconds(1));
  }
  CHECK(bench.training.has_value());
}

TEST_CASE("an agent that is slow no more does not rest on", "[agent][session]") {
  SessionBench bench;
  allow(bench, Pace::Slow, "under-voltage");
  bench.join();
  bench.now += std::chrono::seconds(1);
  bench.trained();
  bench.update(0);
  CHECK_FALSE(bench.training.has_value());
  allow(bench, Pace::Full);
  CHECK(bench.training == RoundId{1});
}

TEST_CASE("a paused agent catches up and goes over with its run", "[agent][session]") {
  SessionBench bench;
  allow(bench, Pace::Paused, kHot);
  bench.join(40);
  REQUIRE(bench.last_sent<CatchUpRequest>() != nullptr);
  bench.snapshot(bench.other, 40);
  CHECK(bench.round() == 40);
  CHECK(bench.votes.back().round == RoundId{40});
  CHECK(bench.votes.back().abstention == Abstention::Paused);
  bench.goodbye(Farewell::Finished, 40);
  REQUIRE(bench.exit.has_value());
  CHECK(bench.exit->ending == Ending::Finished);
}

TEST_CASE("the beginning and the end of a pause are logged once each", "[agent][session]") {
  SessionBench bench;
  std::vector<std::string> said;
  const auto note = [&] {
    for (const auto& action : bench.actions)
      if (const auto* remark = std::get_if<Remark>(&action)) said.push_back(remark->text);
  };
  bench.join();
  for (const char* why : {"too hot (82 C)", "too hot (83 C)"}) {
    allow(bench, Pace::Paused, why);
    note();
  }
  allow(bench, Pace::Slow, "under-voltage");
  note();
  allow(bench, Pace::Full);
  note();
  CHECK(said == std::vector<std::string>{"pauses: too hot (82 C)", "slowed: under-voltage",
                                         "trains at full pace again"});
}

}  // namespace signet
