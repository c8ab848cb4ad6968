#include "tests/coordinator/round/round_bench.hpp"

namespace signet {

namespace {

using test::RoundBench;

Job three_agents(std::size_t quorum) {
  Job job = test::round_job();
  job.round.quorum = quorum;
  job.round.silence = std::chrono::hours(24);  // nobody has to beat
  return job;
}

}  // namespace

TEST_CASE("a round does not wait for an agent that pauses", "[coordinator][round]") {
  RoundBench bench(three_agents(1));
  bench.join_all({"ada", "bob", "cid"});
  bench.pause("cid");
  bench.vote("ada");
  bench.vote("bob");
  REQUIRE(bench.open() == RoundId{1});
  CHECK(bench.reports[0].voters == 2);
  CHECK(bench.reports[0].abstained == 1);
  CHECK(bench.member("cid").abstentions == 1);
  CHECK(bench.member("cid").last_abstention == "too hot (82 C)");
  // The next one waits for its answer, whatever that is.
  bench.vote("ada");
  bench.vote("bob");
  CHECK(bench.open() == RoundId{1});
  bench.vote("cid");
  CHECK(bench.open() == RoundId{2});
  CHECK(bench.reports[1].voters == 3);
}

TEST_CASE("a round in which all agents pause waits for them, and uses up no rounds",
          "[coordinator][round]") {
  RoundBench bench(three_agents(1));
  bench.join_all({"ada", "bob", "cid"});
  const std::uint64_t before = bench.machine().replica().digest();
  for (const char* name : {"ada", "bob", "cid"}) bench.pause(name);
  bench.pass(std::chrono::hours(12));
  CHECK(bench.open() == RoundId{0});
  CHECK(bench.machine().replica().digest() == before);
  CHECK(bench.summaries.empty());
  // The first that comes back has the quorum of this job, in the very same round.
  bench.vote("bob");
  REQUIRE(bench.open() == RoundId{1});
  CHECK(bench.reports[0].voters == 1);
  CHECK(bench.reports[0].abstained == 2);
}

TEST_CASE("paused agents that come back one by one make up the quorum of the round they paused in",
          "[coordinator][round]") {
  RoundBench bench(three_agents(2));
  bench.join_all({"ada", "bob", "cid"});
  for (const char* name : {"ada", "bob", "cid"}) bench.pause(name);
  bench.vote("cid");
  CHECK(bench.open() == RoundId{0});
  bench.vote("ada");
  REQUIRE(bench.open() == RoundId{1});
  CHECK(bench.reports[0].voters == 2);
  CHECK_FALSE(bench.member("cid").abstaining);
}

TEST_CASE("a sick agent beside one that pauses uses up no rounds while that one may come back",
          "[coordinator][round]") {
  Job job = three_agents(1);
  job.round.agents = 2;
  RoundBench bench(job);
  bench.join_all({"ada", "bob"});
  bench.abstain("ada");
  bench.pause("bob");
  bench.pass(std::chrono::hours(1));
  CHECK(bench.open() == RoundId{0});
  bench.vote("bob");
  REQUIRE(bench.open() == RoundId{1});
  CHECK(bench.reports[0].voters == 1);
}

TEST_CASE("a vote waits for the paused agent that makes up the quorum with it",
          "[coordinator][round]") {
  RoundBench bench(three_agents(2));
  bench.join_all({"ada", "bob", "cid"});
  bench.vote("ada");
  bench.abstain("bob");
  bench.pause("cid");
  bench.pass(std::chrono::hours(1));
  CHECK(bench.open() == RoundId{0});
  SECTION("it comes back") {
    bench.vote("cid");
    REQUIRE(bench.open() == RoundId{1});
    CHECK(bench.reports[0].voters == 2);
  }
  SECTION("it leaves, and nobody is left who could vote") {
    bench.tell(bench.peer_of("cid"), Goodbye{test::kRoundRun, Farewell::Stopped, "", {}, 0, 0, 0});
    bench.pass(std::chrono::minutes(1));
    REQUIRE(bench.open() == RoundId{1});
    CHECK(bench.reports[0].rate == 0);
  }
}

TEST_CASE("a pause that is said again is one abstention with the newest reason",
          "[coordinator][round]") {
  RoundBench bench(three_agents(1));
  bench.join_all({"ada", "bob", "cid"});
  bench.pause("ada", "too hot (82 C)");
  bench.beat("ada");
  // A vote that follows the pause would be believed to be here, if this said that it is.
  REQUIRE(bench.last_to<Heartbeat>("ada") != nullptr);
  CHECK_FALSE(bench.last_to<Heartbeat>("ada")->vote_received);
  bench.pause("ada", "too hot (85 C)");
  CHECK(bench.last_to<Refuse>("ada") == nullptr);
  CHECK(bench.member("ada").abstentions == 1);
  CHECK(bench.member("ada").last_abstention == "too hot (85 C)");
  bench.vote("ada");
  bench.beat("ada");
  CHECK(bench.last_to<Heartbeat>("ada")->vote_received);
  // There is one vote all the same.
  bench.vote("ada");
  REQUIRE(bench.last_to<Refuse>("ada") != nullptr);
  CHECK(bench.last_to<Refuse>("ada")->reason == RefusalReason::RepeatedVote);
  bench.pause("ada");
  REQUIRE(bench.last_to<Refuse>("ada") != nullptr);
  CHECK(bench.last_to<Refuse>("ada")->reason == RefusalReason::RepeatedVote);
}

TEST_CASE("a pause does not tell how fast an agent is", "[coordinator][round]") {
  RoundBench bench(three_agents(3));
  bench.join_all({"ada", "bob", "cid"});
  bench.pass(std::chrono::seconds(2));
  for (const char* name : {"ada", "bob", "cid"}) bench.vote(name);
  const double measured = bench.member("ada").response_s;
  CHECK(measured == Approx(2));
  bench.pause("ada");  // at once
  CHECK(bench.member("ada").response_s == measured);
  bench.pass(std::chrono::seconds(5));
  bench.vote("ada");  // after a while, of which a part was no work
  CHECK(bench.member("ada").response_s == measured);
}

TEST_CASE("a fleet that pauses is told of now and then and not at every deadline",
          "[coordinator][round]") {
  RoundBench bench(three_agents(1));
  bench.join_all({"ada", "bob", "cid"});
  for (const char* name : {"ada", "bob", "cid"}) bench.pause(name);
  std::size_t told = 0;
  for (int hour = 0; hour < 10; ++hour) {
    bench.pass(std::chrono::hours(1));
    for (const auto& action : bench.actions)
      if (const auto* note = std::get_if<Note>(&action))
        told += note->text.find("waits: 0 votes, quorum 1; paused: 3 agents") != std::string::npos
                    ? 1U
                    : 0U;
  }
  CHECK(told >= 4);
  CHECK(told <= 16);  // of 1800 deadlines
  CHECK(bench.warnings.empty());
}

}  // namespace signet
