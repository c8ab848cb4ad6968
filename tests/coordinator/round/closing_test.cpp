#include <algorithm>
#include <cmath>
#include <map>

#include "tests/coordinator/round/round_bench.hpp"

namespace signet {

namespace {

using std::chrono::milliseconds;
using test::RoundBench;

constexpr Duration kTick = Duration(1);

/// All three have voted once, each 100 ms after the round was opened: deadlines are at the minimum.
RoundBench quick_bench(Job job = test::round_job()) {
  RoundBench bench(std::move(job));
  bench.join_all({"ada", "bob", "cid"});
  bench.now += milliseconds(100);
  for (const char* name : {"ada", "bob", "cid"}) bench.vote(name);
  REQUIRE(bench.open() == RoundId{1});
  return bench;
}

}  // namespace

TEST_CASE("a round closes at the vote of the last agent that is awaited", "[coordinator][round]") {
  RoundBench bench(test::round_job());
  bench.join_all({"ada", "bob", "cid"});
  bench.vote("cid");
  bench.vote("ada");
  CHECK(bench.open() == RoundId{0});
  bench.vote("bob");
  CHECK(bench.open() == RoundId{1});
  CHECK(bench.reports.at(0).voters == 3);
}

TEST_CASE(
    "an agent that sends what nobody can read does not hold up a round, and is awaited after a "
    "good vote",
    "[coordinator][round]") {
  for (const bool garbage : {false, true}) {
    RoundBench bench;
    bench.join_all({"ada", "bob", "cid"});
    bench.vote("ada");
    bench.vote("bob");
    CHECK(bench.saved.empty());
    if (garbage) {
      bench.step(PeerGarbage{RoundBench::peer_of("cid"), "noise"});
    } else {
      const Bytes few(1);
      Vote vote = bench.vote_of(SignVector());
      vote.signs = few;
      bench.tell(RoundBench::peer_of("cid"), vote);
    }
    REQUIRE(bench.saved.size() == 1);
    CHECK(bench.saved[0]->voters == 2);

    bench.vote("cid");
    bench.vote("ada");
    bench.vote("bob");
    REQUIRE(bench.saved.size() == 2);
    CHECK(bench.saved[1]->voters == 3);
    bench.vote("ada");
    bench.vote("bob");
    CHECK(bench.saved.size() == 2);
    bench.vote("cid");
    CHECK(bench.saved.size() == 3);
  }
}

TEST_CASE("a round without an awaited agent closes at its deadline and not earlier",
          "[coordinator][round]") {
  RoundBench bench = quick_bench();
  const Instant opened = bench.now;
  bench.vote("ada");
  bench.vote("bob");
  bench.pass(opened + bench.job().round.deadline_min - kTick - bench.now);
  CHECK(bench.open() == RoundId{1});
  bench.pass(kTick);
  REQUIRE(bench.open() == RoundId{2});
  CHECK(bench.reports.back().voters == 2);
  CHECK_FALSE(bench.member("cid").awaited);
  CHECK(bench.member("cid").live);

  // Nobody waits for it in the next round.
  bench.vote("ada");
  bench.vote("bob");
  CHECK(bench.open() == RoundId{3});
  // A vote in time is counted, and from then on it is awaited again.
  bench.vote("cid");
  CHECK(bench.member("cid").awaited);
  bench.vote("ada");
  bench.vote("bob");
  REQUIRE(bench.open() == RoundId{4});
  CHECK(bench.reports.back().voters == 3);
  bench.vote("ada");
  bench.vote("bob");
  CHECK(bench.open() == RoundId{4});
}

TEST_CASE("an agent that is late by less than a deadline is awaited, a later one is not",
          "[coordinator][round]") {
  for (const bool slightly : {true, false}) {
    INFO(slightly);
    RoundBench bench = quick_bench();
    const Instant opened = bench.now;
    Vote late = bench.vote_of(SignVector());
    const SignVector signs = test::random_signs(test::kRoundDimension, 5);
    late.signs = signs.bytes();
    bench.vote("ada");
    bench.vote("bob");
    bench.pass(bench.job().round.deadline_min);  // closes without cid
    REQUIRE(bench.open() == RoundId{2});
    bench.vote("ada");
    bench.vote("bob");
    REQUIRE(bench.open() == RoundId{3});
    // Late for round 1, which was opened a deadline ago; a vote of round 2 is late by nothing yet.
    if (slightly) late.round = RoundId{2};
    bench.tell(RoundBench::peer_of("cid"), late);
    REQUIRE(bench.last_to<Refuse>("cid") != nullptr);
    CHECK(bench.last_to<Refuse>("cid")->reason == RefusalReason::LateVote);
    CHECK(bench.member("cid").awaited == slightly);
    CHECK(bench.member("cid").late == 1);
    CHECK(bench.now >= opened + bench.job().round.deadline_min);
  }
}

TEST_CASE("a late vote of a round that nobody remembers is refused all the same",
          "[coordinator][round]") {
  RoundBench bench(test::round_job(1), test::restarted_state(500, {"ada"}));
  bench.join("ada");
  const SignVector signs(test::kRoundDimension);
  for (const std::uint64_t round : {0U, 100U, 436U, 498U, 499U}) {
    Vote vote = bench.vote_of(signs);
    vote.round = RoundId{round};
    bench.tell(RoundBench::peer_of("ada"), vote);
    REQUIRE(bench.last_to<Refuse>("ada") != nullptr);
    CHECK(bench.last_to<Refuse>("ada")->reason == RefusalReason::LateVote);
  }
  CHECK(bench.member("ada").late == 5);
}

TEST_CASE("without a quorum a round waits, says so at every deadline, and goes on with it",
          "[coordinator][round]") {
  Job job = test::round_job();
  job.round.quorum = 2;
  RoundBench bench = quick_bench(job);
  bench.vote("ada");
  for (int deadline = 1; deadline <= 5; ++deadline) {
    const std::size_t warnings = bench.warnings.size();
    for (int i = 0; i < 4; ++i) {  // everybody lives, nobody else votes
      bench.pass(job.round.deadline_min / 4);
      for (const char* name : {"ada", "bob", "cid"}) bench.beat(name);
    }
    CHECK(bench.warnings.size() == warnings + 1);
    CHECK(bench.warnings.back() == "round 1 waits: 1 vote, quorum 2");
    CHECK(bench.open() == RoundId{1});
  }
  bench.vote("cid");
  bench.pass(job.round.deadline_min);
  REQUIRE(bench.open() == RoundId{2});
  CHECK(bench.reports.back().voters == 2);
}

TEST_CASE("the deadline is three times the median response, within the job's bounds",
          "[coordinator][round]") {
  Job job = test::round_job();
  job.round.quorum = 3;  // no vote closes a round but the last
  RoundBench bench(job);
  bench.join_all({"ada", "bob", "cid"});
  std::map<std::string, double> response;
  const std::vector<std::vector<int>> rounds{
      {100, 200, 300},    {100, 1500, 9000},  {4000, 5000, 6000}, {9000, 9500, 9900},
      {9000, 9500, 9900}, {9000, 9500, 9900}, {9000, 9500, 9900}, {9000, 9500, 9900},
      {9000, 9500, 9900}, {1, 2, 3}};
  bool bounded_below = false, bounded_above = false, between = false;
  for (const auto& took : rounds) {
    const Instant opened = bench.now;
    const std::vector<std::string> names{"ada", "bob", "cid"};
    std::vector<double> all;
    for (std::size_t i = 0; i < 3; ++i) {
      for (const auto& name : names) bench.beat(name);
      bench.now = opened + milliseconds(took[i]);
      bench.vote(names[i]);
      const double s = seconds(milliseconds(took[i]));
      response[names[i]] = response.contains(names[i]) ? 0.8 * response[names[i]] + 0.2 * s : s;
      all.push_back(response[names[i]]);
    }
    std::ranges::sort(all);
    const double low = seconds(job.round.deadline_min), high = seconds(job.round.deadline_max);
    const double expected = std::clamp(3 * all[1], low, high);
    bounded_below = bounded_below || expected == low;
    bounded_above = bounded_above || expected == high;
    between = between || (expected > low && expected < high);
    const auto* update = bench.last<Update>("*");
    REQUIRE(update != nullptr);
    CHECK(update->deadline_ms == Approx(1000 * expected).margin(1));
  }
  CHECK(bounded_below);
  CHECK(bounded_above);
  CHECK(between);
}

TEST_CASE("a silent agent is lost, and its vote still counts", "[coordinator][round]") {
  Job job = test::round_job();
  job.round.deadline_min = job.round.deadline_max = std::chrono::seconds(60);
  RoundBench bench(job);
  bench.join_all({"ada", "bob", "cid"});
  const auto a = test::random_signs(test::kRoundDimension, 1);
  const auto b = test::random_signs(test::kRoundDimension, 2);
  const auto c = test::random_signs(test::kRoundDimension, 3);
  bench.vote("ada", a);
  bench.pass(job.round.silence - kTick);
  CHECK(bench.machine().roster().live_count() == 3);
  bench.vote("bob", b);
  bench.beat("cid");
  bench.pass(kTick);
  CHECK_FALSE(bench.member("ada").live);
  CHECK(bench.member("bob").live);
  CHECK(bench.warned("agent ada is lost"));
  bench.vote("cid", c);
  REQUIRE(bench.saved.size() == 1);
  CHECK(test::is_majority(*bench.saved[0], {{a, {}}, {b, {}}, {c, {}}}));
  CHECK(bench.reports[0].voters == 3);
  CHECK(bench.reports[0].live == 2);

  // It does not hold up the next round, and says hello before it may vote again.
  bench.vote("bob", b);
  bench.vote("cid", c);
  CHECK(bench.open() == RoundId{2});
  bench.vote("ada", a);
  REQUIRE(bench.last_to<Refuse>("ada") != nullptr);
  CHECK(bench.last_to<Refuse>("ada")->reason == RefusalReason::UnknownPeer);
}

TEST_CASE("a round closes when the only agent it waits for is lost or leaves",
          "[coordinator][round]") {
  Job job = test::round_job();
  job.round.deadline_min = job.round.deadline_max = std::chrono::seconds(600);
  RoundBench lost(job);
  lost.join_all({"ada", "bob", "cid"});
  lost.vote("ada");
  lost.vote("bob");
  for (int i = 0; i < 10; ++i) {
    lost.pass(std::chrono::seconds(1));
    lost.beat("ada");
    lost.beat("bob");
  }
  lost.pass(kTick);
  CHECK(lost.open() == RoundId{1});

  RoundBench left(job);
  left.join_all({"ada", "bob", "cid"});
  left.vote("ada");
  left.vote("bob");
  left.tell(RoundBench::peer_of("cid"),
            Goodbye{test::kRoundRun, Farewell::Stopped, "stopped", {}, 0, 0, 0});
  CHECK(left.open() == RoundId{1});
  CHECK_FALSE(left.member("cid").live);
}

TEST_CASE("an agent that computes for a minute is late and not lost", "[coordinator][round]") {
  RoundBench bench = quick_bench();
  const SignVector signs = test::random_signs(test::kRoundDimension, 1);
  const Vote late = bench.vote_of(signs);
  for (int s = 0; s < 60; ++s) {
    bench.pass(std::chrono::seconds(1));
    for (const char* name : {"ada", "bob", "cid"}) bench.beat(name);
    if (s % 10 == 0)
      for (const char* name : {"ada", "bob"}) bench.vote(name);
  }
  CHECK(bench.member("cid").live);
  CHECK(bench.open() == RoundId{7});
  bench.tell(RoundBench::peer_of("cid"), late);
  REQUIRE(bench.last_to<Refuse>("cid") != nullptr);
  CHECK(bench.last_to<Refuse>("cid")->reason == RefusalReason::LateVote);
}

TEST_CASE("an agent that joins a running run votes at once and is awaited after that",
          "[coordinator][round]") {
  RoundBench bench = quick_bench();
  bench.join("dan");
  REQUIRE(bench.last_to<Welcome>("dan") != nullptr);
  CHECK(bench.last_to<Welcome>("dan")->begun);
  CHECK(bench.last_to<Welcome>("dan")->round == RoundId{1});
  CHECK_FALSE(bench.member("dan").awaited);
  for (const char* name : {"ada", "bob", "cid"}) bench.vote(name);
  CHECK(bench.open() == RoundId{2});
  bench.vote("dan");
  for (const char* name : {"ada", "bob"}) bench.vote(name);
  CHECK(bench.open() == RoundId{2});
  bench.vote("cid");
  CHECK(bench.reports.back().voters == 4);
}

TEST_CASE("a round in which too few can vote closes without a step", "[coordinator][round]") {
  Job job = test::round_job();
  job.round.quorum = 2;
  job.rate = RateSpec{};  // a controller with a memory: it must not hear of such a round
  RoundBench bench(job);
  bench.join_all({"ada", "bob", "cid"});
  const std::uint64_t before = bench.machine().replica().digest();
  bench.vote("ada");
  bench.abstain("bob");
  CHECK(bench.open() == RoundId{0});
  bench.abstain("cid");
  // Nobody can vote in this round any more: waiting would be for ever.
  REQUIRE(bench.open() == RoundId{1});
  CHECK(bench.saved[0]->rate == 0);
  CHECK(bench.saved[0]->digest == before);
  CHECK(bench.machine().replica().digest() == before);
  CHECK(bench.reports[0].voters == 1);
  CHECK(bench.reports[0].abstained == 2);
  for (const char* name : {"ada", "bob", "cid"}) bench.vote(name);
  CHECK(bench.open() == RoundId{2});
}

TEST_CASE("a sick board that is alone for a while does not use up the rounds",
          "[coordinator][round]") {
  Job job = test::round_job(4);
  job.round.quorum = 1;
  RoundBench bench(job);
  bench.join_all({"ada", "bob", "cid", "dan"});
  for (int second = 0; second < 300; ++second) {
    bench.abstain("ada");
    bench.beat("ada");
    bench.pass(std::chrono::seconds(1));
  }
  CHECK(bench.open() == RoundId{0});
  CHECK(bench.warned("round 0 waits: 0 votes, quorum 1"));
  CHECK(bench.summaries.empty());
  bench.join("bob");
  bench.vote("bob");
  bench.pass(job.round.deadline_max);
  CHECK(bench.open() == RoundId{1});
}

TEST_CASE("of two boards a sick one uses up no rounds while the other is away",
          "[coordinator][round]") {
  RoundBench bench(test::round_job(2));
  bench.join_all({"ada", "bob"});
  bench.tell(RoundBench::peer_of("bob"), test::leaving("reboot"));
  for (int k = 0; k < 10; ++k) {
    bench.abstain("ada");
    bench.pass(std::chrono::seconds(30));
    bench.join("ada");
  }
  CHECK(bench.saved.empty());
}

TEST_CASE("a round closes when the agent it waits for turns out to have unfit data or another name",
          "[coordinator][round]") {
  for (const bool renamed : {false, true}) {
    RoundBench bench(test::round_job(2));
    bench.join_all({"ada", "bob"});
    bench.vote("ada");
    CHECK(bench.saved.empty());
    Hello hello = RoundBench::hello_of(renamed ? "eve" : "bob", !renamed);
    hello.data.samples = 0;
    bench.tell(RoundBench::peer_of("bob"), hello);
    CHECK(bench.saved.size() == 1);
  }
}

TEST_CASE("a hundred rounds in a row without a vote end the run as diverged",
          "[coordinator][round]") {
  RoundBench bench(test::round_job());
  bench.join_all({"ada", "bob", "cid"});
  const auto empty_round = [&bench] {
    for (const char* name : {"ada", "bob", "cid"}) bench.abstain(name);
  };
  for (int round = 0; round < 99; ++round) empty_round();
  for (const char* name : {"ada", "bob", "cid"}) bench.vote(name);
  for (int round = 0; round < 99; ++round) empty_round();
  CHECK(bench.open() == RoundId{199});
  CHECK(bench.last<Goodbye>("*") == nullptr);
  empty_round();
  REQUIRE(bench.last<Goodbye>("*") != nullptr);
  bench.pass(std::chrono::seconds(10));
  REQUIRE(bench.summaries.size() == 1);
  CHECK(bench.summaries[0].diverged);
  CHECK_FALSE(bench.summaries[0].stopped);
  CHECK(bench.summaries[0].why.find("diverged") != std::string::npos);
  CHECK(bench.summaries[0].next_round == RoundId{200});
  // Its reports say that there is no loss, and not that it is nothing.
  CHECK(std::isnan(bench.reports[0].train_loss));
  CHECK_FALSE(std::isnan(bench.reports[99].train_loss));
}

}  // namespace signet
