#include <cstdlib>
#include <iterator>
#include <list>
#include <utility>
#include <vector>

#include "core/base/random.hpp"
#include "core/vote/majority_tally.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/sign_patterns.hpp"

namespace signet {

namespace {

// Numbers of voters around those at which votes are added to the counters in groups.
constexpr std::size_t kNumbers[] = {17, 18, 31, 64, 65, 66, 67, 100, 128, 129, 130};
constexpr std::size_t kCoordinates = 333;

// A tally and, beside it, everybody who is in it; what it says is compared with adding up.
class Watched {
 public:
  explicit Watched(std::uint64_t expected) : tally_(kCoordinates, expected) {}

  std::size_t voters() const { return casts_.size(); }
  std::uint64_t weight() const { return weight_; }

  void add(std::uint64_t weight = 1, bool abstaining = false) {
    Cast& cast = casts_.emplace_back();
    cast.signs = test::random_signs(kCoordinates, ++seed_);
    if (abstaining) cast.abstained = test::random_signs(kCoordinates, ++seed_, 0.3F);
    cast.weight = weight;
    weight_ += weight;
    abstentions_ = abstentions_ || abstaining;
    tally_.add(cast.signs, cast.abstained, weight);
  }
  void add_many(std::size_t count) {
    for (std::size_t v = 0; v < count; ++v) add();
  }
  void remove(std::size_t voter) {
    const auto cast = std::next(casts_.begin(), static_cast<std::ptrdiff_t>(voter));
    weight_ -= cast->weight;
    tally_.remove(cast->signs);
    // The tally keeps addresses: nobody else's may move.
    removed_.splice(removed_.end(), casts_, cast);
  }
  void clear() {
    tally_.clear();
    casts_.clear();
    weight_ = 0;
    abstentions_ = false;
  }

  bool decides_rightly() {
    const Majority majority = tally_.majority();
    double sum = 0;
    for (std::size_t i = 0; i < kCoordinates; ++i) {
      const long lead = lead_at(i);
      if (majority.signs.positive(i) != (lead > 0) || majority.ties.positive(i) != (lead == 0))
        return false;
      sum += static_cast<double>(std::labs(lead));
    }
    const double all = static_cast<double>(weight_) * static_cast<double>(kCoordinates);
    return majority.margin == (weight_ == 0 ? Approx(0.0) : Approx(sum / all));
  }
  bool measures_rightly() {
    Margin expected;
    for (std::size_t i = 7; i < kCoordinates - 2; ++i) {
      const long lead = (abstentions_ ? 2 : 1) * lead_at(i);
      expected.absolute += static_cast<std::uint64_t>(std::labs(lead));
      expected.squares += static_cast<std::uint64_t>(lead * lead);
    }
    return tally_.margin(7, kCoordinates - 2) == expected;
  }
  bool distributes_rightly() {
    const std::uint64_t units = (abstentions_ ? 2 : 1) * weight_;
    std::vector<std::uint64_t> expected(units + 1, 0);
    for (std::size_t i = 0; i < kCoordinates; ++i) {
      const long twice = (abstentions_ ? 2 : 1) * lead_at(i) + static_cast<long>(units);
      ++expected[static_cast<std::size_t>(twice / 2)];
    }
    return tally_.histogram() == expected;
  }

 private:
  struct Cast {
    SignVector signs, abstained;
    std::uint64_t weight = 1;
  };
  // Weight of the votes for +1 less that of those for -1.
  long lead_at(std::size_t i) const {
    long lead = 0;
    for (const Cast& cast : casts_) {
      if (!cast.abstained.empty() && cast.abstained.positive(i)) continue;
      lead += (cast.signs.positive(i) ? 1 : -1) * static_cast<long>(cast.weight);
    }
    return lead;
  }

