// Agents whose keys say who they are.
#include "tests/coordinator/round/round_bench.hpp"

namespace signet {

namespace {

using test::RoundBench;

/// What the transport gives the machine of a peer whose key stands for `name`.
PeerMessage proven(const PeerId& peer, Message message, const std::string& name) {
  return {peer, std::move(message), name};
}

void join_by_key(RoundBench& bench, const PeerId& peer, const std::string& name) {
  bench.step(proven(peer, RoundBench::hello_of("", false), name));
  bench.step(proven(peer, RoundBench::hello_of("", true), name));
}

}  // namespace

TEST_CASE("an agent is who its key says, and is told so", "[coordinator][round][identity]") {
  RoundBench bench;
  bench.step(proven("p1", RoundBench::hello_of("", false), "ada"));
  REQUIRE(bench.last<Welcome>("p1") != nullptr);
  CHECK(bench.last<Welcome>("p1")->name == "ada");
  CHECK(bench.member("ada").peer == "p1");
  bench.step(proven("p2", RoundBench::hello_of("bob", false), "bob"));
  CHECK(bench.last<Welcome>("p2")->name == "bob");
  // Without keys the coordinator has no say in it.
  bench.tell("p3", RoundBench::hello_of("cid", false));
  CHECK(bench.last<Welcome>("p3")->name.empty());
}

TEST_CASE("an agent that calls itself otherwise than its key is refused with both names",
          "[coordinator][round][identity]") {
  RoundBench bench;
  join_by_key(bench, "p1", "ada");
  bench.step(proven("p2", RoundBench::hello_of("ada", true), "mallory"));
  const auto* refusal = bench.last<Refuse>("p2");
  REQUIRE(refusal != nullptr);
  CHECK(refusal->reason == RefusalReason::NameMismatch);
  CHECK(refusal->text.find("'mallory'") != std::string::npos);
  CHECK(refusal->text.find("'ada'") != std::string::npos);
  CHECK(bench.member("ada").peer == "p1");
  CHECK(bench.machine().roster().members().size() == 1);
}

TEST_CASE("a known key that comes back replaces its session at once",
          "[coordinator][round][identity]") {
  RoundBench bench(test::round_job(1));
  join_by_key(bench, "p1", "ada");
  join_by_key(bench, "p2", "ada");
  CHECK(bench.member("ada").peer == "p2");
  CHECK(bench.machine().roster().live_count() == 1);
  bench.step(proven("p1", Heartbeat{test::kRoundRun, bench.open()}, "ada"));
  REQUIRE(bench.last<Refuse>("p1") != nullptr);
  CHECK(bench.last<Refuse>("p1")->reason == RefusalReason::UnknownPeer);
}

TEST_CASE("one key votes once in a round, over however many connections",
          "[coordinator][round][identity]") {
  RoundBench bench(test::round_job(2));
  join_by_key(bench, "p1", "ada");
  join_by_key(bench, "b1", "bob");
  const SignVector signs = test::random_signs(test::kRoundDimension, 1);
  bench.step(proven("p1", bench.vote_of(signs), "ada"));
  CHECK(bench.member("ada").votes == 1);
  join_by_key(bench, "p2", "ada");
  bench.step(proven("p2", bench.vote_of(signs), "ada"));
  REQUIRE(bench.last<Refuse>("p2") != nullptr);
  CHECK(bench.last<Refuse>("p2")->reason == RefusalReason::RepeatedVote);
  CHECK(bench.member("ada").votes == 1);
}

TEST_CASE("what another key says over an agent's old connection is not the agent's",
          "[coordinator][round][identity]") {
  RoundBench bench(test::round_job(2));
  join_by_key(bench, "p1", "ada");
  join_by_key(bench, "b1", "bob");
  const SignVector signs = test::random_signs(test::kRoundDimension, 1);
  const Instant heard = bench.member("ada").last_heard;
  bench.now += std::chrono::seconds(1);
  bench.step(proven("p1", bench.vote_of(signs), "bob"));
  REQUIRE(bench.last<Refuse>("p1") != nullptr);
  CHECK(bench.last<Refuse>("p1")->reason == RefusalReason::UnknownPeer);
  CHECK(bench.member("ada").votes == 0);
  CHECK(bench.member("ada").last_heard == heard);
  bench.step(proven("p1", Goodbye{test::kRoundRun, Farewell::Stopped, "", {}, 0, 0, 0}, "bob"));
  CHECK(bench.member("ada").live);
  bench.step(proven("p1", bench.vote_of(signs), "ada"));
  CHECK(bench.member("ada").votes == 1);
}

TEST_CASE("a revoked agent leaves, and the round goes on without it",
          "[coordinator][round][identity]") {
  RoundBench bench(test::round_job(2));
  join_by_key(bench, "a1", "ada");
  join_by_key(bench, "b1", "bob");
  const SignVector signs = test::random_signs(test::kRoundDimension, 1);
  bench.step(proven("a1", bench.vote_of(signs), "ada"));
  const RoundId open = bench.open();
  bench.step(AgentRevoked{"bob"});
  CHECK_FALSE(bench.member("bob").live);
  CHECK(bench.open() == open.next());
  bench.step(AgentRevoked{"bob"});
  bench.step(AgentRevoked{"nobody"});
  CHECK(bench.open() == open.next());
}

TEST_CASE("a restarted run does not wait for an agent that is revoked",
          "[coordinator][round][identity]") {
  RoundBench bench(test::round_job(2), test::restarted_state(3, {"ada", "bob"}));
  join_by_key(bench, "a1", "ada");
  const SignVector signs = test::random_signs(test::kRoundDimension, 1);
  bench.step(proven("a1", bench.vote_of(signs), "ada"));
  CHECK(bench.open() == RoundId{3});
  bench.step(AgentRevoked{"bob"});
  CHECK(bench.open() == RoundId{4});
}

TEST_CASE("a renamed agent goes on as it was, and does not vote twice",
          "[coordinator][round][identity]") {
  RoundBench bench(test::round_job(2));
  join_by_key(bench, "a1", "ada");
  join_by_key(bench, "b1", "bob");
  const SignVector signs = test::random_signs(test::kRoundDimension, 1);
  bench.step(proven("a1", bench.vote_of(signs), "ada"));
  bench.step(AgentRenamed{"ada", "cid"});
  CHECK(bench.count<SaveAgent>() == 1);
  CHECK(bench.member("cid").votes == 1);
  CHECK_FALSE(bench.machine().roster().members().contains("ada"));
  bench.step(proven("a1", bench.vote_of(signs), "cid"));
  REQUIRE(bench.last<Refuse>("a1") != nullptr);
  CHECK(bench.last<Refuse>("a1")->reason == RefusalReason::RepeatedVote);
  const RoundId open = bench.open();
  bench.step(proven("b1", bench.vote_of(signs), "bob"));
  CHECK(bench.open() == open.next());
  bench.step(AgentRenamed{"nobody", "x"});
  CHECK(bench.machine().roster().members().size() == 2);
}

}  // namespace signet
