#include "tests/agent/session/session_bench.hpp"

namespace signet {

namespace {

using test::kAgentRun;
using test::OtherSide;
using test::SessionBench;

}  // namespace

TEST_CASE("a vote says where it was made and what was measured", "[agent][session]") {
  SessionBench bench;
  bench.join();
  for (std::uint64_t round = 0; round < 20; ++round) {
    REQUIRE(bench.training.has_value());
    CHECK(*bench.training == RoundId{round});
    bench.trained();
    REQUIRE(bench.votes.size() == round + 1);
    const Vote& vote = bench.votes.back();
    CHECK(vote.run == kAgentRun);
    CHECK(vote.round == RoundId{round});
    CHECK(vote.digest == bench.other.at(round).digest());
    CHECK(vote.local == 3);
    CHECK(vote.cross == 2);
    CHECK(vote.loss == 0.5F);
    CHECK(vote.samples == 16);
    CHECK(vote.abstention == Abstention::None);
    CHECK(bench.vote_signs.back() ==
          to_bytes(test::random_signs(test::kAgentDimension, round).bytes()));
    bench.update(round);
    CHECK(bench.round() == round + 1);
    CHECK(bench.in_step());
  }
  CHECK(bench.session().votes() == 20);
  CHECK(bench.session().resyncs() == 0);
  CHECK(bench.told_normalisations.size() == 1);
}

TEST_CASE("a gradient that is not finite is an abstention with its reason", "[agent][session]") {
  SessionBench bench;
  bench.join();
  bench.trained(false);
  REQUIRE(bench.votes.size() == 1);
  CHECK(bench.votes[0].abstention == Abstention::NotFinite);
  CHECK(bench.votes[0].reason == "loss is NaN");
  CHECK(bench.votes[0].digest == bench.other.at(0).digest());
  CHECK(bench.vote_signs[0].empty());
  CHECK(bench.warned("abstains from round 0: loss is NaN"));
  bench.update(0);
  bench.trained();
  CHECK(bench.votes[1].abstention == Abstention::None);
}

TEST_CASE("a round that closes while its gradient is computed gets no late vote",
          "[agent][session]") {
  SessionBench bench;
  bench.join();
  bench.update(0);
  bench.update(1);
  CHECK(bench.round() == 0);
  bench.trained();
  CHECK(bench.votes.empty());
  CHECK(bench.round() == 2);
  CHECK(bench.in_step());
  REQUIRE(bench.training.has_value());
  CHECK(*bench.training == RoundId{2});
  bench.trained();
  CHECK(bench.votes.size() == 1);
  CHECK(bench.votes[0].round == RoundId{2});
}

TEST_CASE("updates are applied once each, in order, however they arrive", "[agent][session]") {
  SessionBench bench;
  bench.join_and_vote();
  bench.update(2);
  CHECK(bench.round() == 0);
  // There is a gap: what is missing is asked for.
  const auto* request = bench.last_sent<CatchUpRequest>();
  REQUIRE(request != nullptr);
  CHECK(request->run == kAgentRun);
  CHECK(request->has_replica);
  CHECK(request->next_round == RoundId{0});
  CHECK(request->digest == bench.other.at(0).digest());
  CHECK(request->chunk == 0);
  bench.update(1);
  CHECK(bench.sent.empty());  // asked already
  bench.update(2);
  bench.update(0);
  CHECK(bench.round() == 3);
  CHECK(bench.in_step());
  REQUIRE(bench.training.has_value());
  bench.trained();
  for (const std::uint64_t old : {0U, 1U, 2U}) bench.update(old);
  CHECK(bench.round() == 3);
  CHECK(bench.in_step());
  CHECK_FALSE(bench.training.has_value());
  CHECK(bench.session().resyncs() == 0);
  CHECK(bench.votes.size() == 2);
}

TEST_CASE("any order of a few updates leads to the same replica", "[agent][session]") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Rng rng(seed);
    SessionBench bench;
    bench.join_and_vote();
    std::vector<std::uint64_t> order;
    for (std::uint64_t round = 0; round < 12; ++round)
      for (std::uint64_t copies = 1 + rng.below(2); copies > 0; --copies) order.push_back(round);
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[rng.below(i)]);
    for (const std::uint64_t round : order) {
      bench.update(round);
      CHECK(bench.in_step());
      if (bench.training && rng.below(2) == 0) bench.trained();
    }
    if (bench.training) bench.trained();
    CHECK(bench.round() == 12);
    CHECK(bench.in_step());
    CHECK(bench.session().resyncs() == 0);
  }
}

