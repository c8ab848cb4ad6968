#include "coordinator/store/persistence.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <type_traits>

#include "core/base/digest.hpp"
#include "core/wire/codec.hpp"
#include "tests/coordinator/store/store_sites.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/sign_patterns.hpp"
#include "tests/support/small_fleet.hpp"

namespace signet {

namespace {

using test::MemorySite;
using test::SqliteSite;

constexpr std::size_t kSavedDimension = 21;  // softmax regression of 6 features and 3 classes
constexpr RunId kSavedRun{77};
const std::vector<std::string> kSavers{"ada", "bob", "cid"};

Job saving_job() {
  Job job = test::small_job();
  job.round.agents = 3;
  job.stop.rounds = 1000;
  job.tie = TieRule::Hold;
  job.evaluate.every = 0;
  return job;
}

RunPlan plan_of(const Job& job) {
  RunPlan plan{job, kSavedRun, {}};
  Rng rng(5);
  for (std::size_t i = 0; i < kSavedDimension; ++i)
    plan.initial_parameters.push_back(rng.uniform());
  return plan;
}

/// A coordinator without a network: its actions go to the store, or nowhere.
class SavingRun {
 public:
  SavingRun(const Job& job, RunState state, Store* store) : job_(job), store_(store) {
    auto created = RoundMachine::create(job, canonical_text(job), std::move(state), 1, Instant{});
    REQUIRE(created);
    machine_ = std::move(*created);
  }

  RoundMachine& machine() { return *machine_; }
  std::vector<float> rates;

  void join(const std::string& name) {
    Hello hello;
    hello.name = name;
    hello.ready = true;
    hello.data = {10, std::vector<double>(6, 1.5), std::vector<double>(6, 4)};
    step(PeerMessage{name, hello});
  }
  void join_all() {
    for (const auto& name : kSavers) join(name);
  }
  void vote(const std::string& name) {
    const Replica& replica = machine_->replica();
    const std::uint64_t seed = mix(hash_text(name), replica.next_round().value);
    const SignVector signs = test::random_signs(kSavedDimension, seed);
    Vote vote;
    vote.run = kSavedRun;
    vote.round = replica.next_round();
    vote.digest = replica.digest();
    vote.local = 1.0F + static_cast<float>(seed % 1000) / 1000.0F;
    vote.signs = signs.bytes();
    step(PeerMessage{name, vote});
  }
  void run_rounds(std::size_t rounds) {
    for (std::size_t n = 0; n < rounds; ++n) {
      // Now and then one abstains: without it there are no ties.
      const std::uint64_t round = machine_->replica().next_round().value;
      for (const auto& name : kSavers) {
        if (round % 4 == 1 && name == "bob") {
          Vote none;
          none.run = kSavedRun;
          none.round = RoundId{round};
          none.digest = machine_->replica().digest();
          none.abstention = Abstention::NotFinite;
          step(PeerMessage{name, none});
        } else {
          vote(name);
        }
      }
      REQUIRE(machine_->replica().next_round().value == round + 1);
    }
  }
  void step(const CoordinatorEvent& event) {
    now_ += std::chrono::milliseconds(1);
    take_step(event);
    while (machine_->deadline() == Instant::min()) take_step(TimePassed{});
  }

 private:
  void take_step(const CoordinatorEvent& event) {
    CoordinatorActions actions;
    machine_->step(now_, event, actions);
    for (const auto& action : actions) {
      if (const auto* round = std::get_if<SaveRound>(&action)) rates.push_back(round->update->rate);
      std::visit([this](const auto& a) { perform(a); }, action);
    }
  }

  template <typename Action>
  void perform(const Action& action) {
    if constexpr (std::is_same_v<Action, SaveAgent> || std::is_same_v<Action, SaveRound> ||
                  std::is_same_v<Action, SaveNormalisation> || std::is_same_v<Action, SaveSnapshot>)
      if (store_ != nullptr) REQUIRE(save(*store_, action));
  }

