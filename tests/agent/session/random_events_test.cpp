#include <array>

#include "tests/agent/session/session_bench.hpp"

namespace signet {

namespace {

using test::OtherSide;
using test::SessionBench;

/// Anything that may arrive, in any order, of this run, of another one, of rounds that were taken
/// back and of rounds to come; and anything the board may do. Only what ends an agent for good
/// reason is left out.
class Turmoil {
 public:
  Turmoil(SessionBench& bench, std::uint64_t seed) : bench_(bench), rng_(seed) {}

  void one() {
    // The board goes on with its own work, or nothing would come of all this.
    if (rng_.below(3) == 0) return work();
    switch (rng_.below(18)) {
      case 0:
      case 1: return bench_.pass(std::chrono::milliseconds(rng_.below(3000)));
      case 2: return bench_.welcome(round(), rng_.below(4) != 0);
      case 3:
        bench_.run = RunId{test::kAgentRun.value + rng_.below(8) / 7};
        return bench_.welcome(round());
      case 4:
      case 5:
      case 6: return bench_.update(round());
      case 7: return bench_.update_of(strayed_, round());
      case 8: return bench_.update_of(bench_.other, round(), rng_.below(2));
      case 9:
        return bench_.snapshot(rng_.below(2) == 0 ? bench_.other : strayed_, round(),
                               rng_.below(4) / 3);
      case 10:
        return bench_.beat(round(), static_cast<Activity>(rng_.below(6)), rng_.below(2) == 0);
      case 11: return refuse();
      case 12: return bench_.goodbye(Farewell::Stopped, round());
      case 13: return change_job();
      case 14: return bench_.step(AllowanceChanged{{static_cast<Pace>(rng_.below(3)), "a guest"}});
      default: return bench_.beat(round(), Activity::Idle, rng_.below(2) == 0);
    }
  }

 private:
  // Mostly what is of use to the agent where it stands.
  std::uint64_t round() {
    const auto& replica = bench_.session().replica();
    return replica && rng_.below(3) != 0 ? replica->next_round().value : rng_.below(12);
  }

  void refuse() {
    static constexpr std::array reasons{RefusalReason::UnknownPeer,  RefusalReason::WrongRun,
                                        RefusalReason::LateVote,     RefusalReason::EarlyVote,
                                        RefusalReason::RepeatedVote, RefusalReason::WrongDigest,
                                        RefusalReason::NotBegun};
    bench_.refuse(reasons[rng_.below(reasons.size())], round());
  }
  void change_job() {
    if (rng_.below(20) != 0) return;
    bench_.job.seed = 1 + rng_.below(2);
    bench_.job_text = canonical_text(bench_.job);
  }
  void work() {
    if (bench_.training) return bench_.trained(rng_.below(4) != 0);
    if (loaded_ < bench_.loads) {
      loaded_ = bench_.loads;
      bench_.load();
    }
  }

  SessionBench& bench_;
  Rng rng_;
  OtherSide strayed_{2};
  std::size_t loaded_ = 0;

 public:
  std::size_t loaded() const { return loaded_; }
};

/// A coordinator that answers as it should, at round `open` of the bench's other side.
class Healing {
 public:
  Healing(SessionBench& bench, std::uint64_t open, std::size_t loaded)
      : bench_(bench), open_(open), loaded_(loaded) {}

  /// True when the agent has voted for the open round at the right parameters.
  bool heal() {
    bench_.run = test::kAgentRun;
    bench_.step(AllowanceChanged{});
    take_sent();
    const std::size_t votes = bench_.votes.size();
    for (int step = 0; step < 1200; ++step) {
      if (bench_.training) {
        bench_.trained();
        take_sent();
      }
      if (loaded_ < bench_.loads) {
        loaded_ = bench_.loads;
        bench_.load();
        take_sent();
      }
      bench_.pass(std::chrono::milliseconds(100));
      take_sent();
      answer();
      for (std::size_t v = votes; v < bench_.votes.size(); ++v)
        if (good(bench_.votes[v])) return true;
    }
    return false;
  }

