#include "tests/coordinator/round/round_bench.hpp"

namespace signet {

namespace {

using test::kRoundRun;
using test::RoundBench;

const std::vector<std::string> kStayers{"ada", "bob"};

RoundBench pair_bench(Job job) {
  RoundBench bench(std::move(job));
  bench.join_all(kStayers);
  return bench;
}

void one_round(RoundBench& bench) {
  for (const auto& name : kStayers) bench.vote(name);
}

Goodbye final_goodbye(const RoundBench& bench) {
  Goodbye goodbye;
  goodbye.run = kRoundRun;
  goodbye.reason = Farewell::Finished;
  goodbye.round = bench.open();
  return goodbye;
}

Job short_job(std::uint64_t rounds = 2) {
  Job job = test::round_job(2);
  job.stop.rounds = rounds;
  return job;
}

}  // namespace

TEST_CASE("a run ends after its rounds: saved first, then told to all", "[coordinator][round]") {
  RoundBench bench = pair_bench(short_job());
  one_round(bench);
  CHECK(bench.last<Goodbye>("*") == nullptr);
  one_round(bench);
  const auto* told = bench.last<Goodbye>("*");
  REQUIRE(told != nullptr);
  CHECK(told->reason == Farewell::Finished);
  CHECK(told->run == kRoundRun);
  CHECK(told->round == RoundId{2});
  CHECK(told->digest == bench.machine().replica().digest());
  std::optional<SaveSnapshot> final;
  for (const auto& action : bench.actions) {
    if (const auto* snapshot = std::get_if<SaveSnapshot>(&action)) final = *snapshot;
    if (const auto* publish = std::get_if<Publish>(&action)) {
      auto message = decode(std::vector<ByteView>(publish->frames.begin(), publish->frames.end()));
      REQUIRE(message);
      if (std::holds_alternative<Goodbye>(*message)) CHECK(final);
    }
  }
  REQUIRE(final);
  CHECK(final->next_round == RoundId{2});
  CHECK(final->digest == told->digest);
  // No round after the last one.
  bench.vote("ada");
  CHECK(bench.last_to<Refuse>("ada")->reason == RefusalReason::LateVote);
  CHECK(bench.saved.size() == 2);
}

TEST_CASE("the end waits for every agent's goodbye and counts equal and different replicas",
          "[coordinator][round]") {
  for (const bool equal : {true, false}) {
    RoundBench bench = pair_bench(short_job());
    one_round(bench);
    one_round(bench);
    CHECK(bench.summaries.empty());
    Goodbye goodbye = final_goodbye(bench);
    goodbye.digest = bench.machine().replica().digest();
    goodbye.bytes_sent = 100;
    goodbye.bytes_received = 2000;
    bench.tell(RoundBench::peer_of("ada"), goodbye);
    CHECK(bench.summaries.empty());
    bench.tell(RoundBench::peer_of("ada"), goodbye);  // repeated: counted once
    CHECK(bench.summaries.empty());
    if (!equal) goodbye.digest ^= 1;
    goodbye.bytes_sent = 11;
    bench.tell(RoundBench::peer_of("bob"), goodbye);
    REQUIRE(bench.summaries.size() == 1);
    const RunSummary& summary = bench.summaries[0];
    CHECK(summary.agents == 2);
    CHECK(summary.confirmed == (equal ? 2 : 1));
    CHECK(summary.different == (equal ? 0 : 1));
    CHECK(summary.bytes_sent_sum == 111);
    CHECK(summary.bytes_received_sum == 4000);
    CHECK(summary.next_round == RoundId{2});
    CHECK(summary.digest == bench.machine().replica().digest());
    CHECK(summary.why == "2 rounds done");
    CHECK_FALSE(summary.stopped);
    CHECK_FALSE(summary.diverged);
    CHECK(bench.machine().finished());
    CHECK(bench.machine().deadline() >= Instant::max());
    // It is over: nothing is answered, and it ends once.
    bench.beat("ada");
    bench.step(TimePassed{});
    bench.step(StopRequested{});
    CHECK(bench.sent.empty());
    CHECK(bench.summaries.size() == 1);
  }
}

TEST_CASE("an agent that says nothing at the end is waited for ten seconds",
          "[coordinator][round]") {
  RoundBench bench = pair_bench(short_job());
  one_round(bench);
  one_round(bench);
  const Instant ended = bench.now;
  bench.pass(std::chrono::seconds(5));
  // Who missed the broadcast is told again whenever it shows itself.
  for (const auto& name : kStayers) {
    bench.beat(name);
    REQUIRE(bench.last_to<Goodbye>(name) != nullptr);
    CHECK(bench.last_to<Goodbye>(name)->reason == Farewell::Finished);
    CHECK(bench.last_to<Heartbeat>(name)->activity == Activity::Finished);
  }
  bench.pass(ended + std::chrono::seconds(10) - Duration(1) - bench.now);
  CHECK(bench.summaries.empty());
  bench.pass(Duration(1));
  REQUIRE(bench.summaries.size() == 1);
  CHECK(bench.summaries[0].agents == 2);
  CHECK(bench.summaries[0].confirmed == 0);
}

TEST_CASE("a board that is busy is waited for at the end, for as long as a round may take",
          "[coordinator][round]") {
  for (const Activity activity : {Activity::Training, Activity::CatchingUp, Activity::Idle})
    for (const bool says_goodbye : {false, true}) {
      Job job = short_job();
      job.round.deadline_max = std::chrono::seconds(50);
      job.round.silence = std::chrono::seconds(1000);
      RoundBench bench = pair_bench(job);
      one_round(bench);
      bench.vote("ada");
      bench.pass(job.round.deadline_max);  // The last round closes without bob.
      REQUIRE(bench.last<Goodbye>("*") != nullptr);
      const Instant ended = bench.now;
      bench.pass(std::chrono::seconds(9));
      bench.tell(RoundBench::peer_of("bob"), Heartbeat{kRoundRun, RoundId{1}, activity, false});
      const bool busy = activity != Activity::Idle;
      bench.pass(ended + std::chrono::seconds(busy ? 50 : 10) - Duration(1) - bench.now);
      CHECK(bench.summaries.empty());
      // Nobody waits any longer for ada, which is not busy and says nothing.
      if (says_goodbye) bench.tell(RoundBench::peer_of("bob"), final_goodbye(bench));
      CHECK(bench.summaries.empty() == !(busy && says_goodbye));
      bench.pass(Duration(1));
      CHECK(bench.summaries.size() == 1);
    }
}

TEST_CASE("an agent that comes back at the very end is told and asked for its digest",
          "[coordinator][round]") {
  RoundBench bench = pair_bench(short_job());
  one_round(bench);
  bench.tell(RoundBench::peer_of("bob"),
             Goodbye{kRoundRun, Farewell::Stopped, "stopped", {}, 0, 0, 0});
  bench.vote("ada");
  REQUIRE(bench.last<Goodbye>("*") != nullptr);
  bench.join("bob");
  REQUIRE(bench.last_to<Goodbye>("bob") != nullptr);
  Goodbye goodbye = final_goodbye(bench);
  goodbye.digest = bench.machine().replica().digest();
  for (const auto& name : kStayers) bench.tell(RoundBench::peer_of(name), goodbye);
  REQUIRE(bench.summaries.size() == 1);
  CHECK(bench.summaries[0].agents == 2);
  CHECK(bench.summaries[0].confirmed == 2);
}

TEST_CASE("a goodbye of another round does not confirm the end", "[coordinator][round]") {
  RoundBench bench = pair_bench(short_job());
  one_round(bench);
  one_round(bench);
  Goodbye goodbye = final_goodbye(bench);
  goodbye.digest = bench.machine().replica().digest();
  goodbye.round = RoundId{1};
  bench.tell(RoundBench::peer_of("ada"), goodbye);
  goodbye.round = RoundId{2};
  goodbye.run.value ^= 1;
  bench.tell(RoundBench::peer_of("bob"), goodbye);
  REQUIRE(bench.summaries.size() == 1);
  CHECK(bench.summaries[0].confirmed == 0);
  CHECK(bench.summaries[0].different == 0);
}

TEST_CASE("reaching the target accuracy ends the run", "[coordinator][round]") {
  Job job = short_job(1000);
  job.evaluate.every = 3;
  job.stop.target_accuracy = 0.9;
  RoundBench bench = pair_bench(job);
  one_round(bench);
  one_round(bench);
  CHECK(bench.count<Evaluate>() == 0);
  one_round(bench);
  REQUIRE(bench.count<Evaluate>() == 1);
  bench.step(Evaluated{RoundId{3}, 0.8999, 1});
  CHECK(bench.last<Goodbye>("*") == nullptr);
  bench.step(Evaluated{RoundId{6}, 0.9, 1});
  REQUIRE(bench.last<Goodbye>("*") != nullptr);
  CHECK(bench.last<Goodbye>("*")->text == "target accuracy reached");
}

TEST_CASE("a slow evaluation is waited for before the next one is asked", "[coordinator][round]") {
  Job job = short_job(1000);
  job.evaluate.every = 2;
  RoundBench bench = pair_bench(job);
  std::size_t asked = 0;
  for (int round = 1; round <= 20; ++round) {
    one_round(bench);
    asked += bench.count<Evaluate>();
  }
  CHECK(asked == 1);
  bench.step(Evaluated{RoundId{2}, 0.5, 1});
  one_round(bench);
  one_round(bench);
  CHECK(bench.count<Evaluate>() == 1);
}

TEST_CASE("a run ends when the accuracy has not risen for so many evaluations",
          "[coordinator][round]") {
  Job job = short_job(1000);
  job.evaluate.every = 5;
  job.stop.patience = 3;
  RoundBench bench = pair_bench(job);
  const auto judged = [&bench](std::uint64_t round, double accuracy) {
    bench.step(Evaluated{RoundId{round}, accuracy, 1});
    return bench.last<Goodbye>("*") != nullptr;
  };
  CHECK_FALSE(judged(5, 0.5));
  CHECK_FALSE(judged(10, 0.5));
  CHECK_FALSE(judged(15, 0.4));
  CHECK_FALSE(judged(20, 0.6));
  CHECK_FALSE(judged(25, 0.6));
  CHECK_FALSE(judged(30, 0.6));
  CHECK(judged(35, 0.6));
}

TEST_CASE("evaluations that were skipped do not count against patience", "[coordinator][round]") {
  // While one is under way no other begins: on a slow machine there are few.
  Job job = short_job(1000);
  job.evaluate.every = 5;
  job.stop.patience = 3;
  RoundBench bench = pair_bench(job);
  bench.step(Evaluated{RoundId{5}, 0.5, 1});
  bench.step(Evaluated{RoundId{25}, 0.4, 1});
  bench.step(Evaluated{RoundId{45}, 0.4, 1});
  CHECK(bench.last<Goodbye>("*") == nullptr);
  bench.step(Evaluated{RoundId{65}, 0.4, 1});
  CHECK(bench.last<Goodbye>("*") != nullptr);
}

TEST_CASE("patience goes on from the best of before a restart", "[coordinator][round]") {
  Job job = short_job(1000);
  job.evaluate.every = 5;
  job.stop.patience = 3;
  RunState state = test::restarted_state(30, {});
  state.best_accuracy = 0.7;
  state.evaluations_since_best = 1;
  RoundBench bench(job, state);
  bench.step(Evaluated{RoundId{30}, 0.6, 1});
  CHECK(bench.last<Goodbye>("*") == nullptr);
  bench.step(Evaluated{RoundId{35}, 0.6, 1});
  CHECK(bench.last<Goodbye>("*") != nullptr);
}

TEST_CASE("a run that was over before a restart is over after it", "[coordinator][round]") {
  for (const bool by_accuracy : {true, false}) {
    Job job = short_job(100);
    job.evaluate.every = 1;
    if (by_accuracy) job.stop.target_accuracy = 0.9;
    if (!by_accuracy) job.stop.patience = 3;
    RunState state = test::restarted_state(50, kStayers);
    state.best_accuracy = by_accuracy ? 0.9 : 0.5;
    state.evaluations_since_best = by_accuracy ? 0 : 3;
    RoundBench bench(job, std::move(state));
    bench.join_all(kStayers);
    bench.step(TimePassed{});
    REQUIRE(bench.last<Goodbye>("*") != nullptr);
    CHECK(bench.last<Goodbye>("*")->reason == Farewell::Finished);
    CHECK(bench.saved.empty());
  }
}

TEST_CASE("the wall time ends a run to the instant, also while a round is open",
          "[coordinator][round]") {
  Job job = short_job(1000);
  job.stop.wall_time = std::chrono::seconds(100);
  job.round.deadline_min = job.round.deadline_max = std::chrono::seconds(500);
  job.round.silence = std::chrono::seconds(1000);
  // Of 100 seconds, 70 were used before a restart.
  RunState state = test::restarted_state(3, {});
  state.elapsed_s = 70;
  RoundBench bench(job, state);
  bench.join_all(kStayers);
  bench.pass(std::chrono::seconds(30) - Duration(1));
  CHECK(bench.last<Goodbye>("*") == nullptr);
  bench.pass(Duration(1));
  REQUIRE(bench.last<Goodbye>("*") != nullptr);
  CHECK(bench.last<Goodbye>("*")->text == "wall time is over");
  bench.pass(std::chrono::seconds(10));
  REQUIRE(bench.summaries.size() == 1);
  CHECK(bench.summaries[0].elapsed_s == Approx(100));

  // The time in which agents gather does not count.
  RoundBench fresh(job);
  fresh.join("ada");
  fresh.pass(std::chrono::seconds(900));
  CHECK_FALSE(fresh.machine().begun());
  fresh.join("bob");
  fresh.pass(std::chrono::seconds(99));
  CHECK(fresh.last<Goodbye>("*") == nullptr);
}

TEST_CASE("a stop request saves the run, tells the agents and ends at once",
          "[coordinator][round]") {
  RoundBench bench = pair_bench(short_job());
  one_round(bench);
  bench.vote("ada");
  bench.step(StopRequested{});
  REQUIRE(bench.summaries.size() == 1);
  CHECK(bench.summaries[0].stopped);
  CHECK(bench.summaries[0].next_round == RoundId{1});
  CHECK(bench.summaries[0].digest == bench.machine().replica().digest());
  CHECK(bench.summaries[0].agents == 2);
  CHECK(bench.count<SaveSnapshot>() == 1);
  REQUIRE(bench.last<Goodbye>("*") != nullptr);
  CHECK(bench.last<Goodbye>("*")->reason == Farewell::Stopped);
  CHECK(std::holds_alternative<SaveSnapshot>(bench.actions.front()));
  CHECK(std::holds_alternative<FinishRun>(bench.actions.back()));
  CHECK(bench.machine().finished());
}

TEST_CASE("a stop request before the run has begun has nothing to save", "[coordinator][round]") {
  RoundBench bench(short_job());
  bench.join("ada");
  bench.step(StopRequested{});
  CHECK(bench.count<SaveSnapshot>() == 0);
  REQUIRE(bench.summaries.size() == 1);
  CHECK(bench.summaries[0].stopped);
}

TEST_CASE("a stop request during the goodbyes ends the wait and changes no figure",
          "[coordinator][round]") {
  RoundBench bench = pair_bench(short_job());
  one_round(bench);
  one_round(bench);
  Goodbye goodbye = final_goodbye(bench);
  goodbye.digest = bench.machine().replica().digest();
  bench.tell(RoundBench::peer_of("ada"), goodbye);
  bench.step(StopRequested{});
  REQUIRE(bench.summaries.size() == 1);
  CHECK_FALSE(bench.summaries[0].stopped);
  CHECK(bench.summaries[0].why == "2 rounds done");
  CHECK(bench.summaries[0].agents == 2);
  CHECK(bench.summaries[0].confirmed == 1);
}

}  // namespace signet
