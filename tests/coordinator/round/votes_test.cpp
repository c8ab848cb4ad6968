#include <array>
#include <cmath>
#include <functional>
#include <map>

#include "tests/coordinator/round/round_bench.hpp"

namespace signet {

namespace {

using test::CountedVote;
using test::is_majority;
using test::kRoundDimension;
using test::random_signs;
using test::RoundBench;

const std::vector<std::string> kVoters{"ada", "bob", "cid"};

RoundBench voting_bench(Job job = test::round_job()) {
  RoundBench bench(std::move(job));
  bench.join_all(kVoters);
  REQUIRE(bench.machine().begun());
  return bench;
}

struct BadVote {
  const char* name;
  RefusalReason reason;
  std::function<void(Vote&)> spoil;
};

// Longer and shorter than the dimension asks for, in whole bytes.
const Bytes kManyBytes(kRoundDimension / 8 + 2, std::byte{0xff});

const std::array kBadVotes{
    BadVote{"late", RefusalReason::LateVote, [](Vote& v) { v.round = RoundId{v.round.value - 1}; }},
    BadVote{"very late", RefusalReason::LateVote, [](Vote& v) { v.round = RoundId{0}; }},
    BadVote{"early", RefusalReason::EarlyVote, [](Vote& v) { v.round = v.round.next(); }},
    BadVote{"far too early", RefusalReason::EarlyVote,
            [](Vote& v) { v.round = RoundId{~std::uint64_t{0}}; }},
    BadVote{"wrong digest", RefusalReason::WrongDigest, [](Vote& v) { v.digest ^= 1; }},
    BadVote{"wrong run", RefusalReason::WrongRun, [](Vote& v) { v.run.value ^= 1; }},
    BadVote{"too short", RefusalReason::Malformed,
            [](Vote& v) { v.signs = v.signs.first(v.signs.size() - 1); }},
    BadVote{"no signs", RefusalReason::Malformed, [](Vote& v) { v.signs = {}; }},
    BadVote{"too long", RefusalReason::Malformed, [](Vote& v) { v.signs = kManyBytes; }},
    BadVote{"unexpected abstentions", RefusalReason::Malformed,
            [](Vote& v) { v.abstained = v.signs; }},
};

}  // namespace

TEST_CASE("RoundMachine saves the round before it publishes the update", "[coordinator][round]") {
  RoundBench bench = voting_bench();
  for (const auto& name : kVoters) bench.vote(name);
  std::vector<std::size_t> save, publish;
  for (std::size_t i = 0; i < bench.actions.size(); ++i) {
    if (std::holds_alternative<SaveRound>(bench.actions[i])) save.push_back(i);
    if (std::holds_alternative<Publish>(bench.actions[i])) publish.push_back(i);
  }
  REQUIRE(save.size() == 1);
  REQUIRE(publish.size() == 1);
  CHECK(save[0] < publish[0]);
  // Nothing at all is told before: the first action of the closing is the saving.
  for (std::size_t i = 0; i < save[0]; ++i) CHECK(std::holds_alternative<Note>(bench.actions[i]));
}

TEST_CASE("RoundMachine publishes the majority of the accepted votes and applies it",
          "[coordinator][round][paper:1810.05291/alg1]") {
  RoundBench bench = voting_bench();
  std::vector<float> x(bench.machine().replica().parameters().begin(),
                       bench.machine().replica().parameters().end());
  for (std::uint64_t round = 0; round < 40; ++round) {
    const std::uint64_t before = bench.machine().replica().digest();
    std::vector<CountedVote> votes;
    // Sometimes one is missing, so that ties come up.
    const std::size_t voters = 2 + round % 2;
    if (voters == 2) bench.abstain("bob");
    for (const auto& name : kVoters) {
      if (voters == 2 && name == "bob") continue;
      votes.push_back({random_signs(kRoundDimension, 1000 * round + votes.size()), {}});
      bench.vote(name, votes.back().signs);
    }
    REQUIRE(bench.saved.size() == round + 1);
    const UpdateRecord& update = *bench.saved.back();
    CHECK(is_majority(update, votes));
    CHECK(update.voters == voters);
    CHECK(update.rate == 0.25F);
    CHECK(update.ties.empty() == (voters == 3));
    for (std::size_t i = 0; i < x.size(); ++i)
      if (update.ties.empty() || !update.ties.positive(i))
        x[i] = update.signs.positive(i) ? x[i] - 0.25F : x[i] + 0.25F;
    const Replica expected(x, RoundId{round + 1});
    CHECK(update.digest == before);
    CHECK(bench.machine().replica().digest() == expected.digest());

    const auto* told = bench.last<Update>("*");
    REQUIRE(told != nullptr);
    CHECK(told->run == test::kRoundRun);
    CHECK(told->round == RoundId{round});
    CHECK(told->rate == update.rate);
    CHECK(told->voters == voters);
    CHECK(told->digest == before);
    CHECK(to_bytes(told->signs) == to_bytes(update.signs.bytes()));
    CHECK(told->ties.empty() == update.ties.empty());
    if (!told->ties.empty()) CHECK(to_bytes(told->ties) == to_bytes(update.ties.bytes()));
  }
}

TEST_CASE("a vote that cannot count is refused with its reason and leaves the majority alone",
          "[coordinator][round]") {
  for (const auto& bad : kBadVotes) {
    INFO(bad.name);
    RoundBench bench = voting_bench();
    for (int round = 0; round < 3; ++round)
      for (const auto& name : kVoters) bench.vote(name);

    const SignVector refused = random_signs(kRoundDimension, 1);
    Vote vote = bench.vote_of(refused);
    bad.spoil(vote);
    bench.tell(RoundBench::peer_of("bob"), vote);
    const auto* refusal = bench.last_to<Refuse>("bob");
    REQUIRE(refusal != nullptr);
    CHECK(refusal->reason == bad.reason);
    CHECK_FALSE(refusal->text.empty());
    CHECK(refusal->round == RoundId{3});
    CHECK(bench.sent.size() == 1);
    for (std::size_t r = 0; r < bench.member("bob").refusals.size(); ++r)
      CHECK(bench.member("bob").refusals[r] ==
            (r == static_cast<std::size_t>(bad.reason) ? 1U : 0U));

    // Its sender may still vote as it should: a refusal is no vote.
    std::vector<CountedVote> votes;
    for (const auto& name : kVoters) {
      CHECK(bench.open() == RoundId{3});
      votes.push_back({random_signs(kRoundDimension, 50 + votes.size()), {}});
      bench.vote(name, votes.back().signs);
    }
    REQUIRE(bench.open() == RoundId{4});
    CHECK(is_majority(*bench.saved.back(), votes));
    CHECK(bench.reports.back().voters == 3);
    CHECK(bench.reports.back().refused == 1);
    CHECK(bench.member("bob").votes == 4);
  }
}

TEST_CASE("a repeated vote is refused, also from a new connection of the same agent",
          "[coordinator][round]") {
  RoundBench bench = voting_bench();
  const SignVector first = random_signs(kRoundDimension, 1),
                   other = random_signs(kRoundDimension, 2);
  bench.vote("ada", first);
  bench.vote("ada", other);
  REQUIRE(bench.last_to<Refuse>("ada") != nullptr);
  CHECK(bench.last_to<Refuse>("ada")->reason == RefusalReason::RepeatedVote);
  bench.abstain("ada");
  CHECK(bench.last_to<Refuse>("ada")->reason == RefusalReason::RepeatedVote);

  // The agent's process dies and comes back with another connection.
  bench.now += bench.job().round.heartbeat * 3;
  bench.beat("bob");
  bench.beat("cid");
  bench.tell("second peer", RoundBench::hello_of("ada", true));
  REQUIRE(bench.last<Welcome>("second peer") != nullptr);
  bench.tell("second peer", bench.vote_of(other));
  REQUIRE(bench.last<Refuse>("second peer") != nullptr);
  CHECK(bench.last<Refuse>("second peer")->reason == RefusalReason::RepeatedVote);
  CHECK(bench.member("ada").refusals[static_cast<std::size_t>(RefusalReason::RepeatedVote)] == 3);

  const SignVector b = random_signs(kRoundDimension, 3), c = random_signs(kRoundDimension, 4);
  bench.vote("bob", b);
  bench.vote("cid", c);
  REQUIRE(bench.saved.size() == 1);
  CHECK(is_majority(*bench.saved[0], {{first, {}}, {b, {}}, {c, {}}}));
}

TEST_CASE("votes of strangers are refused, and a flood of them takes no memory",
          "[coordinator][round]") {
  RoundBench bench = voting_bench();
  const SignVector signs(kRoundDimension);
  for (int i = 0; i < 1000; ++i) {
    const PeerId stranger = "stranger " + std::to_string(i);
    bench.tell(stranger, bench.vote_of(signs));
    REQUIRE(bench.last<Refuse>(stranger) != nullptr);
    CHECK(bench.last<Refuse>(stranger)->reason == RefusalReason::UnknownPeer);
    bench.tell(stranger, Heartbeat{test::kRoundRun, bench.open()});
    REQUIRE(bench.last<Refuse>(stranger) != nullptr);
    bench.tell(stranger, CatchUpRequest{});
    REQUIRE(bench.last<Refuse>(stranger) != nullptr);
    CHECK(bench.last<SnapshotChunk>(stranger) == nullptr);
    bench.tell(stranger, Goodbye{});
    CHECK(bench.sent.empty());
  }
  CHECK(bench.machine().roster().members().size() == 3);
  for (const auto& name : kVoters) bench.vote(name);
  CHECK(bench.reports.back().voters == 3);
}

TEST_CASE("an agent whose data are not ready cannot vote", "[coordinator][round]") {
  RoundBench bench = voting_bench();
  bench.tell("dan's", RoundBench::hello_of("dan", false));
  const SignVector signs(kRoundDimension);
  bench.tell("dan's", bench.vote_of(signs));
  REQUIRE(bench.last<Refuse>("dan's") != nullptr);
  CHECK(bench.last<Refuse>("dan's")->reason == RefusalReason::NotBegun);
  // Nor anybody before the run has begun.
  RoundBench gathering;
  gathering.join("ada");
  gathering.tell(RoundBench::peer_of("ada"), gathering.vote_of(signs));
  REQUIRE(gathering.last_to<Refuse>("ada") != nullptr);
  CHECK(gathering.last_to<Refuse>("ada")->reason == RefusalReason::NotBegun);
  CHECK(gathering.saved.empty());
}

TEST_CASE("an abstention is counted and told, and its signs are not", "[coordinator][round]") {
  RoundBench bench = voting_bench();
  const SignVector a = random_signs(kRoundDimension, 1), c = random_signs(kRoundDimension, 2);
  bench.vote("ada", a);
  bench.abstain("bob");
  CHECK(bench.warned("bob abstained"));
  CHECK(bench.warned("loss is NaN"));
  bench.vote("cid", c);
  REQUIRE(bench.saved.size() == 1);
  CHECK(is_majority(*bench.saved[0], {{a, {}}, {c, {}}}));
  CHECK(bench.reports[0].voters == 2);
  CHECK(bench.reports[0].abstained == 1);
  CHECK(bench.member("bob").abstentions == 1);
  CHECK(bench.member("bob").last_abstention == "loss is NaN");
  CHECK(bench.member("bob").votes == 0);
}

TEST_CASE("a coordinate that an agent abstains from is decided by the others",
          "[coordinator][round]") {
  Job job = test::round_job();
  job.training.zero = ZeroRule::Abstain;
  RoundBench bench = voting_bench(job);
  for (std::uint64_t round = 0; round < 20; ++round) {
    std::vector<CountedVote> votes;
    for (const auto& name : kVoters) {
      const std::uint64_t seed = 10 * round + votes.size();
      votes.push_back({random_signs(kRoundDimension, seed), {}});
      Vote vote = bench.vote_of(votes.back().signs);
      if (name != "cid") {  // whoever has no zeros sends no plane
        votes.back().abstained = random_signs(kRoundDimension, seed + 7777, 0.3F);
        vote.abstained = votes.back().abstained.bytes();
      }
      bench.tell(RoundBench::peer_of(name), vote);
    }
    REQUIRE(bench.saved.size() == round + 1);
    CHECK(is_majority(*bench.saved.back(), votes));
  }
}

TEST_CASE("a tie of the rule 'previous' repeats the bit of the update before",
          "[coordinator][round]") {
  Job job = test::round_job(2);
  job.tie = TieRule::Previous;
  RoundBench bench(job);
  bench.join_all({"ada", "bob"});
  for (std::uint64_t round = 0; round < 10; ++round) {
    const SignVector a = random_signs(kRoundDimension, 2 * round),
                     b = random_signs(kRoundDimension, 2 * round + 1);
    bench.vote("ada", a);
    bench.vote("bob", b);
    REQUIRE(bench.saved.size() == round + 1);
    CHECK(bench.saved[round]->ties.empty());
    for (std::size_t i = 0; i < kRoundDimension; ++i) {
      if (a.positive(i) == b.positive(i)) {
        CHECK(bench.saved[round]->signs.positive(i) == a.positive(i));
      } else if (round > 0) {
        CHECK(bench.saved[round]->signs.positive(i) == bench.saved[round - 1]->signs.positive(i));
      }
    }
  }
}

TEST_CASE("sums over agents are in the order of names, whatever the order of arrival",
          "[coordinator][round]") {
  // In double, 1 + t + t + 1 is not 1 + 1 + t + t.
  const float t = 0.75F * 0x1p-52F;
  const std::map<std::string, float> local{{"ada", 1.0F}, {"bob", t}, {"cid", t}, {"dan", 1.0F}};
  double sum = 0;
  for (const auto& [name, value] : local) sum += double{value};
  REQUIRE(sum != 2 + double{t} + double{t});

  Job job = test::round_job(4);
  job.rate = RateSpec{};
  job.rate.controller = ControllerKind::Paper;
  std::vector<std::string> order{"ada", "bob", "cid", "dan"};
  do {
    RoundBench bench(job);
    bench.join_all(order);
    for (const auto& name : order) {
      const SignVector signs = random_signs(kRoundDimension, 1);
      Vote vote = bench.vote_of(signs);
      vote.local = local.at(name);
      vote.loss = local.at(name);
      bench.tell(RoundBench::peer_of(name), vote);
    }
    REQUIRE(bench.saved.size() == 1);
    CHECK(bench.saved[0]->rate == static_cast<float>(sum / 4 / kRoundDimension));
    CHECK(bench.reports[0].train_loss == sum / 4);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("a statistic that is far from the others' moves the rate by a bounded factor",
          "[coordinator][round]") {
  Job job = test::round_job(4);
  job.rate = RateSpec{};
  job.rate.controller = ControllerKind::Paper;
  for (const auto statistic : {Statistic::Local, Statistic::Cross}) {
    job.rate.statistic = statistic;
    for (const float lie : {1e30F, 1e4F, -1e30F, 0.0F}) {
      RoundBench bench(job);
      bench.join_all({"ada", "bob", "cid", "liar"});
      for (const char* name : {"ada", "bob", "cid", "liar"}) {
        const SignVector signs = random_signs(kRoundDimension, 1);
        Vote vote = bench.vote_of(signs);
        if (std::string(name) == "liar") vote.local = vote.cross = vote.loss = lie;
        bench.tell(RoundBench::peer_of(name), vote);
      }
      REQUIRE(bench.saved.size() == 1);
      const double honest = 1.0 / kRoundDimension;
      INFO(lie);
      CHECK(bench.saved[0]->rate > 0.4 * honest);
      CHECK(bench.saved[0]->rate < 4 * honest);
      CHECK(std::abs(bench.reports[0].train_loss) < 100);
    }
  }
}

TEST_CASE("more agents than the job waits for are all counted", "[coordinator][round]") {
  Job job = test::round_job(1);
  job.training.zero = ZeroRule::Abstain;
  RoundBench bench(job);
  std::vector<std::string> names;
  for (std::size_t n = 1; n <= 11; ++n) {
    names.push_back("agent-" + std::to_string(n));
    bench.join(names.back());
    std::vector<CountedVote> votes;
    // The newest votes first: it is not awaited yet, and the round must not close without it.
    for (std::size_t i = n; i > 0; --i) {
      votes.push_back({random_signs(kRoundDimension, 100 * n + i),
                       random_signs(kRoundDimension, 5000 + 100 * n + i, 0.3F)});
      Vote vote = bench.vote_of(votes.back().signs);
      vote.abstained = votes.back().abstained.bytes();
      bench.tell(RoundBench::peer_of(names[i - 1]), vote);
    }
    REQUIRE(bench.saved.size() == n);
    CHECK(bench.saved.back()->voters == n);
    CHECK(is_majority(*bench.saved.back(), votes));
  }
}

TEST_CASE("mismatch is the smoothed share of coordinates where an agent lost the vote",
          "[coordinator][round]") {
  RoundBench bench = voting_bench();
  std::map<std::string, double> expected;
  for (std::uint64_t round = 0; round < 5; ++round) {
    std::map<std::string, SignVector> votes;
    for (const auto& name : kVoters) {
      if (round == 3 && name == "bob") {
        bench.abstain("bob");  // no opinion, no mismatch; and two voters make ties
        continue;
      }
      votes[name] = random_signs(kRoundDimension, 10 * round + votes.size());
      bench.vote(name, votes[name]);
    }
    const UpdateRecord& update = *bench.saved.back();
    for (const auto& [name, signs] : votes) {
      double lost = 0;
      for (std::size_t i = 0; i < kRoundDimension; ++i)
        if (update.ties.empty() || !update.ties.positive(i))
          lost += signs.positive(i) != update.signs.positive(i) ? 1 : 0;
      const double share = lost / kRoundDimension;
      expected[name] = round == 0 ? share : 0.8 * expected[name] + 0.2 * share;
    }
    bench.pass(Duration{});  // it is counted after the update is out
    for (const auto& name : kVoters)
      CHECK(bench.member(name).mismatch == Approx(expected[name]).epsilon(1e-12));
  }
}

}  // namespace signet