  Job job_;
  Instant now_{};
  Store* store_;
  std::unique_ptr<RoundMachine> machine_;
};

/// Rates and digests of a run that was never disturbed, by round.
struct Undisturbed {
  explicit Undisturbed(const Job& job, std::size_t rounds) {
    RunState state;
    state.run = kSavedRun;
    state.parameters = plan_of(job).initial_parameters;
    SavingRun run(job, std::move(state), nullptr);
    run.join_all();
    digests.push_back(run.machine().replica().digest());
    for (std::size_t n = 0; n < rounds; ++n) {
      run.run_rounds(1);
      digests.push_back(run.machine().replica().digest());
    }
    rates = run.rates;
    normalisation = run.machine().normalisation();
  }
  std::vector<std::uint64_t> digests;
  std::vector<float> rates;
  Normalisation normalisation;
};

RunState recovered(Store& store, const Job& job) {
  auto state = recover(store, plan_of(job));
  REQUIRE(state);
  return std::move(*state);
}

/// A store with the run of `from`, one round of it changed.
std::unique_ptr<Store> changed_copy(Store& from, MemorySite& site, std::uint64_t round,
                                    const std::function<void(StoredRound&)>& change) {
  auto copy = site.open();
  REQUIRE(copy);
  const auto header = from.header();
  REQUIRE(header);
  REQUIRE((*copy)->begin_run(**header));
  REQUIRE(from.rounds_from(RoundId{0}, [&](const StoredRound& stored) {
    StoredRound saved = stored;
    if (stored.round.value == round) change(saved);
    return (*copy)->save_round(saved);
  }));
  return std::move(*copy);
}

}  // namespace

TEMPLATE_TEST_CASE("a run that is recovered after any round goes on as if it had never stopped",
                   "[coordinator][store]", MemorySite, SqliteSite) {
  const Job job = saving_job();
  const std::size_t rounds = 70;
  const Undisturbed expected(job, rounds + 3);
  TestType site;
  {
    auto store = site.open();
    REQUIRE(store);
    RunState state = recovered(**store, job);
    CHECK(state.run == kSavedRun);
    CHECK(state.next_round == RoundId{0});
    CHECK(state.parameters == plan_of(job).initial_parameters);
    CHECK_FALSE(state.normalisation.has_value());
    SavingRun run(job, std::move(state), store->get());
    run.join_all();
    CHECK(run.machine().begun());
  }
  for (std::size_t round = 0; round < rounds; ++round) {
    INFO("recovered at round " << round);
    auto store = site.open();
    REQUIRE(store);
    RunState state = recovered(**store, job);
    REQUIRE(state.next_round == RoundId{round});
    CHECK(digest(std::span<const float>(state.parameters)) == expected.digests[round]);
    REQUIRE(state.normalisation.has_value());
    CHECK(*state.normalisation == expected.normalisation);
    CHECK(state.expected == kSavers);
    REQUIRE(state.agents.size() == 3);
    for (const auto& agent : state.agents) CHECK(agent.samples == 10);
    // The log: as many of the last rounds as are ever asked for and were not pruned, without a gap.
    const std::size_t pruned = round < 40 ? 0 : (round / 20 - 1) * 20;
    CHECK(state.recent.size() == std::min<std::size_t>(round - pruned, kLogRounds));
    for (std::size_t i = 0; i < state.recent.size(); ++i)
      CHECK(state.recent[i]->round.value == round - state.recent.size() + i);

    // A copy goes on for three rounds, unsaved: rates and replicas are those of the other run.
    SavingRun copy(job, state, nullptr);
    copy.join_all();
    copy.run_rounds(3);
    for (std::size_t n = 0; n < 3; ++n) CHECK(copy.rates[n] == expected.rates[round + n]);
    CHECK(copy.machine().replica().digest() == expected.digests[round + 3]);

    SavingRun run(job, std::move(state), store->get());
    run.join_all();
    run.run_rounds(1);
    CHECK(run.machine().replica().digest() == expected.digests[round + 1]);
  }
}

TEST_CASE("a coordinator that is recovered serves the rounds of before to those who missed them",
          "[coordinator][store]") {
  Job job = saving_job();
  job.state.snapshot_every = 45;
  const Undisturbed expected(job, 50);
  MemorySite site;
  auto store = site.open();
  REQUIRE(store);
  {
    SavingRun run(job, recovered(**store, job), store->get());
    run.join_all();
    run.run_rounds(50);
  }
  const RunState state = recovered(**store, job);
  CatchUpServer server(kSavedRun);
  for (const auto& update : state.recent) server.remember(update);
  const Replica now(state.parameters, state.next_round);
  for (std::uint64_t missed = 1; missed < kLogRounds; ++missed) {
    const CatchUpRequest request{
        kSavedRun, true, RoundId{50 - missed}, expected.digests[50 - missed], {}, 0};
    CHECK(server.answer(request, now, 0).size() == std::min<std::size_t>(missed, kCatchUpBatch));
  }
}

TEMPLATE_TEST_CASE("a coordinator that died before its first round waits for all who had joined",
                   "[coordinator][store]", MemorySite, SqliteSite) {
  const Job job = saving_job();
  TestType site;
  auto store = site.open();
  REQUIRE(store);
  SavingRun run(job, recovered(**store, job), store->get());
  run.join("bob");
  CHECK(recovered(**store, job).expected.empty());  // nothing was open yet
  run.join("ada");
  run.join("cid");
  REQUIRE(run.machine().begun());
  run.vote("ada");
  const RunState state = recovered(**store, job);
  CHECK(state.next_round == RoundId{0});
  auto expected = state.expected;
  std::sort(expected.begin(), expected.end());
  CHECK(expected == kSavers);
}

TEST_CASE("time and the best accuracy are recovered", "[coordinator][store]") {
  const Job job = saving_job();
  MemorySite site;
  auto store = site.open();
  REQUIRE(store);
  CHECK(recovered(**store, job).best_accuracy == -1);
  SavingRun run(job, recovered(**store, job), store->get());
  run.join_all();
  run.run_rounds(4);
  REQUIRE((*store)->save_evaluation({RoundId{1}, 0.5, 1}));
  REQUIRE((*store)->save_evaluation({RoundId{2}, 0.75, 1}));
  REQUIRE((*store)->save_evaluation({RoundId{3}, 0.75, 1}));
  REQUIRE((*store)->save_evaluation({RoundId{4}, 0.25, 1}));
  CHECK(recovered(**store, job).best_accuracy == 0.75);
  CHECK(recovered(**store, job).evaluations_since_best == 2);

  StoredRound last;
  REQUIRE((*store)->rounds_from(RoundId{3}, [&last](const StoredRound& round) {
    last = round;
    return Status();
  }));
  CHECK(last.elapsed_s > 0);
  CHECK(recovered(**store, job).elapsed_s == last.elapsed_s);
}

TEST_CASE("a changed job is refused with the keys that changed", "[coordinator][store]") {
  Job job = saving_job();
  MemorySite site;
  auto store = site.open();
  REQUIRE(store);
  recovered(**store, job);
  Job changed = job;
  changed.seed = 99;
  changed.training.batch = 32;
  const auto refused = recover(**store, plan_of(changed));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Mismatch);
  CHECK(refused.error().message.find("seed, training.batch") != std::string::npos);
  CHECK(refused.error().message.find("--fresh") != std::string::npos);

