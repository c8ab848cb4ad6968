#include <cstdint>
#include <string>
#include <vector>

#include "tests/coordinator/round/round_bench.hpp"

namespace signet {

namespace {

using test::kRoundDimension;
using test::random_signs;
using test::RoundBench;

const std::vector<std::string> kHonest{"ada", "bob", "cid", "eve"};
const std::string kLiar = "mal";

Job weighted_job() {
  Job job = test::round_job(5);
  job.weights = VoteWeights::Mismatch;
  return job;
}

// What the honest nearly agree on in a round.
SignVector truth_of(RoundId round) {
  return random_signs(kRoundDimension, 1000 + round.value);
}

// One coordinate in ten is wrong, each voter's own.
SignVector honest_vote(std::size_t voter, RoundId round) {
  SignVector signs = truth_of(round);
  Rng rng(mix(voter, round.value));
  for (std::size_t i = 0; i < kRoundDimension; ++i)
    if (rng.below(10) == 0) signs.set(i, !signs.positive(i));
  return signs;
}

SignVector opposite_of(SignVector signs) {
  for (std::size_t i = 0; i < signs.dimension(); ++i) signs.set(i, !signs.positive(i));
  return signs;
}

struct Round {
  std::vector<SignVector> honest;
  SignVector liar;
};

Round vote_all(RoundBench& bench) {
  const RoundId round = bench.open();
  Round votes;
  for (std::size_t j = 0; j < kHonest.size(); ++j) votes.honest.push_back(honest_vote(j, round));
  votes.liar = opposite_of(honest_vote(kHonest.size(), round));
  for (std::size_t j = 0; j < kHonest.size(); ++j) bench.vote(kHonest[j], votes.honest[j]);
  bench.vote(kLiar, votes.liar);
  return votes;
}

RoundBench weighted_bench() {
  RoundBench bench(weighted_job());
  bench.join_all(kHonest);
  bench.join(kLiar);
  REQUIRE(bench.machine().begun());
  return bench;
}

const SaveRound& saved_round(const RoundBench& bench) {
  for (const auto& action : bench.actions)
    if (const auto* round = std::get_if<SaveRound>(&action)) return *round;
  FAIL("no round was saved");
  throw;
}

}  // namespace

TEST_CASE("RoundMachine weighs votes by the agents' mismatches, and says whose count reversed",
          "[coordinator][round][weights]") {
  RoundBench bench = weighted_bench();
  for (std::uint64_t k = 0; k < 30; ++k) {
    vote_all(bench);
    CHECK(bench.saved.back()->voters == 5);
  }
  CHECK(bench.warned("agent mal votes against the others: its votes count reversed"));
  CHECK(bench.warnings.size() == 1);
  CHECK(bench.member(kLiar).weight < 0);
  for (const auto& name : kHonest) CHECK(bench.member(name).weight > 0);

  std::vector<std::int64_t> weights;
  for (const auto& name : kHonest) weights.push_back(bench.member(name).weight);
  const std::int64_t against = bench.member(kLiar).weight;
  const Round votes = vote_all(bench);
  const UpdateRecord& update = *bench.saved.back();
  for (std::size_t i = 0; i < kRoundDimension; ++i) {
    std::int64_t sum = votes.liar.positive(i) ? against : -against;
    for (std::size_t j = 0; j < kHonest.size(); ++j)
      sum += votes.honest[j].positive(i) ? weights[j] : -weights[j];
    const bool tie = !update.ties.empty() && update.ties.positive(i);
    CHECK(tie == (sum == 0));
    if (sum != 0) CHECK(update.signs.positive(i) == (sum > 0));
  }
}

TEST_CASE("RoundMachine leaves all votes equal unless the job asks for weights",
          "[coordinator][round][weights]") {
  Job job = weighted_job();
  job.weights = VoteWeights::Equal;
  RoundBench bench(job);
  bench.join_all(kHonest);
  bench.join(kLiar);
  for (std::uint64_t k = 0; k < 10; ++k) vote_all(bench);
  CHECK(bench.member(kLiar).weight == 1);
  CHECK(bench.warnings.empty());
  CHECK(saved_round(bench).controller.empty());  // a fixed rate remembers nothing
}

TEST_CASE("a restarted RoundMachine weighs votes as if it had never stopped",
          "[coordinator][round][weights]") {
  RoundBench one = weighted_bench();
  for (std::uint64_t k = 0; k < 12; ++k) vote_all(one);

  std::vector<std::string> everybody = kHonest;
  everybody.push_back(kLiar);
  RunState state = test::restarted_state(one.open().value, everybody);
  state.controller = saved_round(one).controller;
  RoundBench other(weighted_job(), std::move(state));
  other.join_all(everybody);
  for (std::uint64_t k = 0; k < 5; ++k) {
    vote_all(one);
    vote_all(other);
    CHECK(other.saved.back()->signs == one.saved.back()->signs);
    CHECK(other.member(kLiar).weight == one.member(kLiar).weight);
    CHECK(saved_round(other).controller == saved_round(one).controller);
  }
}

TEST_CASE("RoundMachine takes the votes of newcomers for equal where nobody else votes",
          "[coordinator][round][weights]") {
  RoundBench bench = weighted_bench();
  for (std::uint64_t k = 0; k < 12; ++k) vote_all(bench);
  bench.join("new");
  for (int k = 0; k < 120; ++k) {
    for (const auto& name : kHonest) bench.pause(name);
    bench.pause(kLiar);
    bench.vote("new");
    bench.pass(std::chrono::seconds(60));
    REQUIRE(bench.saved.back()->voters == 1);
    REQUIRE(bench.saved.back()->rate > 0);
  }
  CHECK_FALSE(bench.machine().finished());
  // Beside one that is known it still weighs nothing.
  CHECK(bench.member("new").weight == 0);
}

TEST_CASE("rounds do not run away while only agents are here whose votes count reversed",
          "[coordinator][round][weights]") {
  RoundBench bench = weighted_bench();
  for (std::uint64_t k = 0; k < 12; ++k) vote_all(bench);
  REQUIRE(bench.member(kLiar).weight < 0);
  const std::size_t closed = bench.saved.size();
  for (const auto& name : kHonest) bench.tell(RoundBench::peer_of(name), test::leaving("night"));
  bench.vote(kLiar);
  for (int k = 0; k < 10; ++k) {
    bench.pass(std::chrono::seconds(5));
    bench.beat(kLiar);
  }
  CHECK(bench.saved.size() == closed);
  // With the first who is right more often than wrong it goes on.
  bench.join(kHonest[0]);
  bench.vote(kHonest[0]);
  bench.pass(std::chrono::seconds(30));
  CHECK(bench.saved.size() == closed + 1);
  CHECK(bench.saved.back()->rate > 0);
}

TEST_CASE("a board that was enrolled under the name of a revoked one begins like a new one",
          "[coordinator][round][weights]") {
  RoundBench bench = weighted_bench();
  for (std::uint64_t k = 0; k < 12; ++k) vote_all(bench);
  REQUIRE(bench.member(kLiar).weight < 0);
  bench.step(AgentRevoked{kLiar});
  bench.join(kLiar);
  vote_all(bench);
  CHECK(bench.member(kLiar).weight == 0);
}

TEST_CASE("a renamed agent keeps the weight of its votes", "[coordinator][round][weights]") {
  RoundBench bench = weighted_bench();
  for (std::uint64_t k = 0; k < 12; ++k) vote_all(bench);
  const int weight = bench.member(kLiar).weight;
  bench.step(AgentRenamed{kLiar, "zoe"});
  for (const auto& name : kHonest) bench.vote(name, honest_vote(0, bench.open()));
  const SignVector signs = opposite_of(honest_vote(9, bench.open()));
  bench.tell(RoundBench::peer_of(kLiar), bench.vote_of(signs));
  CHECK(bench.member("zoe").weight == weight);
}

TEST_CASE("an agent whose votes now count and now do not is told of now and then",
          "[coordinator][round][weights]") {
  RoundBench bench = weighted_bench();
  std::size_t told = 0;
  for (std::uint64_t k = 0; k < 400; ++k) {
    const RoundId round = bench.open();
    for (std::size_t j = 0; j < kHonest.size(); ++j) bench.vote(kHonest[j], honest_vote(j, round));
    // For twenty rounds honest, for twenty not.
    const SignVector signs = honest_vote(kHonest.size(), round);
    bench.vote(kLiar, k / 20 % 2 == 0 ? signs : opposite_of(signs));
    for (const auto& action : bench.actions)
      if (const auto* note = std::get_if<Note>(&action))
        told += note->text.find("agent mal votes") == 0 ? 1U : 0U;
  }
  CHECK(told >= 2);
  CHECK(told <= 8);
}

TEST_CASE("RoundMachine refuses a saved memory of rates and weights that is cut off",
          "[coordinator][round][weights]") {
  RoundBench bench = weighted_bench();
  for (std::uint64_t k = 0; k < 6; ++k) vote_all(bench);
  const Bytes good = saved_round(bench).controller;
  for (const std::size_t size : {std::size_t{2}, good.size() - 1}) {
    RunState state = test::restarted_state(bench.open().value, kHonest);
    state.controller.assign(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    const auto machine = RoundMachine::create(weighted_job(), "job text", std::move(state), 7301,
                                              Instant{std::chrono::seconds(1)});
    REQUIRE_FALSE(machine);
    CHECK(machine.error().kind == ErrorKind::Corrupt);
  }
}

}  // namespace signet