 private:
  void take_sent() {
    questions_.insert(questions_.end(), bench_.sent.begin(), bench_.sent.end());
    bench_.sent.clear();
  }
  bool good(const Vote& vote) {
    return known_ && vote.abstention != Abstention::Paused && vote.run == bench_.run &&
           vote.round == RoundId{open_} && vote.digest == bench_.other.at(open_).digest();
  }
  void answer() {
    const std::vector<Message> questions = std::exchange(questions_, {});
    for (const auto& question : questions) {
      if (const auto* hello = std::get_if<Hello>(&question)) {
        known_ = true;
        ready_ = ready_ || hello->ready;
        bench_.welcome(open_);
      } else if (!known_) {
        bench_.refuse(RefusalReason::UnknownPeer, open_);
      } else if (const auto* request = std::get_if<CatchUpRequest>(&question)) {
        lead(*request);
      } else if (std::holds_alternative<Heartbeat>(question)) {
        bench_.beat(open_, ready_ ? Activity::Idle : Activity::Loading, false);
      } else if (const auto* vote = std::get_if<Vote>(&question)) {
        judge(*vote);
      }
      take_sent();
    }
  }
  void lead(const CatchUpRequest& request) {
    const std::uint64_t at = request.next_round.value;
    if (request.has_replica && request.run == bench_.run && at < open_ &&
        request.digest == bench_.other.at(at).digest()) {
      for (std::uint64_t round = at; round < std::min(open_, at + 8); ++round) {
        bench_.update(round);
        take_sent();
      }
    } else {
      bench_.snapshot(bench_.other, open_);
    }
  }
  void judge(const Vote& vote) {
    if (vote.run != bench_.run) return bench_.refuse(RefusalReason::WrongRun, open_);
    if (!ready_) return bench_.refuse(RefusalReason::NotBegun, open_);
    if (vote.round.value < open_) return bench_.refuse(RefusalReason::LateVote, open_);
    if (vote.round.value > open_) return bench_.refuse(RefusalReason::EarlyVote, open_);
    if (!good(vote)) bench_.refuse(RefusalReason::WrongDigest, open_);
  }

  SessionBench& bench_;
  std::uint64_t open_;
  std::size_t loaded_;
  std::vector<Message> questions_;
  bool known_ = false, ready_ = false;
};

}  // namespace

TEST_CASE("whatever arrives, the replica stays while it is read and the agent finds back",
          "[agent][session]") {
  std::size_t voters = 0;
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    INFO("seed " << seed);
    SessionBench bench(seed);
    Turmoil turmoil(bench, mix(seed, 0x7572));
    bench.step(Tick{});
    for (int event = 0; event < 200; ++event) turmoil.one();
    REQUIRE_FALSE(bench.exit.has_value());
    voters += bench.votes.empty() ? 0U : 1U;
    // The promises of step() were checked in every step; now a sound coordinator is back.
    CHECK(Healing(bench, seed % 12, turmoil.loaded()).heal());
    CHECK_FALSE(bench.exit.has_value());
  }
  CHECK(voters > 1000);  // else the turmoil is too wild to reach what it is about
}

TEST_CASE("the same events give the same actions", "[agent][session]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SessionBench one(seed), two(seed);
    Turmoil first(one, seed), second(two, seed);
    for (int event = 0; event < 200; ++event) {
      first.one();
      second.one();
      REQUIRE(one.actions.size() == two.actions.size());
      for (std::size_t i = 0; i < one.actions.size(); ++i) {
        REQUIRE(one.actions[i].index() == two.actions[i].index());
        if (const auto* send = std::get_if<Send>(&one.actions[i]))
          CHECK(*send->frames == *std::get<Send>(two.actions[i]).frames);
      }
      REQUIRE(one.session().deadline() == two.session().deadline());
    }
  }
}

}  // namespace signet
