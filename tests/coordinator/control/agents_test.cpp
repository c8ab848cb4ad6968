#include "coordinator/control/answer.hpp"
#include "tests/coordinator/round/round_bench.hpp"

namespace signet {
namespace control_agents_test {

using std::chrono::seconds;
using test::kRoundDimension;
using test::random_signs;
using test::RoundBench;

const std::vector<std::string> kNames{"ada", "bob", "cid"};

AgentAnswer agent_of(RoundBench& bench, const std::string& name) {
  for (const auto& agent : answer_agents(bench.machine(), nullptr, "", bench.now).agents)
    if (agent.name == name) return agent;
  FAIL("no agent " << name);
  throw;
}

/// Lets time pass while agents show themselves.
void live(RoundBench& bench, Duration time, const std::vector<std::string>& names = kNames) {
  for (Duration passed{}; passed < time; passed += seconds(1)) {
    bench.pass(seconds(1));
    for (const auto& name : names) bench.beat(name);
  }
}

/// The first round is done, each in a tenth of a second: rounds have a deadline of 2 s now.
RoundBench voting_bench(Job job = test::round_job()) {
  RoundBench bench(std::move(job));
  bench.join_all(kNames);
  bench.pass(std::chrono::milliseconds(100));
  for (const auto& name : kNames) bench.vote(name);
  REQUIRE(bench.open() == RoundId{1});
  return bench;
}

TEST_CASE("agents are told from loading to voting", "[coordinator][control]") {
  RoundBench bench;
  bench.tell(RoundBench::peer_of("ada"), RoundBench::hello_of("ada", false));
  CHECK(agent_of(bench, "ada").state == "loading");
  CHECK(agent_of(bench, "ada").samples == 0);
  bench.join("ada");
  CHECK(agent_of(bench, "ada").state == "ready");
  CHECK(agent_of(bench, "ada").samples == 10);
  bench.join_all({"bob", "cid"});
  CHECK(agent_of(bench, "ada").state == "voting");
  CHECK_FALSE(agent_of(bench, "ada").response_s);
  CHECK_FALSE(agent_of(bench, "ada").mismatch);
  bench.join("dan");  // No round waits for it before it has voted.
  CHECK(agent_of(bench, "dan").state == "ready");
}

TEST_CASE("an agent's figures are those of its member", "[coordinator][control]") {
  RoundBench bench = voting_bench();
  bench.pass(std::chrono::milliseconds(500));
  const AgentAnswer ada = agent_of(bench, "ada");
  CHECK(*ada.heard_s == Approx(0.5));
  CHECK(ada.votes == 1);
  CHECK(ada.abstentions == 0);
  CHECK(ada.late == 0);
  CHECK(ada.weight == 1);
  CHECK(*ada.response_s == Approx(0.1));
  CHECK(*ada.mismatch == bench.member("ada").mismatch);
  CHECK_FALSE(ada.wrong_signs);
  CHECK(ada.refused.empty());
  CHECK(ada.remark.empty());
}

TEST_CASE("an abstention is told with its reason until the next vote", "[coordinator][control]") {
  RoundBench bench = voting_bench();
  bench.abstain("bob");
  AgentAnswer bob = agent_of(bench, "bob");
  CHECK(bob.state == "abstaining");
  CHECK(bob.abstentions == 1);
  CHECK(bob.last_abstention == "loss is NaN");
  CHECK(bob.remark == "abstained: loss is NaN");
  bench.vote("ada");
  bench.vote("cid");
  bench.vote("bob");
  bob = agent_of(bench, "bob");
  CHECK(bob.state == "voting");
  CHECK(bob.last_abstention == "loss is NaN");
  CHECK(bob.remark.empty());
}

TEST_CASE("an agent that rounds close without is late, often late and always late",
          "[coordinator][control]") {
  RoundBench bench = voting_bench();
  const auto late_round = [&bench] {
    const SignVector signs = random_signs(kRoundDimension, bench.open().value);
    const Vote stale = bench.vote_of(signs);
    // The others need a second for a round, which makes deadlines of 3 s.
    for (int second = 0; second < 6; ++second) {
      bench.vote("ada");
      bench.vote("bob");
      live(bench, seconds(1));
    }
    bench.tell(RoundBench::peer_of("cid"), stale);
  };
  late_round();
  CHECK(agent_of(bench, "cid").state == "late");
  CHECK(agent_of(bench, "cid").late == 1);
  CHECK(agent_of(bench, "cid").refused.at("late vote") == 1);
  late_round();
  late_round();
  CHECK(agent_of(bench, "cid").remark == "often late");
  for (int i = 0; i < 6; ++i) late_round();
  CHECK(agent_of(bench, "cid").remark == "always late");
  CHECK(agent_of(bench, "ada").remark.empty());
  bench.vote("cid");
  CHECK(agent_of(bench, "cid").state == "voting");
}

TEST_CASE("an agent that beats and never votes is told", "[coordinator][control]") {
  RoundBench bench = voting_bench();
  bench.vote("ada");
  bench.vote("bob");
  live(bench, seconds(8));
  CHECK(agent_of(bench, "cid").remark == "shows itself, but has not voted for 8 s");
}

TEST_CASE("silence, loss and leaving are three things", "[coordinator][control]") {
  RoundBench bench = voting_bench();
  live(bench, seconds(4), {"ada", "bob"});
  CHECK(agent_of(bench, "cid").remark == "silent for 4 s");
  live(bench, seconds(36), {"ada", "bob"});
  CHECK(agent_of(bench, "cid").state == "lost");
  CHECK(*agent_of(bench, "cid").heard_s == Approx(40));
  CHECK(agent_of(bench, "cid").remark == "lost 40 s ago");

  bench.tell(RoundBench::peer_of("bob"),
             Goodbye{test::kRoundRun, Farewell::Failed, "no \x1b[2J space", {}, 0, 0, 0});
  CHECK(agent_of(bench, "bob").state == "left");
  CHECK(agent_of(bench, "bob").remark == "gave up: no ?[2J space");
  bench.tell(RoundBench::peer_of("ada"),
             Goodbye{test::kRoundRun, Farewell::Stopped, "", {}, 0, 0, 0});
  CHECK(agent_of(bench, "ada").state == "left");
  CHECK(agent_of(bench, "ada").remark.empty());

  bench.join_all({"bob", "cid"});
  CHECK(agent_of(bench, "bob").remark.empty());
  CHECK(agent_of(bench, "cid").state != "lost");
}

TEST_CASE("those of before a restart are lost until they come back", "[coordinator][control]") {
  RoundBench bench(test::round_job(), test::restarted_state(5, {"ada", "bob"}));
  const AgentAnswer ada = agent_of(bench, "ada");
  CHECK(ada.state == "lost");
  CHECK_FALSE(ada.heard_s);
  CHECK(ada.remark == "not back since the coordinator was started");
  bench.join("ada");
  CHECK(agent_of(bench, "ada").state == "voting");
}

TEST_CASE("refusals are counted by reason, and a wrong replica is told", "[coordinator][control]") {
  RoundBench bench = voting_bench();
  const SignVector signs = random_signs(kRoundDimension, 1);
  for (int i = 0; i < 3; ++i) {
    Vote wrong = bench.vote_of(signs);
    wrong.digest ^= 1;
    bench.tell(RoundBench::peer_of("cid"), wrong);
  }
  bench.step(PeerGarbage{RoundBench::peer_of("bob"), "noise"});
  CHECK(agent_of(bench, "cid").refused ==
        std::map<std::string, std::uint64_t>{{"wrong digest", 3}});
  CHECK(agent_of(bench, "cid").remark == "replica differed 3 times");
  CHECK(agent_of(bench, "bob").remark == "sent 1 malformed message");

  CatchUpRequest request;
  request.run = test::kRoundRun;
  bench.tell(RoundBench::peer_of("ada"), request);
  CHECK(agent_of(bench, "ada").resyncs == 1);
  CHECK(agent_of(bench, "ada").remark == "replica differed once");
}

TEST_CASE("an agent whose data do not fit is told why it was sent away", "[coordinator][control]") {
  RoundBench bench;
  Hello hello = RoundBench::hello_of("ada", true);
  hello.data.samples = 0;
  bench.tell(RoundBench::peer_of("ada"), hello);
  CHECK(agent_of(bench, "ada").state == "left");
  CHECK(agent_of(bench, "ada").remark == "its data do not fit the job");
  bench.join("ada");
  CHECK(agent_of(bench, "ada").remark.empty());
}

/// One coordinate in ten is wrong, each voter's own.
SignVector mostly_right(std::size_t voter, RoundId round) {
  SignVector signs = random_signs(kRoundDimension, 1000 + round.value);
  Rng rng(mix(voter, round.value));
  for (std::size_t i = 0; i < kRoundDimension; ++i)
    if (rng.below(10) == 0) signs.set(i, !signs.positive(i));
  return signs;
}

TEST_CASE("liars and coins are named though all votes weigh the same", "[coordinator][control]") {
  const std::vector<std::string> honest{"a", "b", "c", "d", "e"};
  RoundBench bench(test::round_job(7));
  bench.join_all(honest);
  bench.join_all({"liar", "coin"});
  for (std::uint64_t k = 0; k < 80; ++k) {
    const RoundId round = bench.open();
    for (std::size_t j = 0; j < honest.size(); ++j) bench.vote(honest[j], mostly_right(j, round));
    SignVector opposite = mostly_right(honest.size(), round);
    for (std::size_t i = 0; i < kRoundDimension; ++i) opposite.set(i, !opposite.positive(i));
    bench.vote("liar", opposite);
    bench.vote("coin", random_signs(kRoundDimension, 77 + round.value));
    REQUIRE(bench.open() == round.next());
  }
  INFO(agent_of(bench, "liar").remark << " / " << agent_of(bench, "coin").remark);
  CHECK(agent_of(bench, "liar").remark.rfind("votes against the others (", 0) == 0);
  CHECK(agent_of(bench, "coin").remark.rfind("signs are coins (", 0) == 0);
  CHECK(*agent_of(bench, "liar").wrong_signs > 0.8);
  CHECK(agent_of(bench, "liar").weight == 1);
  for (const auto& name : honest) CHECK(agent_of(bench, name).remark.empty());
}

TEST_CASE("a fleet in which nobody knows anything is not called coins", "[coordinator][control]") {
  RoundBench bench = voting_bench();
  for (std::uint64_t k = 0; k < 80; ++k)
    for (std::size_t j = 0; j < kNames.size(); ++j)
      bench.vote(kNames[j], random_signs(kRoundDimension, 10 * k + j));
  for (const auto& name : kNames) {
    CHECK_FALSE(agent_of(bench, name).wrong_signs);
    CHECK(agent_of(bench, name).remark.empty());
  }
}

TEST_CASE("a vote that weighs less is told in a job that weighs votes", "[coordinator][control]") {
  Job job = test::round_job(4);
  job.weights = VoteWeights::Mismatch;
  RoundBench bench(job);
  bench.join_all({"a", "b", "c", "liar"});
  for (std::uint64_t k = 0; k < 12; ++k) {
    const RoundId round = bench.open();
    for (std::size_t j = 0; j < 3; ++j)
      bench.vote(std::string(1, static_cast<char>('a' + j)), mostly_right(j, round));
    SignVector opposite = mostly_right(3, round);
    for (std::size_t i = 0; i < kRoundDimension; ++i) opposite.set(i, !opposite.positive(i));
    bench.vote("liar", opposite);
  }
  const AgentAnswer liar = agent_of(bench, "liar");
  CHECK(liar.weight < 0);
  CHECK(liar.remark.find("votes against the others (") == 0);
  CHECK(liar.remark.find("; its votes count reversed") != std::string::npos);
}

TEST_CASE("a large fleet is told in parts, each agent once", "[coordinator][control]") {
  RunState state = test::round_state();
  constexpr std::size_t kAgents = 2 * kAgentsPerAnswer + 1;
  for (std::uint32_t i = 0; i < kAgents; ++i)
    state.agents.push_back({"board-" + std::to_string(10'000 + i), AgentId{i + 1}, 10});
  RoundBench bench(test::round_job(), std::move(state));
  std::vector<std::string> names;
  for (int part = 1; part <= 3; ++part) {
    const auto answer =
        answer_agents(bench.machine(), nullptr, names.empty() ? "" : names.back(), bench.now);
    CHECK(answer.more == (part < 3));
    CHECK(answer.agents.size() == (part < 3 ? kAgentsPerAnswer : 1));
    for (const auto& agent : answer.agents) names.push_back(agent.name);
  }
  CHECK(names.size() == kAgents);
  CHECK(std::ranges::is_sorted(names));
  CHECK(answer_agents(bench.machine(), nullptr, names.back(), bench.now).agents.empty());
}

}  // namespace control_agents_test
}  // namespace signet
