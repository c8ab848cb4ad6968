#include "core/vote/majority_tally.hpp"

#include <cmath>
#include <cstdlib>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/sign_patterns.hpp"

namespace signet {

namespace {

std::vector<SignVector> voters(std::size_t count, std::size_t dimension) {
  std::vector<SignVector> votes;
  for (std::size_t v = 0; v < count; ++v)
    votes.push_back(test::random_signs(dimension, 1000 * count + v, v % 3 == 0 ? 0.9F : 0.5F));
  return votes;
}

}  // namespace

TEST_CASE("MajorityTally is sign(sum of signs) for 0 to 33 voters", "[core][vote][paper:alg1]") {
  for (std::size_t m = 0; m <= 33; ++m) {
    for (const std::size_t d : {1U, 63U, 64U, 65U, 300U}) {
      const auto votes = voters(m, d);
      MajorityTally tally(d, 33);
      for (const auto& vote : votes) tally.add(vote);
      const Majority majority = tally.majority();
      bool right = true;
      for (std::size_t i = 0; i < d; ++i) {
        const long sum = test::sum_of_signs(votes, i);
        right = right && majority.signs.positive(i) == (sum > 0) &&
                majority.ties.positive(i) == (sum == 0);
      }
      INFO("m " << m << " d " << d);
      CHECK(right);
    }
  }
}

TEST_CASE("the order of voters does not matter", "[core][vote]") {
  auto votes = voters(9, 500);
  MajorityTally forward(500, 9), backward(500, 9);
  for (const auto& vote : votes) forward.add(vote);
  for (auto vote = votes.rbegin(); vote != votes.rend(); ++vote) backward.add(*vote);
  CHECK(forward.majority().signs == backward.majority().signs);
  CHECK(forward.majority().ties == backward.majority().ties);
}

TEST_CASE("a voter of weight w counts as w voters", "[core][vote]") {
  const auto votes = voters(5, 200);
  MajorityTally weighted(200, 40), repeated(200, 40);
  const std::uint64_t weights[] = {1, 2, 3, 7, 12};
  for (std::size_t v = 0; v < votes.size(); ++v) {
    weighted.add(votes[v], {}, weights[v]);
    for (std::uint64_t n = 0; n < weights[v]; ++n) repeated.add(votes[v]);
  }
  CHECK(weighted.majority().signs == repeated.majority().signs);
  CHECK(weighted.majority().ties == repeated.majority().ties);
}

TEST_CASE("an abstention counts for neither side", "[core][vote]") {
  constexpr std::size_t kD = 300;
  const auto votes = voters(6, kD);
  std::vector<SignVector> abstained;
  for (std::size_t v = 0; v < votes.size(); ++v)
    abstained.push_back(test::random_signs(kD, 77 + v, 0.4F));
  MajorityTally tally(kD, 6);
  for (std::size_t v = 0; v < votes.size(); ++v) tally.add(votes[v], abstained[v]);
  const Majority majority = tally.majority();
  for (std::size_t i = 0; i < kD; ++i) {
    long sum = 0;
    for (std::size_t v = 0; v < votes.size(); ++v)
      if (!abstained[v].positive(i)) sum += votes[v].positive(i) ? 1 : -1;
    CHECK(majority.signs.positive(i) == (sum > 0));
    CHECK(majority.ties.positive(i) == (sum == 0));
  }
}

TEST_CASE("mismatch is the Hamming distance to the outcome without ties", "[core][vote]") {
  const auto votes = voters(4, 333);
  MajorityTally tally(333, 4);
  for (const auto& vote : votes) tally.add(vote);
  const Majority majority = tally.majority();
  for (const auto& vote : votes) {
    std::uint64_t expected = 0;
    for (std::size_t i = 0; i < 333; ++i)
      if (!majority.ties.positive(i) && vote.positive(i) != majority.signs.positive(i)) ++expected;
    CHECK(mismatch(vote, majority.signs, majority.ties, {}) == expected);
  }
}

TEST_CASE("margins and mismatches agree: sum |2c - M| = M d - 2 sum of mismatches",
          "[core][vote]") {
  for (const std::size_t m : {1U, 2U, 5U, 8U, 31U}) {
    constexpr std::size_t kD = 777;
    const auto votes = voters(m, kD);
    MajorityTally tally(kD, m);
    for (const auto& vote : votes) tally.add(vote);
    const Majority majority = tally.majority();
    std::uint64_t differences = 0;
    double direct = 0;
    for (const auto& vote : votes) differences += mismatch(vote, majority.signs, {}, {});
    for (std::size_t i = 0; i < kD; ++i)
      direct += static_cast<double>(std::labs(test::sum_of_signs(votes, i)));
    const double margin = tally.mean_margin(majority);
    CHECK(margin == Approx(direct / static_cast<double>(m) / kD));
    CHECK(margin * static_cast<double>(m) * kD ==
          Approx(static_cast<double>(m * kD) - 2.0 * static_cast<double>(differences)));
  }
}

TEST_CASE("ties are held, flipped by a seeded fair coin, or taken from the last update",
          "[core][vote]") {
  constexpr std::size_t kD = 20'000;
  const SignVector vote = test::random_signs(kD, 1);
  SignVector opposite(kD);
  for (std::size_t i = 0; i < kD; ++i) opposite.set(i, !vote.positive(i));
  MajorityTally tally(kD, 2);
  tally.add(vote);
  tally.add(opposite);
  const Majority all_ties = tally.majority();
  CHECK(all_ties.signs.none());

  Majority held = all_ties;
  CHECK(break_ties(held, TieRule::Hold, 3, {}) == all_ties.ties);

  Majority coin = all_ties, again = all_ties, other = all_ties;
  CHECK(break_ties(coin, TieRule::Random, 3, {}).empty());
  CHECK(break_ties(again, TieRule::Random, 3, {}).empty());
  CHECK(break_ties(other, TieRule::Random, 4, {}).empty());
  CHECK(coin.signs == again.signs);
  CHECK_FALSE(coin.signs == other.signs);
  double up = 0;
  for (std::size_t i = 0; i < kD; ++i) up += coin.signs.positive(i) ? 1 : 0;
  CHECK(std::abs(up / kD - 0.5) < 6 * 0.5 / std::sqrt(double{kD}));

  Majority previous = all_ties;
  CHECK(break_ties(previous, TieRule::Previous, 3, vote).empty());
  CHECK(previous.signs == vote);
  Majority first = all_ties;
  CHECK(break_ties(first, TieRule::Previous, 3, {}).empty());
  CHECK(first.signs == coin.signs);
}

TEST_CASE("a tally that was cleared has forgotten its voters", "[core][vote]") {
  const auto votes = voters(3, 100);
  MajorityTally used(100, 3), fresh(100, 3);
  used.add(votes[0]);
  used.clear();
  CHECK(used.total_weight() == 0);
  for (const auto& vote : votes) {
    used.add(vote);
    fresh.add(vote);
  }
  CHECK(used.majority().signs == fresh.majority().signs);
}

}  // namespace signet
