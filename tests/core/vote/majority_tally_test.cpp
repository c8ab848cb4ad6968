#include "core/vote/majority_tally.hpp"

#include <cmath>
#include <cstdlib>
#include <utility>
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
    const double margin = majority.margin;
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

namespace {

// Whether `tally` says what adding up the signs says.
bool decides_rightly(MajorityTally& tally, const std::vector<SignVector>& votes, std::size_t d) {
  const Majority majority = tally.majority();
  double margin = 0;
  for (std::size_t i = 0; i < d; ++i) {
    const long sum = test::sum_of_signs(votes, i);
    if (majority.signs.positive(i) != (sum > 0) || majority.ties.positive(i) != (sum == 0))
      return false;
    margin += static_cast<double>(std::labs(sum));
  }
  return majority.margin == Approx(margin / static_cast<double>(votes.size() * d));
}

}  // namespace

TEST_CASE("votes that are counted in groups as they arrive give the same outcome", "[core][vote]") {
  for (const std::size_t m : {15U, 16U, 17U, 18U, 31U, 32U, 33U, 34U, 64U, 65U, 100U, 129U}) {
    constexpr std::size_t kD = 700;
    const auto votes = voters(m, kD);
    // As many as expected, fewer (some did not answer in time), and more (some joined).
    for (const std::size_t expected : {m, m + 40, m / 2 + 1, std::size_t{1}}) {
      MajorityTally tally(kD, expected);
      for (const auto& vote : votes) tally.add(vote);
      INFO("m " << m << " expected " << expected);
      CHECK(decides_rightly(tally, votes, kD));
      CHECK(decides_rightly(tally, votes, kD));  // asking changes nothing
    }
  }
}

TEST_CASE("a tally goes on after it was asked for the outcome", "[core][vote]") {
  const auto votes = voters(40, 300);
  MajorityTally tally(300, 40);
  std::vector<SignVector> so_far;
  for (const auto& vote : votes) {
    tally.add(vote);
    so_far.push_back(vote);
    CHECK(decides_rightly(tally, so_far, 300));
  }
}

TEST_CASE("a voter that is taken back leaves no trace", "[core][vote]") {
  for (const std::size_t m : {3U, 17U, 50U}) {
    auto votes = voters(m, 300);
    MajorityTally tally(300, m);
    for (const auto& vote : votes) tally.add(vote);
    tally.remove(votes[m / 2]);
    auto others = votes;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(m / 2));
    INFO("m " << m);
    CHECK(tally.total_weight() == m - 1);
    CHECK(decides_rightly(tally, others, 300));
  }
}

TEST_CASE("the margins of layers and the histogram count every coordinate", "[core][vote]") {
  for (const std::size_t m : {4U, 7U, 40U}) {
    constexpr std::size_t kD = 901;
    const auto votes = voters(m, kD);
    MajorityTally tally(kD, m);
    for (const auto& vote : votes) tally.add(vote);
    std::vector<std::uint64_t> histogram(m + 1, 0);
    for (std::size_t i = 0; i < kD; ++i) {
      const long sum = test::sum_of_signs(votes, i);
      ++histogram[static_cast<std::size_t>(sum + static_cast<long>(m)) / 2];
    }
    CHECK(tally.histogram() == histogram);
    for (const auto& [first, last] :
         {std::pair<std::size_t, std::size_t>{0, kD}, {5, 13}, {64, 600}}) {
      Margin expected;
      for (std::size_t i = first; i < last; ++i) {
        const long sum = test::sum_of_signs(votes, i);
        expected.absolute += static_cast<std::uint64_t>(std::labs(sum));
        expected.squares += static_cast<std::uint64_t>(sum * sum);
      }
      CHECK(tally.margin(first, last) == expected);
    }
    CHECK(decides_rightly(tally, votes, kD));
  }
}

TEST_CASE("a coordinate with both a sign and an abstention counts as an abstention",
          "[core][vote]") {
  const SignVector up = test::random_signs(100, 1, 1.0F), down(100);
  MajorityTally tally(100, 3);
  tally.add(up, up);  // says +1 and abstains
  tally.add(down);
  CHECK(tally.majority().signs.none());
  CHECK(tally.majority().ties.none());
}

}  // namespace signet
