// What every Store promises, run over each kind of store there is.
#include "tests/coordinator/store/store_samples.hpp"
#include "tests/coordinator/store/store_sites.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace store_contract_test {

using namespace test;

TEMPLATE_TEST_CASE("a new store holds nothing", "[coordinator][store]", SqliteSite, MemorySite) {
  TestType site;
  const auto store = site.open();
  REQUIRE(store);
  CHECK_FALSE((*store)->header()->has_value());
  CHECK((*store)->agents()->empty());
  CHECK((*store)->evaluations()->empty());
  CHECK_FALSE((*store)->latest_snapshot()->has_value());
  CHECK(rounds_of(**store).empty());
}

TEMPLATE_TEST_CASE("the run's header survives, with what was changed in it", "[coordinator][store]",
                   SqliteSite, MemorySite) {
  TestType site;
  const RunHeader header = sample_header();
  REQUIRE((*site.open())->begin_run(header));
  {
    const auto store = site.open();
    const auto read = *(*store)->header();
    REQUIRE(read);
    CHECK(read->run == header.run);
    CHECK(read->job_text == header.job_text);
    CHECK(read->dimension == header.dimension);
    CHECK(read->normalisation.empty());
    REQUIRE((*store)->save_normalisation(sample_bytes(300, 1)));
    REQUIRE((*store)->save_job("name = \"other\""));
  }
  const auto read = *(*site.open())->header();
  CHECK(read->run == header.run);
  CHECK(read->job_text == "name = \"other\"");
  CHECK(read->normalisation == sample_bytes(300, 1));
}

TEMPLATE_TEST_CASE("a second run is not begun in the same store", "[coordinator][store]",
                   SqliteSite, MemorySite) {
  TestType site;
  const auto store = site.open();
  REQUIRE((*store)->begin_run(sample_header()));
  RunHeader other = sample_header();
  other.run = RunId{7};
  const auto begun = (*store)->begin_run(other);
  REQUIRE_FALSE(begun);
  CHECK(begun.error().kind == ErrorKind::Corrupt);
  CHECK(begun.error().message.find(site.name() + ": a run has begun") == 0);
  CHECK((*(*store)->header())->run == sample_header().run);
}

TEMPLATE_TEST_CASE("job and normalisation are not saved before a run has begun",
                   "[coordinator][store]", SqliteSite, MemorySite) {
  TestType site;
  const auto store = site.open();
  for (const auto& saved : {(*store)->save_job("x"), (*store)->save_normalisation({})}) {
    REQUIRE_FALSE(saved);
    CHECK(saved.error().kind == ErrorKind::Corrupt);
    CHECK(saved.error().message.find(site.name() + ": no run has begun") == 0);
  }
}

TEMPLATE_TEST_CASE("rounds come back as they were saved, in order, from any one on",
                   "[coordinator][store]", SqliteSite, MemorySite) {
  for (const auto durability : {Durability::Round, Durability::Snapshot}) {
    TestType site;
    {
      const auto store = site.open(durability);
      for (std::uint64_t k = 0; k < 25; ++k) REQUIRE((*store)->save_round(sample_round(k)));
    }
    const auto store = site.open(durability);
    for (const std::uint64_t first : {0U, 1U, 13U, 24U, 25U, 1000U}) {
      const auto rounds = rounds_of(**store, first);
      REQUIRE(rounds.size() == (first < 25 ? 25 - first : 0));
      for (std::size_t i = 0; i < rounds.size(); ++i)
        CHECK(same_round(rounds[i], sample_round(first + i)));
    }
  }
}

TEMPLATE_TEST_CASE("a visit ends at the first error, which comes back", "[coordinator][store]",
                   SqliteSite, MemorySite) {
  TestType site;
  const auto store = site.open();
  for (std::uint64_t k = 0; k < 5; ++k) REQUIRE((*store)->save_round(sample_round(k)));
  std::uint64_t visits = 0;
  const auto visited = (*store)->rounds_from(RoundId{1}, [&](const StoredRound&) {
    return ++visits == 2 ? Status(Error{ErrorKind::Mismatch, "enough"}) : Status();
  });
  REQUIRE_FALSE(visited);
  CHECK(visited.error().kind == ErrorKind::Mismatch);
  CHECK(visited.error().message == "enough");
  CHECK(visits == 2);
  CHECK(rounds_of(**store).size() == 5);  // The next visit begins anew.
}