  // A stop condition may change, and is what the run has from then on.
  job.stop.rounds = 2000;
  recovered(**store, job);
  const auto header = (*store)->header();
  REQUIRE(header);
  REQUIRE(header->has_value());
  CHECK((*header)->job_text == canonical_text(job));
}

TEST_CASE("a run of another dimension is refused", "[coordinator][store]") {
  const Job job = saving_job();
  MemorySite site;
  auto store = site.open();
  REQUIRE(store);
  recovered(**store, job);
  RunPlan plan = plan_of(job);
  plan.initial_parameters.resize(22);
  const auto refused = recover(**store, plan);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Mismatch);
  CHECK(refused.error().message.find("dimension 21") != std::string::npos);
}

TEST_CASE("a round that does not lead to its digest is an error that names it",
          "[coordinator][store]") {
  const Job job = saving_job();
  MemorySite site;
  auto store = site.open();
  REQUIRE(store);
  SavingRun run(job, recovered(**store, job), store->get());
  run.join_all();
  run.run_rounds(10);  // no snapshot yet: all are replayed

  // What is wrong with a round itself names it; what it leads to shows at the next one.
  struct Damage {
    const char* named;
    std::function<void(StoredRound&)> make;
  };
  const std::vector<Damage> damages{
      {"round 5", [](StoredRound& r) { r.digest ^= 1; }},
      {"round 6", [](StoredRound& r) { r.rate *= 2; }},
      {"round 6", [](StoredRound& r) { r.signs[0] ^= std::byte{1}; }},
      {"round 5", [](StoredRound& r) { r.signs.push_back(std::byte{0}); }},
      {"round 5", [](StoredRound& r) { r.signs.clear(); }},
      {"round 5", [](StoredRound& r) { r.ties = Bytes(1); }},
      {"round 6", [](StoredRound& r) { r.ties.clear(); }},
  };
  for (std::size_t i = 0; i < damages.size(); ++i) {
    INFO("damage " << i);
    MemorySite damaged_site;
    const auto damaged = changed_copy(**store, damaged_site, 5, damages[i].make);
    const auto state = recover(*damaged, plan_of(job));
    REQUIRE_FALSE(state);
    CHECK(state.error().kind == ErrorKind::Corrupt);
    CHECK(state.error().message.find(damages[i].named) != std::string::npos);
  }
  MemorySite whole_site;
  const auto whole = changed_copy(**store, whole_site, 5, [](StoredRound&) {});
  CHECK(recovered(*whole, job).next_round == RoundId{10});
}

