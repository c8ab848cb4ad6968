#include "tests/coordinator/round/round_bench.hpp"

namespace signet {

namespace {

using test::restarted_state;
using test::RoundBench;

Job restart_job() {
  Job job = test::round_job(3);
  job.round.rejoin = std::chrono::seconds(30);
  return job;
}

}  // namespace

TEST_CASE("after a restart the open round waits for those who were there", "[coordinator][round]") {
  RoundBench bench(restart_job(), restarted_state(5, {"ada", "bob", "cid"}));
  CHECK(bench.machine().begun());
  bench.join("ada");
  REQUIRE(bench.last_to<Welcome>("ada") != nullptr);
  CHECK(bench.last_to<Welcome>("ada")->begun);
  CHECK(bench.last_to<Welcome>("ada")->round == RoundId{5});
  bench.vote("ada");
  bench.join("bob");
  bench.vote("bob");
  CHECK(bench.open() == RoundId{5});
  bench.join("cid");
  CHECK(bench.open() == RoundId{5});
  bench.vote("cid");
  CHECK(bench.open() == RoundId{6});
  CHECK(bench.reports.back().voters == 3);
  CHECK(bench.warnings.empty());
}

TEST_CASE("who does not come back after a restart is given up when its time is over",
          "[coordinator][round]") {
  for (const Duration deadline :
       {Duration(std::chrono::seconds(4)), Duration(std::chrono::seconds(90))}) {
    Job job = restart_job();
    job.round.deadline_min = std::chrono::seconds(2);
    job.round.deadline_max = deadline;  // shorter and longer than the wait for the lost ones
    RoundBench bench(job, restarted_state(5, {"ada", "bob", "cid"}));
    const Instant started = bench.now;
    bench.join("ada");
    bench.join("bob");
    bench.vote("ada");
    bench.vote("bob");
    while (bench.now - started < std::chrono::seconds(29)) {
      bench.pass(std::chrono::seconds(1));
      bench.beat("ada");
      bench.beat("bob");
    }
    CHECK(bench.open() == RoundId{5});
    bench.pass(std::chrono::seconds(1) - Duration(1));
    CHECK(bench.open() == RoundId{5});
    bench.pass(Duration(1));
    CHECK(bench.open() == RoundId{6});
    CHECK(bench.warned("going on without 1 agent of before the restart"));
    bench.vote("ada");
    bench.vote("bob");
    CHECK(bench.open() == RoundId{7});
  }
}

TEST_CASE("an agent that was not there before a restart is not waited for",
          "[coordinator][round]") {
  RunState state = restarted_state(5, {"ada", "bob"});
  state.agents.push_back({"old", AgentId{9}, 10});  // had left long before
  RoundBench bench(restart_job(), state);
  for (const char* name : {"ada", "bob"}) bench.join(name);
  bench.vote("ada");
  bench.vote("bob");
  CHECK(bench.open() == RoundId{6});
  CHECK(bench.member("old").id == AgentId{9});
  // Numbers are not given twice.
  bench.join("new");
  CHECK(bench.member("new").id == AgentId{10});
}

TEST_CASE("nobody is waited for where the job says so", "[coordinator][round]") {
  Job job = restart_job();
  job.round.rejoin = Duration{};
  RoundBench bench(job, restarted_state(5, {"ada", "bob"}));
  bench.join("ada");
  bench.vote("ada");
  CHECK(bench.open() == RoundId{6});
}

TEST_CASE("the agents that were awaited are saved with each round", "[coordinator][round]") {
  RoundBench bench(restart_job());
  bench.join_all({"ada", "bob", "cid"});
  bench.join("dan");  // here, not awaited yet
  for (const char* name : {"ada", "bob", "cid"}) bench.vote(name);
  const auto saved_agents = [&bench] {
    std::vector<std::string> agents;
    for (const auto& action : bench.actions)
      if (const auto* round = std::get_if<SaveRound>(&action)) agents = round->agents;
    return agents;
  };
  CHECK(saved_agents() == std::vector<std::string>{"ada", "bob", "cid"});
  bench.vote("ada");
  bench.vote("dan");
  bench.vote("bob");
  bench.tell(RoundBench::peer_of("cid"),
             Goodbye{test::kRoundRun, Farewell::Failed, "", {}, 0, 0, 0});
  CHECK(bench.open() == RoundId{2});
  CHECK(saved_agents() == std::vector<std::string>{"ada", "bob", "dan"});
}

TEST_CASE("a coordinator that died after the last round tells its agents the end",
          "[coordinator][round]") {
  Job job = restart_job();
  job.stop.rounds = 5;
  RoundBench bench(job, restarted_state(5, {"ada", "bob"}));
  bench.step(TimePassed{});
  CHECK(bench.summaries.empty());
  bench.now += std::chrono::seconds(1);
  Goodbye goodbye{test::kRoundRun,
                  Farewell::Finished,
                  "",
                  RoundId{5},
                  bench.machine().replica().digest(),
                  0,
                  0};
  for (const char* name : {"ada", "bob"}) {
    bench.join(name);
    REQUIRE(bench.last_to<Goodbye>(name) != nullptr);
    CHECK(bench.last_to<Goodbye>(name)->round == RoundId{5});
    bench.tell(RoundBench::peer_of(name), goodbye);
  }
  REQUIRE(bench.summaries.size() == 1);
  CHECK(bench.summaries[0].agents == 2);
  CHECK(bench.summaries[0].confirmed == 2);

  // Where nobody comes it does not wait longer than for any goodbye, nor where nobody can come.
  RoundBench alone(job, restarted_state(5, {"ada", "bob"}));
  alone.step(TimePassed{});
  alone.pass(std::chrono::seconds(10));
  CHECK(alone.summaries.size() == 1);
  RoundBench nobody(job, restarted_state(5, {}));
  nobody.step(TimePassed{});
  CHECK(nobody.summaries.size() == 1);
  job.round.rejoin = Duration{};
  RoundBench unwaited(job, restarted_state(5, {"ada", "bob"}));
  unwaited.step(TimePassed{});
  CHECK(unwaited.summaries.size() == 1);
}

TEST_CASE("a saved controller that does not fit the job is an error and no crash",
          "[coordinator][round]") {
  Job job = restart_job();
  job.rate = RateSpec{};
  RunState state = restarted_state(5, {});
  state.controller = Bytes(3);
  auto machine = RoundMachine::create(job, "job text", state, 1, Instant{});
  REQUIRE_FALSE(machine);
  CHECK(machine.error().kind == ErrorKind::Corrupt);
}

}  // namespace signet
