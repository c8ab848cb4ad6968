#include "core/vote/voter_trust.hpp"

#include <cmath>
#include <cstring>
#include <numeric>
#include <string>
#include <vector>

#include "core/base/random.hpp"
#include "tests/support/catch.hpp"

namespace signet {

namespace {

constexpr std::size_t kDimension = 20'003;  // not a multiple of 64

/// Votes about hidden signs. Voter j is right with chance (1 + reliability[j]) / 2, independently.
class Electorate {
 public:
  Electorate(std::vector<double> reliability, std::uint64_t seed,
             std::size_t dimension = kDimension)
      : reliability_(std::move(reliability)), rng_(seed), dimension_(dimension) {
    for (std::size_t j = 0; j < reliability_.size(); ++j) names_.push_back("v" + std::to_string(j));
  }

  void vote() {
    votes_.clear();
    SignVector truth(dimension_);
    for (std::size_t i = 0; i < dimension_; ++i) truth.set(i, (rng_.next() & 1U) != 0);
    for (const double r : reliability_) {
      SignVector signs(dimension_);
      for (std::size_t i = 0; i < dimension_; ++i) {
        const bool right = double{rng_.uniform()} < (1 + r) / 2;
        signs.set(i, truth.positive(i) == right);
      }
      votes_.push_back(std::move(signs));
    }
  }
  std::vector<SignVector>& votes() { return votes_; }
  void teach(VoterTrust& trust, std::uint64_t rounds) {
    for (std::uint64_t k = 0; k < rounds; ++k) {
      vote();
      tell(trust, k);
    }
  }
  void tell(VoterTrust& trust, std::uint64_t round) const {
    std::vector<std::size_t> all(votes_.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    tell_of(trust, round, all);
  }
  /// Only these have voted.
  void tell_of(VoterTrust& trust, std::uint64_t round, const std::vector<std::size_t>& who) const {
    static const SignVector kNothing;
    std::vector<VoterTrust::Voter> voters;
    for (const std::size_t j : who) voters.push_back({names_[j], &votes_[j], &kNothing});
    trust.observe(RoundId{round}, voters);
  }
  const std::string& name(std::size_t j) const { return names_[j]; }
  std::size_t size() const { return names_.size(); }

 private:
  std::vector<double> reliability_;
  Rng rng_;
  std::size_t dimension_;
  std::vector<std::string> names_;
  std::vector<SignVector> votes_;
};

std::vector<double> mixed(std::size_t honest, double r, std::size_t others, double s) {
  std::vector<double> all(honest, r);
  all.insert(all.end(), others, s);
  return all;
}

}  // namespace

TEST_CASE("VoterTrust finds each voter's reliability from the mismatches among them",
          "[core][vote][trust]") {
  const std::vector<double> truth = {0.6, 0.4, 0.3, 0.2, 0.1, 0.0, -0.3};
  Electorate voters(truth, 1);
  VoterTrust trust;
  voters.teach(trust, 60);
  for (std::size_t j = 0; j < truth.size(); ++j) {
    INFO("voter " << j << " is " << truth[j] << ", found " << trust.reliability(voters.name(j)));
    CHECK(std::abs(trust.reliability(voters.name(j)) - truth[j]) < 0.05);
  }
}

TEST_CASE("VoterTrust weighs in proportion to log((1 - p) / p), to the nearest whole number",
          "[core][vote][trust]") {
  const std::vector<double> truth = {0.6, 0.6, 0.6, 0.45, 0.3, 0.0, -0.3, -0.6};
  Electorate voters(truth, 2);
  VoterTrust trust;
  voters.teach(trust, 60);
  const double most = std::log(1.6 / 0.4);
  for (std::size_t j = 0; j < truth.size(); ++j) {
    const double odds = std::log((1 + truth[j]) / (1 - truth[j]));
    CHECK(trust.weight(voters.name(j)) ==
          static_cast<int>(std::lround(odds / most * VoterTrust::kWeightMax)));
  }
}

TEST_CASE("VoterTrust weighs voters against those of today, not against one that has left",
          "[core][vote][trust]") {
  // The one that leaves is right nearly always; later the others hardly are.
  Electorate early(mixed(5, 0.8, 1, 0.95), 21);
  VoterTrust trust;
  early.teach(trust, 20);
  Electorate late(mixed(4, 0.15, 1, -0.15), 22, 20'000);
  late.teach(trust, 300);
  for (std::size_t j = 0; j < 4; ++j) CHECK(trust.weight(late.name(j)) > 0);
  CHECK(trust.weight(late.name(4)) < 0);
  // And so after a restart.
  VoterTrust restarted;
  REQUIRE(restarted.restore(trust.state()));
  for (std::size_t j = 0; j < 6; ++j)
    CHECK(restarted.weight(early.name(j)) == trust.weight(early.name(j)));
}

TEST_CASE("VoterTrust is not turned around by one voter that comes under many names",
          "[core][vote][trust]") {
  constexpr std::size_t kHonestVoters = 5, kNames = 20;
  Electorate voters(mixed(kHonestVoters, 0.3, kNames, -0.3), 24, 2000);
  VoterTrust trust;
  std::uint64_t round = 0;
  std::vector<std::size_t> who(kHonestVoters);
  std::iota(who.begin(), who.end(), std::size_t{0});
  const auto vote = [&](const std::vector<std::size_t>& all) {
    voters.vote();
    voters.tell_of(trust, round++, all);
  };
  for (int k = 0; k < 20; ++k) vote(who);
  who.push_back(0);
  for (std::size_t name = 0; name < kNames; ++name) {
    who.back() = kHonestVoters + name;
    vote(who);
  }
  for (int k = 0; k < 10; ++k) vote(who);
  for (std::size_t j = 0; j < kHonestVoters; ++j) CHECK(trust.weight(voters.name(j)) > 0);
  CHECK(trust.weight(voters.name(who.back())) < 0);
}

TEST_CASE("VoterTrust knows nothing of a voter that it forgot, and all of one that was renamed",
          "[core][vote][trust]") {
  Electorate voters(mixed(4, 0.6, 1, -0.6), 23);
  VoterTrust trust;
  voters.teach(trust, 10);
  const int weight = trust.weight(voters.name(4));
  REQUIRE(weight < 0);
  trust.rename(voters.name(4), "other");
  CHECK(trust.weight("other") == weight);
  CHECK(trust.rounds(voters.name(4)) == 0);
  trust.forget("other");
  CHECK(trust.rounds("other") == 0);
  CHECK(trust.weight("other") == 0);
  trust.forget("nobody");
  trust.rename("nobody", "somebody");
  CHECK(trust.rounds("somebody") == 0);
}

TEST_CASE("VoterTrust gives voters that are right equally often the weight 1",
          "[core][vote][trust]") {
  Electorate voters(mixed(9, 0.3, 0, 0), 3);
  VoterTrust trust;
  voters.teach(trust, 30);
  for (std::size_t j = 0; j < voters.size(); ++j) CHECK(trust.weight(voters.name(j)) == 1);
}

TEST_CASE("VoterTrust turns around nine flippers of twenty, however little the honest know",
          "[core][vote][trust]") {
  for (const double r : {0.5, 0.2, 0.1}) {
    Electorate voters(mixed(11, r, 9, -r), 4);
    VoterTrust trust;
    voters.teach(trust, 30);
    INFO("reliability " << r);
    for (std::size_t j = 0; j < voters.size(); ++j)
      CHECK((trust.weight(voters.name(j)) > 0) == (j < 11));
  }
}

TEST_CASE("VoterTrust takes the votes from random voters and keeps those of the honest",
          "[core][vote][trust]") {
  Electorate voters(mixed(6, 0.2, 4, 0.0), 5);
  VoterTrust trust;
  voters.teach(trust, 60);
  for (std::size_t j = 0; j < voters.size(); ++j)
    CHECK((trust.weight(voters.name(j)) > 0) == (j < 6));
}

TEST_CASE("VoterTrust is not deceived by a third that votes alike and against the truth",
          "[core][vote][trust]") {
  Electorate voters(mixed(8, 0.2, 4, -0.2), 6);
  VoterTrust trust;
  for (std::uint64_t k = 0; k < 40; ++k) {
    voters.vote();
    for (std::size_t j = 9; j < 12; ++j) voters.votes()[j] = voters.votes()[8];
    voters.tell(trust, k);
  }
  for (std::size_t j = 0; j < 8; ++j) CHECK(trust.weight(voters.name(j)) > 0);
  for (std::size_t j = 8; j < 12; ++j) CHECK(trust.weight(voters.name(j)) <= 0);
}

TEST_CASE("VoterTrust is not turned around by a round in which most voters are liars",
          "[core][vote][trust]") {
  Electorate voters({0.6, 0.6, 0.6, -0.6, -0.6}, 8);
  VoterTrust trust;
  voters.teach(trust, 40);
  for (std::uint64_t k = 40; k < 45; ++k) {
    voters.vote();
    voters.tell_of(trust, k, {0, 3, 4});
    for (std::size_t j = 0; j < voters.size(); ++j)
      CHECK((trust.weight(voters.name(j)) > 0) == (j < 3));
  }
}

TEST_CASE("VoterTrust follows a voter that turns into a liar within thirty rounds",
          "[core][vote][trust]") {
  Electorate honest(mixed(7, 0.3, 0, 0), 7), turned(mixed(6, 0.3, 1, -0.3), 8);
  VoterTrust trust;
  honest.teach(trust, 100);
  CHECK(trust.weight("v6") > 0);
  turned.teach(trust, 30);
  CHECK(trust.weight("v6") < 0);
}

TEST_CASE("VoterTrust lets everybody count while all are new, and a newcomer only later",
          "[core][vote][trust]") {
  Electorate voters(mixed(5, 0.4, 0, 0), 9);
  VoterTrust trust;
  CHECK(trust.weight("v0") == 1);
  voters.teach(trust, VoterTrust::kProbation - 1);
  CHECK(trust.weight("v0") == 1);
  CHECK(trust.weight("newcomer") == 1);
  voters.teach(trust, 1);
  CHECK(trust.weight("v0") == 1);
  CHECK(trust.weight("newcomer") == 0);
}

TEST_CASE("VoterTrust learns nothing from fewer than three voters", "[core][vote][trust]") {
  Electorate voters({0.5, -0.5}, 10);
  VoterTrust trust;
  voters.teach(trust, 20);
  CHECK(trust.weight("v0") == 1);
  CHECK(trust.weight("v1") == 1);
  CHECK(trust.state().empty());
}

TEST_CASE("VoterTrust does not count coordinates from which one of a pair abstained",
          "[core][vote][trust]") {
  // Where anybody abstains the signs are all +1: counted, they would look like agreement.
  Electorate voters({0.4, 0.4, 0.4, 0.0}, 11);
  VoterTrust trust;
  SignVector silent(kDimension);
  for (std::size_t i = 0; i < kDimension / 2; ++i) silent.set(i, true);
  for (std::uint64_t k = 0; k < 60; ++k) {
    voters.vote();
    for (auto& signs : voters.votes())
      for (std::size_t i = 0; i < kDimension / 2; ++i) signs.set(i, true);
    std::vector<VoterTrust::Voter> told;
    for (std::size_t j = 0; j < voters.size(); ++j)
      told.push_back({voters.name(j), &voters.votes()[j], &silent});
    trust.observe(RoundId{k}, told);
  }
  CHECK(std::abs(trust.reliability("v0") - 0.4) < 0.06);
  CHECK(std::abs(trust.reliability("v3")) < 0.06);
}

TEST_CASE("VoterTrust compares a window that moves over all coordinates", "[core][vote][trust]") {
  // 300 voters: a pair is compared on 4096 coordinates a round, and voter 0 is wrong only at the
  // far end, which is reached in round 88.
  constexpr std::size_t dimension = 400'000;
  Electorate voters(mixed(300, 0.9, 0, 0), 12, dimension);
  voters.vote();
  for (std::size_t i = dimension - 40'000; i < dimension; ++i)
    voters.votes()[0].set(i, !voters.votes()[0].positive(i));
  VoterTrust trust;
  std::vector<double> seen;
  for (std::uint64_t k = 80; k < 98; ++k) {
    voters.tell(trust, k);
    seen.push_back(trust.reliability("v0"));
  }
  CHECK(seen[7] > 0.85);
  CHECK(seen.back() < 0.5);
}

TEST_CASE("a VoterTrust that was restored goes on as if it had never stopped",
          "[core][vote][trust]") {
  Electorate voters(mixed(4, 0.3, 2, -0.2), 13);
  VoterTrust one, other;
  voters.teach(one, 12);
  REQUIRE(other.restore(one.state()));
  CHECK(other.state() == one.state());
  voters.vote();
  voters.tell(one, 12);
  voters.tell(other, 12);
  CHECK(other.state() == one.state());
  for (std::size_t j = 0; j < voters.size(); ++j)
    CHECK(other.weight(voters.name(j)) == one.weight(voters.name(j)));
}

TEST_CASE("VoterTrust refuses a state that is cut off or impossible", "[core][vote][trust]") {
  Electorate voters(mixed(3, 0.3, 0, 0), 14);
  VoterTrust trust;
  voters.teach(trust, 6);
  Bytes state = trust.state();
  const Bytes good = state;
  state.pop_back();
  CHECK_FALSE(trust.restore(state));
  state = good;
  const double impossible = 2;
  std::memcpy(state.data() + 1 + 2, &impossible, sizeof impossible);
  CHECK_FALSE(trust.restore(state));
  CHECK(trust.state() == good);
}

}  // namespace signet