TEST_CASE("messages of another run or another size change nothing", "[agent][session]") {
  SessionBench bench;
  bench.join_and_vote();
  const SignVector signs(test::kAgentDimension);
  bench.hear(Update{RunId{1}, RoundId{0}, 1, 0, 0, 1, signs.bytes(), {}});
  CHECK(bench.actions.empty());
  bench.hear(Heartbeat{RunId{1}, RoundId{9}, Activity::Idle, true});
  CHECK(bench.actions.empty());
  bench.hear(Goodbye{RunId{1}, Farewell::Stopped, "", RoundId{0}, 0, 0, 0});
  CHECK(bench.actions.empty());
  const SignVector many(1000);
  bench.hear(Update{kAgentRun, RoundId{0}, 1, 0, 0, 1, many.bytes(), {}});
  CHECK(bench.warned("unusable update"));
  CHECK(bench.round() == 0);
  // The real one is still welcome.
  bench.update(0);
  CHECK(bench.round() == 1);
  CHECK(bench.in_step());
  // What only an agent says is not obeyed.
  for (const Message& message : {Message{Hello{}}, Message{Vote{}},
                                 Message{CatchUpRequest{kAgentRun, true, {}, 0, {}, 0}}}) {
    Message told = message;
    if (auto* vote = std::get_if<Vote>(&told)) vote->signs = signs.bytes();
    bench.hear(told);
    CHECK(bench.sent.empty());
  }
}

TEST_CASE("a lost vote is sent again, the same bits, and not too often", "[agent][session]") {
  SessionBench bench;
  bench.join_and_vote();
  const Duration heartbeat = bench.job.round.heartbeat;
  bench.now += heartbeat / 2;
  bench.beat(0, Activity::Idle, false);  // this answer was under way when the vote was sent
  CHECK(bench.votes.size() == 1);
  bench.now += Duration(1);
  bench.beat(0, Activity::Idle, false);
  REQUIRE(bench.votes.size() == 2);
  CHECK(bench.votes[1].round == RoundId{0});
  CHECK(bench.vote_signs[1] == bench.vote_signs[0]);
  bench.beat(0, Activity::Idle, false);
  CHECK(bench.votes.size() == 2);
  bench.now += heartbeat;
  bench.beat(0, Activity::Idle, true);
  CHECK(bench.votes.size() == 2);
  CHECK_FALSE(bench.training.has_value());
}

TEST_CASE("a lost update is asked for when a heartbeat tells of its round", "[agent][session]") {
  SessionBench bench;
  bench.join_and_vote();
  bench.beat(1, Activity::Idle, false);
  const auto* request = bench.last_sent<CatchUpRequest>();
  REQUIRE(request != nullptr);
  CHECK(request->next_round == RoundId{0});
  bench.update(0);
  CHECK(bench.round() == 1);
  REQUIRE(bench.training.has_value());
  bench.trained();
  CHECK(bench.votes.back().round == RoundId{1});
}

TEST_CASE("a late vote is answered by catching up", "[agent][session]") {
  SessionBench bench;
  bench.join_and_vote();
  bench.refuse(RefusalReason::LateVote, 3);
  REQUIRE(bench.last_sent<CatchUpRequest>() != nullptr);
  for (const std::uint64_t round : {0U, 1U, 2U}) bench.update(round);
  CHECK(bench.round() == 3);
  REQUIRE(bench.training.has_value());
}

