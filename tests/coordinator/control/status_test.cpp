#include <map>

#include "coordinator/control/answer.hpp"
#include "tests/coordinator/round/round_bench.hpp"

namespace signet {
namespace control_status_test {

using test::RoundBench;

StatusAnswer status_of(RoundBench& bench) {
  RunFigures figures;
  figures.test_accuracy = 0.5;
  figures.bytes_up = 10;
  figures.bytes_down = 20;
  figures.uptime = std::chrono::seconds(7);
  return answer_status(bench.machine(), figures, bench.now);
}

Job patient_job() {
  Job job = test::round_job();
  job.name = "patient";
  job.round.quorum = 2;
  job.round.silence = std::chrono::hours(1);
  return job;
}

RoundBench voting_bench(Job job = patient_job()) {
  RoundBench bench(std::move(job));
  bench.join_all({"ada", "bob", "cid"});
  return bench;
}

void leave(RoundBench& bench, const std::string& name) {
  bench.tell(RoundBench::peer_of(name),
             Goodbye{test::kRoundRun, Farewell::Stopped, "off", {}, 0, 0, 0});
}

TEST_CASE("a run that has not begun says how many agents it waits for", "[coordinator][control]") {
  RoundBench bench(patient_job());
  StatusAnswer status = status_of(bench);
  CHECK(status.job == "patient");
  CHECK(status.run == "000051676e657421");
  CHECK(status.state == "waiting");
  CHECK(status.waiting == "waiting for 3 more agents");
  CHECK(status.agents_wanted == 3);
  CHECK(status.quorum == 2);
  CHECK_FALSE(status.deadline_s);
  CHECK_FALSE(status.rate);
  CHECK_FALSE(status.train_loss);
  CHECK(status.test_accuracy == 0.5);
  CHECK(status.bytes_up == 10);
  CHECK(status.bytes_down == 20);
  CHECK(status.uptime_s == 7);
  CHECK(status.ended.empty());

  bench.join("ada");
  bench.tell(RoundBench::peer_of("bob"), RoundBench::hello_of("bob", false));
  status = status_of(bench);
  CHECK(status.agents_known == 2);
  CHECK(status.agents_live == 2);
  CHECK(status.agents_ready == 1);
  CHECK(status.waiting == "waiting for 2 more agents (1 loads its data)");
  bench.join("bob");
  CHECK(status_of(bench).waiting == "waiting for 1 more agent");
}

TEST_CASE("the status says how far the agents' losses are apart, once that is known",
          "[coordinator][control]") {
  for (const Distribution distribution : {Distribution::Equal, Distribution::Unequal}) {
    Job job = patient_job();
    job.distribution = distribution;
    RoundBench bench = voting_bench(job);
    const std::map<std::string, float> losses{{"ada", 0.2F}, {"bob", 0.4F}, {"cid", 0.6F}};
    Rng rng(4);
    for (int round = 0; round < 100; ++round) {
      CHECK(status_of(bench).loss_ratio.has_value() == (round >= 50));
      const SignVector signs = test::random_signs(test::kRoundDimension, bench.open().value);
      for (const auto& [name, loss] : losses) {
        Vote vote = bench.vote_of(signs);
        vote.samples = static_cast<std::uint32_t>(10 * vote_plan(job).local_steps);
        vote.loss = loss + static_cast<float>(0.05 * rng.normal());
        bench.tell(RoundBench::peer_of(name), vote);
      }
    }
    // The variance of 0.2, 0.4 and 0.6 is 0.04; chance leaves 0.05^2, and each agent has said that
    // it has ten samples, all of which the batch of a loss takes.
    CHECK(*status_of(bench).loss_ratio == Approx(0.04 / (0.05 * 0.05)).epsilon(0.3));
  }
}

TEST_CASE("an open round says who is awaited, what came in and until when",
          "[coordinator][control]") {
  RoundBench bench = voting_bench();
  StatusAnswer status = status_of(bench);
  CHECK(status.state == "collecting");
  CHECK(status.round == 0);
  CHECK(status.rounds == bench.job().stop.rounds);
  CHECK(status.awaited == std::vector<std::string>{"ada", "bob", "cid"});
  CHECK(status.waiting == "waiting for the votes of ada, bob and cid");
  CHECK(*status.deadline_s == 20);

  bench.pass(std::chrono::seconds(5));
  bench.vote("ada");
  bench.abstain("bob");
  status = status_of(bench);
  CHECK(status.votes == 1);
  CHECK(status.answers == 2);
  CHECK(status.awaited_count == 1);
  CHECK(status.waiting == "waiting for the vote of cid");
  CHECK(*status.deadline_s == 15);

  bench.vote("cid");
  status = status_of(bench);
  CHECK(status.round == 1);
  CHECK(*status.rate == 0.25);
  CHECK(*status.train_loss == Approx(0.5));
  CHECK(status.votes == 0);
}

TEST_CASE("messages are refused by reason, those of strangers as well", "[coordinator][control]") {
  RoundBench bench = voting_bench();
  CHECK(status_of(bench).refused.empty());
  bench.step(PeerGarbage{"a stranger", "noise"});
  bench.step(PeerGarbage{RoundBench::peer_of("ada"), "noise"});
  bench.vote("nobody");
  bench.beat("nobody");
  Vote other = bench.vote_of(SignVector());
  other.run = RunId{1};
  bench.tell(RoundBench::peer_of("bob"), other);
  RunFigures figures;
  figures.unframed = 5;
  const std::map<std::string, std::uint64_t> expected{
      {"malformed", 7}, {"not joined", 2}, {"another run", 1}};
  CHECK(answer_status(bench.machine(), figures, bench.now).refused == expected);
}

TEST_CASE("a large fleet is awaited by its first names and a number", "[coordinator][control]") {
  Job job = patient_job();
  job.round.agents = 20;
  RoundBench bench(job);
  for (int i = 0; i < 20; ++i) bench.join("board-" + std::to_string(10 + i));
  const StatusAnswer status = status_of(bench);
  CHECK(status.awaited_count == 20);
  CHECK(status.awaited.size() == kAwaitedNamesMax);
  CHECK(status.waiting == "waiting for the votes of board-10, board-11, board-12 and 17 more");
}

TEST_CASE("a round that lacks its quorum says how many votes it waits for",
          "[coordinator][control]") {
  Job job = patient_job();
  job.round.quorum = 3;
  RoundBench bench = voting_bench(job);
  bench.vote("ada");
  for (const char* name : {"bob", "cid"}) leave(bench, name);
  const StatusAnswer status = status_of(bench);
  CHECK(status.awaited_count == 0);
  CHECK(status.waiting == "waiting for 2 more votes: the quorum is 3");
  leave(bench, "ada");
  CHECK(status_of(bench).waiting == "nobody is here: waiting for agents to come back");
}

TEST_CASE("a round that paused agents keep from its quorum says so", "[coordinator][control]") {
  RoundBench bench = voting_bench(patient_job());
  for (const char* name : {"ada", "bob", "cid"}) bench.pause(name);
  const StatusAnswer status = status_of(bench);
  CHECK(status.votes == 0);
  CHECK(status.answers == 3);
  CHECK(status.waiting == "waiting for 2 more votes: the quorum is 2; paused: 3 agents");
}

TEST_CASE("a restarted coordinator says that it waits for those of before",
          "[coordinator][control]") {
  Job job = patient_job();
  job.round.rejoin = std::chrono::seconds(30);
  RoundBench bench(job, test::restarted_state(5, {"ada", "bob"}));
  const StatusAnswer status = status_of(bench);
  CHECK(status.state == "collecting");
  CHECK(status.round == 5);
  CHECK(status.waiting == "waiting for 2 agents of before the restart, for 30 s at most");
  CHECK(*status.deadline_s == 30);
}

TEST_CASE("a run that is over says why and for whose goodbye it waits", "[coordinator][control]") {
  Job job = patient_job();
  job.stop.rounds = 1;
  RoundBench bench = voting_bench(job);
  for (const char* name : {"ada", "bob", "cid"}) bench.vote(name);
  StatusAnswer status = status_of(bench);
  CHECK(status.state == "ending");
  CHECK(status.ended == "1 round done");
  CHECK(status.waiting == "waiting for 3 agents to say goodbye");
  CHECK_FALSE(status.deadline_s);
  bench.step(StopRequested{});
  status = status_of(bench);
  CHECK(status.state == "ended");
  CHECK(status.waiting.empty());
}

}  // namespace control_status_test
}  // namespace signet