TEST_CASE("a round that the disk changed is found by its digest", "[coordinator][store]") {
  const Job job = saving_job();
  SqliteSite site;
  {
    auto store = site.open();
    REQUIRE(store);
    SavingRun run(job, recovered(**store, job), store->get());
    run.join_all();
    run.run_rounds(30);  // the newest snapshot is of round 20
  }
  {
    auto file = SqliteHandle::open(site.path());
    REQUIRE(file);
    REQUIRE(file->execute("UPDATE rounds SET rate = rate * 2 WHERE round = 25"));
  }
  auto store = site.open();
  REQUIRE(store);
  const auto state = recover(**store, plan_of(job));
  REQUIRE_FALSE(state);
  CHECK(state.error().kind == ErrorKind::Corrupt);
  CHECK(state.error().message.find("round 25") != std::string::npos);
}

TEMPLATE_TEST_CASE("a damaged snapshot is replaced by the one before and the rounds since",
                   "[coordinator][store]", MemorySite, SqliteSite) {
  const Job job = saving_job();
  const Undisturbed expected(job, 53);
  TestType site;
  {
    auto store = site.open();
    REQUIRE(store);
    SavingRun run(job, recovered(**store, job), store->get());
    run.join_all();
    run.run_rounds(50);
  }
  site.damage_newest_snapshot();
  auto store = site.open();
  REQUIRE(store);
  RunState state = recovered(**store, job);
  CHECK(state.next_round == RoundId{50});
  SavingRun run(job, std::move(state), nullptr);
  run.join_all();
  run.run_rounds(3);
  CHECK(run.machine().replica().digest() == expected.digests[53]);
  CHECK(run.rates[2] == expected.rates[52]);
}

TEST_CASE("a run without normalisation is remembered as begun", "[coordinator][store]") {
  const auto none = unpack_normalisation(pack_normalisation({}));
  REQUIRE(none);
  CHECK(none->mean.empty());
  CHECK_FALSE(pack_normalisation({}).empty());
  const Normalisation some{{1.5F, -2}, {0.25F, 3}};
  const auto same = unpack_normalisation(pack_normalisation(some));
  REQUIRE(same);
  CHECK(*same == some);
  for (const std::size_t size : {0U, 2U, 8U, 16U, 24U}) {
    const auto refused = unpack_normalisation(Bytes(size));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::Corrupt);
  }
}

}  // namespace signet