TEMPLATE_TEST_CASE("a round that does not follow the last one is Corrupt and changes nothing",
                   "[coordinator][store]", SqliteSite, MemorySite) {
  TestType site;
  const auto store = site.open();
  for (const std::uint64_t k : {40U, 41U, 42U}) REQUIRE((*store)->save_round(sample_round(k)));
  for (const std::uint64_t wrong : {42U, 41U, 0U, 44U}) {
    auto other = sample_round(wrong);
    other.signs = sample_bytes(10, 99);
    const auto saved = (*store)->save_round(other);
    REQUIRE_FALSE(saved);
    CHECK(saved.error().kind == ErrorKind::Corrupt);
    CHECK(saved.error().message.find("round " + std::to_string(wrong) +
                                     " cannot be saved after round 42") != std::string::npos);
    CHECK(saved.error().message.find(site.name()) == 0);
  }
  const auto rounds = rounds_of(**store);
  REQUIRE(rounds.size() == 3);
  for (const auto& round : rounds) CHECK(same_round(round, sample_round(round.round.value)));
  CHECK((*store)->save_round(sample_round(43)));
}

TEMPLATE_TEST_CASE("agents are kept by name and listed by id", "[coordinator][store]", SqliteSite,
                   MemorySite) {
  TestType site;
  {
    const auto store = site.open();
    REQUIRE((*store)->save_agent({"zebra", AgentId{0}, 100}));
    REQUIRE((*store)->save_agent({"ant", AgentId{4'000'000'000}, 200}));
    REQUIRE((*store)->save_agent({"middle", AgentId{1}, 300}));
    REQUIRE((*store)->save_agent({"zebra", AgentId{0}, 150}));
  }
  const auto store = site.open();
  const auto agents = (*store)->agents();
  REQUIRE(agents->size() == 3);
  CHECK(agents->at(0).name == "zebra");
  CHECK(agents->at(0).samples == 150);
  CHECK(agents->at(1).name == "middle");
  CHECK(agents->at(2).id == AgentId{4'000'000'000});
}

TEMPLATE_TEST_CASE("an agent's id is not given to another name", "[coordinator][store]", SqliteSite,
                   MemorySite) {
  TestType site;
  const auto store = site.open();
  REQUIRE((*store)->save_agent({"first", AgentId{3}, 100}));
  const auto saved = (*store)->save_agent({"second", AgentId{3}, 100});
  REQUIRE_FALSE(saved);
  CHECK(saved.error().kind == ErrorKind::Corrupt);
  CHECK(saved.error().message.find(site.name()) == 0);
  CHECK((*store)->agents()->size() == 1);
}

TEMPLATE_TEST_CASE("an evaluation replaces the earlier one of the same parameters",
                   "[coordinator][store]", SqliteSite, MemorySite) {
  TestType site;
  const double none = std::numeric_limits<double>::quiet_NaN();
  {
    const auto store = site.open();
    REQUIRE((*store)->save_evaluation({RoundId{100}, 0.5, 1.5}));
    REQUIRE((*store)->save_evaluation({RoundId{50}, 0.25, none}));
    REQUIRE((*store)->save_evaluation({RoundId{100}, 0.75, 0.5}));
  }
  const auto store = site.open();
  const auto all = (*store)->evaluations();
  REQUIRE(all->size() == 2);
  CHECK(all->at(0).next_round == RoundId{50});
  CHECK(std::isnan(all->at(0).test_loss));
  CHECK(all->at(1).next_round == RoundId{100});
  CHECK(all->at(1).test_accuracy == 0.75);
  CHECK(all->at(1).test_loss == 0.5);
}

TEMPLATE_TEST_CASE("the newest snapshot comes back bit for bit, of any size",
                   "[coordinator][store]", SqliteSite, MemorySite) {
  TestType site;
  constexpr std::size_t kPart = (8U << 20U) / sizeof(float);
  std::uint64_t next_round = 0;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kPart, 2 * kPart + 1}) {
    const auto snapshot = sample_snapshot(next_round += 100, size);
    REQUIRE((*site.open())->save_snapshot(snapshot.view()));
    const auto store = site.open();
    const auto latest = (*store)->latest_snapshot();
    REQUIRE(latest);
    CHECK(same_snapshot(latest->value(), snapshot));
  }
}

TEMPLATE_TEST_CASE("a snapshot of the same round replaces the earlier one", "[coordinator][store]",
                   SqliteSite, MemorySite) {
  TestType site;
  const auto store = site.open();
  REQUIRE((*store)->save_snapshot(sample_snapshot(5, 10).view()));
  auto other = sample_snapshot(6, 3);
  other.next_round = RoundId{5};
  REQUIRE((*store)->save_snapshot(other.view()));
  CHECK(same_snapshot((*store)->latest_snapshot()->value(), other));
}

TEMPLATE_TEST_CASE("two snapshots stay, and the figures of the rounds before them",
                   "[coordinator][store]", SqliteSite, MemorySite) {
  const auto durability = GENERATE(Durability::Round, Durability::Snapshot);
  TestType site;
  {
    const auto store = site.open(durability);
    for (std::uint64_t k = 0; k < 40; ++k) {
      REQUIRE((*store)->save_round(sample_round(k)));
      if ((k + 1) % 10 != 0) continue;
      REQUIRE((*store)->save_snapshot(sample_snapshot(k + 1).view()));
      // The rounds since the older of two snapshots can be replayed; before there are two, all.
      const std::uint64_t kept_from = k + 1 >= 20 ? k + 1 - 10 : 0;
      for (const auto& round : rounds_of(**store)) {
        CHECK(same_figures(round, sample_round(round.round.value)));
        CHECK(is_pruned(round) == (round.round.value < kept_from));
      }
    }
  }
  site.damage_newest_snapshot();
  const auto store = site.open();
  CHECK(rounds_of(**store).size() == 40);
  CHECK(same_snapshot((*store)->latest_snapshot()->value(), sample_snapshot(30)));
  CHECK((*store)->save_round(sample_round(40)));
}

TEMPLATE_TEST_CASE("when no snapshot matches its digest, the error names the newest",
                   "[coordinator][store]", SqliteSite, MemorySite) {
  TestType site;
  REQUIRE((*site.open())->save_snapshot(sample_snapshot(100).view()));
  site.damage_newest_snapshot();
  const auto store = site.open();
  const auto latest = (*store)->latest_snapshot();
  REQUIRE_FALSE(latest);
  CHECK(latest.error().kind == ErrorKind::Corrupt);
  CHECK(latest.error().message.find(site.name() + ": the snapshot before round 100") == 0);
}

TEMPLATE_TEST_CASE("a store that is open is Unavailable to others until it is closed",
                   "[coordinator][store]", SqliteSite, MemorySite) {
  TestType site;
  {
    const auto first = site.open();
    REQUIRE(first);
    const auto second = site.open();
    REQUIRE_FALSE(second);
    CHECK(second.error().kind == ErrorKind::Unavailable);
    CHECK(second.error().message.find(site.name() + " is in use by another process") == 0);
    CHECK((*first)->save_round(sample_round(0)));
  }
  CHECK(site.open());
}

TEMPLATE_TEST_CASE("a full disk refuses a round whole, keeps the earlier ones, and goes on later",
                   "[coordinator][store]", SqliteSite, MemorySite) {
  TestType site;
  {
    const auto store = site.open();
    for (std::uint64_t k = 0; k < 3; ++k) REQUIRE((*store)->save_round(sample_round(k)));
  }
  std::uint64_t saved = 3;
  {
    const auto store = site.open_nearly_full();
    REQUIRE(store);
    Status last;
    while (saved < 1000 && (last = (*store)->save_round(sample_round(saved, 3000)))) ++saved;
    REQUIRE_FALSE(last);
    CHECK(last.error().kind == ErrorKind::Full);
    CHECK(last.error().message.find(site.name()) == 0);
    CHECK(last.error().message.find("make room") != std::string::npos);
    CHECK(saved > 3);
    CHECK_FALSE((*store)->save_snapshot(sample_snapshot(saved, 100'000).view()));
    CHECK(rounds_of(**store).size() == saved);
    CHECK_FALSE((*store)->latest_snapshot()->has_value());
  }
  const auto store = site.open();
  const auto rounds = rounds_of(**store);
  REQUIRE(rounds.size() == saved);
  for (const auto& round : rounds)
    CHECK(same_round(round, sample_round(round.round.value, round.round.value < 3 ? 100 : 3000)));
  CHECK((*store)->save_round(sample_round(saved)));
}

TEMPLATE_TEST_CASE("a visitor may save what is not a round", "[coordinator][store]", SqliteSite,
                   MemorySite) {
  TestType site;
  const auto store = site.open();
  for (std::uint64_t k = 0; k < 3; ++k) REQUIRE((*store)->save_round(sample_round(k)));
  REQUIRE((*store)->rounds_from(RoundId{0}, [&](const StoredRound& round) {
    return (*store)->save_evaluation({round.round, 0.5, 0.5});
  }));
  CHECK((*store)->evaluations()->size() == 3);
}

}  // namespace store_contract_test
}  // namespace signet