TEST_CASE("refusals that tell nothing new are no reason to do anything", "[agent][session]") {
  SessionBench bench;
  bench.join_and_vote();
  bench.refuse(RefusalReason::RepeatedVote);
  CHECK(bench.actions.empty());
  bench.refuse(RefusalReason::NotBegun);
  CHECK(bench.actions.empty());
  bench.refuse(RefusalReason::Malformed);
  CHECK(bench.sent.empty());
  CHECK_FALSE(bench.exit.has_value());
}

TEST_CASE("a vote that is early for the coordinator leads to joining anew", "[agent][session]") {
  SessionBench bench;
  bench.join_and_vote(5);
  bench.refuse(RefusalReason::EarlyVote, 2);
  CHECK(bench.reconnects == 1);
  REQUIRE(bench.last_sent<Hello>() != nullptr);
  CHECK(bench.last_sent<Hello>()->next_round == RoundId{5});
}

TEST_CASE("a replica that differs from what an update steps from takes a snapshot and votes on",
          "[agent][session]") {
  SessionBench bench;
  bench.join_and_vote(4);
  bench.update_of(bench.other, 4, /*digest_flip=*/1);
  CHECK(bench.session().resyncs() == 1);
  CHECK(bench.session().replica_is_bad());
  CHECK(bench.warned("differs at round 4"));
  const auto* request = bench.last_sent<CatchUpRequest>();
  REQUIRE(request != nullptr);
  CHECK_FALSE(request->has_replica);
  CHECK_FALSE(bench.training.has_value());  // nothing is computed at parameters that are wrong
  bench.update(5);
  bench.snapshot(bench.other, 5);
  CHECK(bench.round() == 6);  // the update that came meanwhile was kept
  CHECK(bench.in_step());
  CHECK_FALSE(bench.session().replica_is_bad());
  bench.trained();
  CHECK(bench.votes.back().round == RoundId{6});
  CHECK(bench.session().resyncs() == 1);
}

TEST_CASE("an agent whose vote was made at wrong parameters votes again in the same round",
          "[agent][session]") {
  // Its replica went wrong and nothing noticed (bad memory, or rounds that a power cut took back).
  SessionBench bench;
  OtherSide truth(2);
  bench.join_and_vote(4);
  bench.refuse(RefusalReason::WrongDigest, 4);
  CHECK(bench.session().resyncs() == 1);
  const auto* request = bench.last_sent<CatchUpRequest>();
  REQUIRE(request != nullptr);
  CHECK_FALSE(request->has_replica);
  bench.snapshot(truth, 4);
  REQUIRE(bench.training.has_value());
  CHECK(*bench.training == RoundId{4});
  const std::size_t before = bench.votes.size();
  bench.trained();
  REQUIRE(bench.votes.size() == before + 1);
  CHECK(bench.votes.back().round == RoundId{4});
  CHECK(bench.votes.back().digest == truth.at(4).digest());
}

TEST_CASE("a refusal of wrong parameters while training is acted on afterwards",
          "[agent][session]") {
  SessionBench bench;
  bench.join_and_vote(3);
  bench.update(3);
  REQUIRE(bench.training.has_value());
  bench.refuse(RefusalReason::WrongDigest, 4);
  CHECK(bench.last_sent<CatchUpRequest>() == nullptr);
  const std::size_t before = bench.votes.size();
  bench.trained();
  CHECK(bench.votes.size() == before);
  REQUIRE(bench.last_sent<CatchUpRequest>() != nullptr);
  bench.snapshot(bench.other, 4);
  REQUIRE(bench.training.has_value());
  bench.trained();
  CHECK(bench.votes.size() == before + 1);
}

TEST_CASE("a board that is busy for a hundred rounds keeps a bounded number of updates",
          "[agent][session]") {
  SessionBench bench;
  bench.join();
  for (std::uint64_t round = 0; round < 100; ++round) bench.update(round);
  CHECK(bench.round() == 0);
  bench.trained();
  // The furthest are given up: they can be asked for again.
  CHECK(bench.round() == PendingUpdates::kMax);
  CHECK(bench.in_step());
  const auto* request = bench.last_sent<CatchUpRequest>();
  REQUIRE(request != nullptr);
  CHECK(request->next_round == RoundId{PendingUpdates::kMax});
}

}  // namespace signet
