#include "fleet/referee.hpp"

#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/sign_patterns.hpp"
#include "tests/support/small_fleet.hpp"

namespace signet {
namespace referee_test {

constexpr RunId kRun{7};
constexpr std::size_t kDimension = 70;

/// A run of two agents by hand; what the referee complains about.
struct Hearing {
  Job job = [] {
    Job two = test::small_job();
    two.rate.controller = ControllerKind::Fixed;
    two.rate.value = 0.5;
    two.tie = TieRule::Hold;
    return two;
  }();
  std::vector<std::string> complaints;
  Replica own{std::vector<float>(kDimension), RoundId{0}};
  Referee referee{job, kRun, std::vector<float>(kDimension),
                  [this](std::string what) { complaints.push_back(std::move(what)); }};
  SignVector up = test::random_signs(kDimension, 1), down = test::random_signs(kDimension, 2);

  Vote vote(const SignVector& signs) const {
    Vote made;
    made.run = kRun;
    made.round = own.next_round();
    made.digest = own.digest();
    made.signs = signs.bytes();
    return made;
  }
  /// The round of both votes, as it should be.
  SaveRound round() const {
    auto update = std::make_shared<UpdateRecord>();
    update->round = own.next_round();
    update->rate = 0.5F;
    update->digest = own.digest();
    update->voters = 2;
    update->signs = update->ties = SignVector(kDimension);
    for (std::size_t i = 0; i < kDimension; ++i) {
      update->signs.set(i, up.positive(i) && down.positive(i));
      update->ties.set(i, up.positive(i) != down.positive(i));
    }
    return {update, {}, {}, {}};
  }
  void both_vote() {
    referee.vote_counted("ada", vote(up));
    referee.vote_counted("bob", vote(down));
  }
  void save(const SaveRound& action) {
    referee.saving(action, own);
    referee.saved();
    own.apply(action.update->rate, action.update->signs, action.update->ties);
  }
  bool complains(const std::string& part) const {
    return complaints.size() == 1 && complaints.front().find(part) != std::string::npos;
  }
};

SaveRound changed(const SaveRound& round, void (*change)(UpdateRecord&)) {
  UpdateRecord update = *round.update;
  change(update);
  SaveRound other = round;
  other.update = std::make_shared<const UpdateRecord>(std::move(update));
  return other;
}

TEST_CASE("Referee has nothing to say about a run that is sound", "[fleet]") {
  Hearing h;
  for (int k = 0; k < 5; ++k) {
    h.both_vote();
    h.save(h.round());
    h.referee.told(RoundId{h.own.next_round().value - 1});
    h.referee.saw("ada", h.own);
  }
  h.referee.restarted(h.own, true);
  for (const auto& complaint : h.complaints) FAIL_CHECK(complaint);
  CHECK(h.referee.rounds() == 5);
  CHECK(h.referee.digest() == h.own.digest());
}

TEST_CASE("Referee sees votes that must not count", "[fleet]") {
  const auto complaint = [](auto change) {
    Hearing h;
    Vote vote = h.vote(h.up);
    change(vote);
    h.referee.vote_counted("ada", vote);
    return h.complaints.empty() ? "" : h.complaints.front();
  };
  CHECK(complaint([](Vote&) {}) == "");
  CHECK(complaint([](Vote& v) { ++v.run.value; }).find("of another run") != std::string::npos);
  CHECK(complaint([](Vote& v) { ++v.round.value; }).find("open is") != std::string::npos);
  CHECK(complaint([](Vote& v) { ++v.digest; }).find("other parameters") != std::string::npos);
  CHECK(complaint([](Vote& v) { v.signs = v.signs.first(3); }).find("size") != std::string::npos);
  Hearing twice;
  twice.referee.vote_counted("ada", twice.vote(twice.up));
  twice.referee.vote_counted("ada", twice.vote(twice.up));
  CHECK(twice.complains("twice"));
}

TEST_CASE("Referee sees a good vote that was refused", "[fleet]") {
  Hearing h;
  h.referee.vote_refused("ada", h.vote(h.up), RefusalReason::UnknownPeer, false);
  h.referee.vote_refused("ada", h.vote(h.up), RefusalReason::LateVote, true);
  CHECK(h.complaints.empty());
  h.referee.vote_refused("ada", h.vote(h.up), RefusalReason::LateVote, false);
  CHECK(h.complains("refused a good vote of ada"));
}

TEST_CASE("Referee sees a round that is not what its votes come to", "[fleet]") {
  const auto complaint = [](void (*change)(UpdateRecord&)) {
    Hearing h;
    h.both_vote();
    h.referee.saving(changed(h.round(), change), h.own);
    return h.complaints.empty() ? "" : h.complaints.front();
  };
  CHECK(complaint([](UpdateRecord&) {}) == "");
  CHECK(complaint([](UpdateRecord& u) {
          u.signs.set(3, !u.signs.positive(3));
          u.ties.set(3, false);
        }).find("majority") != std::string::npos);
  CHECK(complaint([](UpdateRecord& u) { u.ties = SignVector(); }).find("majority") !=
        std::string::npos);
  CHECK(complaint([](UpdateRecord& u) { u.voters = 3; }).find("3 voters") != std::string::npos);
  CHECK(complaint([](UpdateRecord& u) { u.rate = 0.25F; }).find("rate") != std::string::npos);
  CHECK(complaint([](UpdateRecord& u) { ++u.round.value; }).find("is saved after") !=
        std::string::npos);
}

TEST_CASE("Referee sees an update that is told before it is saved", "[fleet]") {
  Hearing h;
  h.both_vote();
  h.referee.saving(h.round(), h.own);
  h.referee.told(RoundId{0});
  CHECK(h.complains("is told"));
}

TEST_CASE("Referee sees replicas that are too far or differ", "[fleet]") {
  Hearing h;
  Replica ahead = h.own;
  ahead.apply(1, h.up, {});
  h.referee.saw("ada", ahead);
  CHECK(h.complains("ada is at round 1"));
  Hearing other;
  other.referee.saw("bob", Replica(std::vector<float>(kDimension, 1), RoundId{0}));
  CHECK(other.complains("bob differs at round 0"));
}

TEST_CASE("Referee sees rounds that are missing after a restart, and allows what was promised",
          "[fleet]") {
  for (const bool power_cut : {false, true})
    for (const auto durability : {Durability::Round, Durability::Snapshot}) {
      Hearing h;
      h.job.state.durability = durability;
      const Replica before = h.own;
      h.both_vote();
      h.save(h.round());
      h.referee.restarted(before, power_cut);
      const bool allowed = power_cut && durability == Durability::Snapshot;
      CHECK(h.complaints.empty() == allowed);
      CHECK(h.referee.rounds_lost() == (allowed ? 1 : 0));
    }
  // Not even then before the newest snapshot.
  Hearing h;
  h.job.state.durability = Durability::Snapshot;
  const Replica before = h.own;
  h.both_vote();
  h.save(h.round());
  h.referee.snapshot_saved(RoundId{1});
  h.referee.restarted(before, true);
  CHECK(h.complains("restart at round 0"));
}

TEST_CASE("Referee takes a round that was on its way to the disk as saved or not, as it turns out",
          "[fleet]") {
  Hearing lost, saved;
  for (Hearing* h : {&lost, &saved}) {
    h->both_vote();
    h->referee.saving(h->round(), h->own);
  }
  lost.referee.restarted(lost.own, false);
  CHECK(lost.complaints.empty());
  CHECK(lost.referee.rounds() == 0);
  const SaveRound round = saved.round();
  saved.own.apply(round.update->rate, round.update->signs, round.update->ties);
  saved.referee.restarted(saved.own, false);
  CHECK(saved.complaints.empty());
  CHECK(saved.referee.rounds() == 1);
}

}  // namespace referee_test
}  // namespace signet