  MajorityTally tally_;
  std::list<Cast> casts_, removed_;
  std::uint64_t weight_ = 0, seed_ = 0;
  bool abstentions_ = false;  // somebody has abstained since the last clear()
};

// Calls check(round) for rounds in which all but one of those expected have voted.
template <typename Check>
void with_one_missing(Check check) {
  for (const std::size_t m : kNumbers) {
    INFO("m " << m);
    Watched round(m);
    round.add_many(m - 1);
    check(round);
  }
}

}  // namespace

TEST_CASE("the last vote decides rightly whether or not it was asked about before",
          "[core][vote]") {
  with_one_missing([](Watched& round) {
    round.add();
    CHECK(round.decides_rightly());
    CHECK(round.decides_rightly());
  });
  with_one_missing([](Watched& round) {
    CHECK(round.decides_rightly());
    round.add();
    CHECK(round.decides_rightly());
  });
}

TEST_CASE("more voters than were expected may come after the last", "[core][vote]") {
  for (const std::size_t more : {1U, 2U, 63U, 64U, 130U})
    for (const bool asked : {false, true})
      with_one_missing([&](Watched& round) {
        round.add();
        if (asked) CHECK(round.decides_rightly());
        round.add_many(more);
        INFO(more << " more");
        CHECK(round.decides_rightly());
        CHECK(round.measures_rightly());
      });
}

TEST_CASE("the last voter may have any weight and may abstain", "[core][vote]") {
  for (const std::uint64_t weight : {1U, 2U, 3U, 40U})
    for (const bool abstaining : {false, true})
      with_one_missing([&](Watched& round) {
        round.add(weight, abstaining);
        INFO("weight " << weight << (abstaining ? ", abstaining" : ""));
        CHECK(round.decides_rightly());
        round.add();
        CHECK(round.decides_rightly());
        CHECK(round.distributes_rightly());
      });
}

TEST_CASE("the last vote comes after voters of any weight and after abstentions", "[core][vote]") {
  for (const std::uint64_t weight : {2U, 3U, 8U, 15U})
    for (const bool abstaining : {false, true})
      for (const std::size_t place : {0U, 5U}) {
        INFO("weight " << weight << (abstaining ? ", abstaining" : ""));
        Watched round(24);
        round.add_many(place);
        round.add(weight, abstaining);
        while (round.weight() < 23) round.add();
        CHECK(round.decides_rightly());
        round.add();
        CHECK(round.decides_rightly());
        CHECK(round.distributes_rightly());
      }
  Watched heavy(17);  // nobody of weight 1 but the last
  heavy.add(16);
  CHECK(heavy.decides_rightly());
  heavy.add();
  CHECK(heavy.decides_rightly());
}

TEST_CASE("a voter may be taken back before and after the last", "[core][vote]") {
  for (const bool asked : {false, true})
    with_one_missing([&](Watched& round) {
      if (asked) CHECK(round.decides_rightly());
      round.remove(3);
      CHECK(round.decides_rightly());
      round.add();
      CHECK(round.decides_rightly());
      round.add();
      CHECK(round.decides_rightly());
      round.remove(round.voters() - 1);
      CHECK(round.decides_rightly());
      round.add();
      CHECK(round.decides_rightly());
    });
}

TEST_CASE("margins and histograms may be asked for before and after the last vote",
          "[core][vote]") {
  with_one_missing([](Watched& round) {
    CHECK(round.measures_rightly());
    CHECK(round.decides_rightly());
    CHECK(round.distributes_rightly());
    round.add();
    CHECK(round.decides_rightly());
    CHECK(round.measures_rightly());
    CHECK(round.distributes_rightly());
    CHECK(round.decides_rightly());
  });
  for (const std::size_t m : kNumbers) {  // before the last but one, too
    Watched round(m);
    round.add_many(m - 2);
    CHECK(round.measures_rightly());
    round.add();
    CHECK(round.decides_rightly());
    round.add();
    CHECK(round.decides_rightly());
  }
}

TEST_CASE("a round knows nothing of what was foreseen in the one before", "[core][vote]") {
  with_one_missing([](Watched& round) {
    const std::size_t m = round.voters() + 1;
    round.clear();
    CHECK(round.decides_rightly());
    round.add_many(m - 2);
    CHECK(round.decides_rightly());
    round.add_many(2);
    CHECK(round.decides_rightly());
    round.clear();
    round.add_many(m);
    CHECK(round.decides_rightly());
  });
}

TEST_CASE("a tally is right in any order of voters and questions", "[core][vote]") {
  for (const std::uint64_t expected : {18U, 21U, 70U}) {
    Rng rng(expected);
    Watched round(expected);
    for (int step = 0; step < 1500; ++step) {
      const std::uint64_t choice = rng.below(100);
      INFO("expected " << expected << ", step " << step << ", choice " << choice);
      if (round.weight() + 2 < expected || (choice < 40 && round.weight() < expected + 2)) {
        round.add(rng.below(30) == 0 ? 2 : 1, rng.below(100) == 0);
      } else if (choice < 60) {
        round.remove(static_cast<std::size_t>(rng.below(round.voters())));
      } else if (choice < 80) {
        CHECK(round.decides_rightly());
      } else if (choice < 87) {
        CHECK(round.measures_rightly());
      } else if (choice < 94) {
        CHECK(round.distributes_rightly());
      } else {
        round.clear();
      }
    }
  }
}

TEST_CASE("heavy votes are all counted when more weight votes than was expected", "[core][vote]") {
  Watched round(20);
  for (int i = 0; i < 9; ++i) round.add(2);
  round.add();  // One is missing now, and what it can change is worked out.
  round.add_many(14);
  CHECK(round.decides_rightly());
}

TEST_CASE("a vote that outgrows the counters is counted once, heavy or with abstentions",
          "[core][vote]") {
  for (const std::uint64_t expected : {std::uint64_t{1}, std::uint64_t{20}, std::uint64_t{128}}) {
    for (const std::uint64_t weight : {1U, 3U, 5U}) {
      for (const bool abstaining : {false, true}) {
        INFO("expected " << expected << ", weight " << weight << ", abstaining " << abstaining);
        Watched round(expected);
        for (int i = 0; i < 140; ++i) round.add(weight, abstaining);
        CHECK(round.distributes_rightly());
        CHECK(round.measures_rightly());
        CHECK(round.decides_rightly());
      }
    }
  }
}

TEST_CASE("votes of any weight count rightly however many more come than expected",
          "[core][vote]") {
  Rng rng(27);
  for (int repeat = 0; repeat < 60; ++repeat) {
    const std::uint64_t expected = 1 + rng.below(80);
    Watched round(expected);
    const std::size_t voters = 1 + rng.below(150);
    for (std::size_t v = 0; v < voters; ++v) round.add(1 + rng.below(4), rng.below(40) == 0);
    INFO("repeat " << repeat << ": " << voters << " voters where " << expected << " is expected");
    CHECK(round.decides_rightly());
    CHECK(round.distributes_rightly());
  }
}

}  // namespace signet
