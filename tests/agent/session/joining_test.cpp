#include "tests/agent/session/session_bench.hpp"

namespace signet {

namespace {

using std::chrono::milliseconds;
using test::kAgentRun;
using test::SessionBench;

double waited_s(Instant from, Instant to) {
  return seconds(to - from);
}

}  // namespace

TEST_CASE("an agent says who it is and waits longer and longer for an answer", "[agent][session]") {
  std::vector<std::vector<Instant>> all;
  for (const std::uint64_t seed : {1U, 2U}) {
    SessionBench bench(seed);
    bench.step(Tick{});
    const auto* hello = bench.last_sent<Hello>();
    REQUIRE(hello != nullptr);
    CHECK(hello->name == "ada");
    CHECK(hello->software == "test 1.0");
    CHECK(hello->protocol_min == kProtocolOldest);
    CHECK(hello->protocol_max == kProtocol);
    CHECK(hello->run == RunId{0});
    CHECK_FALSE(hello->ready);

    Instant before = bench.sent_at.at(0);
    bench.pass(std::chrono::minutes(10));
    CHECK(bench.count_sent<Hello>() == bench.sent.size());
    double wait = 0.2;
    for (const Instant at : bench.sent_at) {
      CHECK(waited_s(before, at) >= 0.75 * wait - 1e-4);
      CHECK(waited_s(before, at) <= 1.25 * wait + 1e-4);
      wait = std::min(1.5 * wait, 30.0);
      before = at;
    }
    CHECK(wait == 30);
    // Never given up: the board may have been switched on before the coordinator.
    CHECK(waited_s(before, bench.now) < 37.6);
    CHECK(bench.warned("no answer from the coordinator"));
    CHECK(bench.session().status() == "looking for the coordinator");
    all.push_back(bench.sent_at);
  }
  CHECK(all[0] != all[1]);  // many boards do not come back in one instant
}

TEST_CASE("an agent joins, loads its data, says so, and trains when the run begins",
          "[agent][session]") {
  SessionBench bench;
  bench.step(Tick{});
  bench.welcome(0, false);
  CHECK(bench.loads == 1);
  CHECK(bench.session().status() == "loading data");
  bench.welcome(0, false);  // of a repeated hello
  CHECK(bench.loads == 1);
  CHECK(bench.sent.empty());
  bench.load();
  const auto* hello = bench.last_sent<Hello>();
  REQUIRE(hello != nullptr);
  CHECK(hello->ready);
  CHECK(hello->data.samples == 120);
  CHECK(hello->data.mean.size() == 6);
  bench.welcome(0, false);  // others are missing
  CHECK_FALSE(bench.training.has_value());
  CHECK(bench.session().status() == "waiting for the run to begin");
  bench.welcome(0);
  CHECK(bench.subscriptions == 1);
  CHECK(bench.told_normalisations == std::vector<Normalisation>{bench.normalisation});
  REQUIRE(bench.training.has_value());
  CHECK(*bench.training == RoundId{0});
  CHECK(bench.in_step());
}

TEST_CASE("an agent goes on when any message of its joining is lost", "[agent][session]") {
  SessionBench bench;
  bench.step(Tick{});  // this hello is lost
  bench.pass(milliseconds(400));
  CHECK(bench.count_sent<Hello>() >= 1);
  bench.welcome(0, false);
  bench.load();  // the hello that says "ready" is lost
  CHECK(bench.last_sent<Hello>() != nullptr);
  bench.beat(0, Activity::Loading, false);
  REQUIRE(bench.last_sent<Hello>() != nullptr);
  CHECK(bench.last_sent<Hello>()->ready);
  bench.beat(0, Activity::Waiting, false);  // it came, and others are waited for
  CHECK(bench.sent.empty());
  bench.beat(4, Activity::Idle, false);  // the welcome into the begun run is lost
  REQUIRE(bench.last_sent<Hello>() != nullptr);
  CHECK(bench.last_sent<Hello>()->ready);
  bench.welcome(0);
  CHECK(bench.training.has_value());
  // The coordinator forgot that our data are ready (our old hello reached it once more): told
  // again.
  bench.beat(0, Activity::Loading, false);
  REQUIRE(bench.last_sent<Hello>() != nullptr);
  CHECK(bench.last_sent<Hello>()->ready);
}

TEST_CASE("a job that cannot be read ends the agent with what is wrong", "[agent][session]") {
  SessionBench bench;
  bench.step(Tick{});
  bench.job_text = "seed = 'x'";
  bench.welcome(0, false);
  REQUIRE(bench.exit.has_value());
  CHECK(bench.exit->ending == Ending::BadJob);
  CHECK(bench.exit->text.find("seed") != std::string::npos);
  bench.step(Tick{});
  CHECK(bench.actions.empty());
}

TEST_CASE("a welcome without a job is one that cannot be read", "[agent][session]") {
  SessionBench bench;
  bench.job_text.clear();
  bench.step(Tick{});
  bench.welcome(0, false);
  REQUIRE(bench.exit);
  CHECK(bench.exit->ending == Ending::BadJob);
}

TEST_CASE("data that cannot be loaded end the agent and the coordinator is told why",
          "[agent][session]") {
  SessionBench bench;
  bench.step(Tick{});
  bench.welcome(0, false);
  bench.step(DataFailed{{ErrorKind::Missing, "/data/digits.csv: no such file"}});
  REQUIRE(bench.last_sent<Goodbye>() != nullptr);
  CHECK(bench.last_sent<Goodbye>()->reason == Farewell::Failed);
  CHECK(bench.last_sent<Goodbye>()->text == "/data/digits.csv: no such file");
  REQUIRE(bench.exit.has_value());
  CHECK(bench.exit->ending == Ending::BadData);
  CHECK(bench.exit->text == "/data/digits.csv: no such file");
}

TEST_CASE("a coordinator of another protocol ends the agent with both versions named",
          "[agent][session]") {
  SessionBench bench;
  bench.step(Tick{});
  Welcome welcome;
  welcome.protocol = kProtocol + 7;
  bench.hear(welcome);
  REQUIRE(bench.exit.has_value());
  CHECK(bench.exit->ending == Ending::Refused);
  CHECK(bench.exit->text.find("protocol " + std::to_string(kProtocol + 7)) != std::string::npos);
  CHECK(bench.exit->text.find(std::to_string(kProtocolOldest) + " to " +
                              std::to_string(kProtocol)) != std::string::npos);

  for (const auto reason :
       {RefusalReason::Protocol, RefusalReason::DataMismatch, RefusalReason::Malformed}) {
    SessionBench refused;
    refused.step(Tick{});
    refused.refuse(reason, 0, "what is wrong");
    REQUIRE(refused.exit.has_value());
    CHECK(refused.exit->ending == Ending::Refused);
    CHECK(refused.exit->text == std::string(to_string(reason)) + ": what is wrong");
  }
}

TEST_CASE("a taken name is tried again for a while and then given up", "[agent][session]") {
  SessionBench bench;
  const Instant started = bench.now;
  bench.step(Tick{});
  int refusals = 0;
  while (!bench.exit && refusals < 100) {
    bench.refuse(RefusalReason::NameTaken);
    ++refusals;
    if (bench.exit) break;
    const Instant next = bench.session().deadline();
    bench.pass(next - bench.now);
    CHECK(bench.count_sent<Hello>() == 1);
  }
  REQUIRE(bench.exit.has_value());
  CHECK(bench.exit->ending == Ending::Refused);
  CHECK(bench.exit->text.find("name taken") != std::string::npos);
  // Long enough for the old session of a board that was switched off and on to be taken for dead.
  CHECK(bench.now - started >= std::chrono::minutes(1));
  CHECK(bench.now - started < std::chrono::minutes(3));

  // An old session that dies in between: the board is let in, and counts from the start next time.
  SessionBench lucky;
  lucky.step(Tick{});
  const auto refuse_often = [&lucky] {
    for (int i = 0; i < 11; ++i) {
      lucky.refuse(RefusalReason::NameTaken);
      lucky.pass(lucky.session().deadline() - lucky.now);
    }
  };
  refuse_often();
  lucky.welcome(0, false);
  refuse_often();
  CHECK_FALSE(lucky.exit.has_value());

  // Refusals that arrive many times over are no reason to hurry.
  SessionBench repeated;
  repeated.step(Tick{});
  for (int i = 0; i < 100; ++i) repeated.refuse(RefusalReason::NameTaken);
  CHECK_FALSE(repeated.exit.has_value());
}

TEST_CASE("a coordinator that slept and answers many hellos at once has answered one",
          "[agent][session]") {
  SessionBench bench;
  bench.step(Tick{});
  for (int sleep = 0; sleep < 6; ++sleep) {
    bench.pass(std::chrono::seconds(40));
    for (int answer = 0; answer < 8; ++answer) bench.refuse(RefusalReason::NameTaken);
    CHECK_FALSE(bench.exit.has_value());
  }
}

TEST_CASE("heartbeats go on whatever the board is busy with", "[agent][session]") {
  SessionBench bench;
  bench.step(Tick{});
  bench.welcome(0, false);
  const auto beats_are = [&bench](Activity activity) {
    // The coordinator answers now and then, and the board does nothing but what it does.
    std::vector<Instant> at;
    for (int i = 0; i < 20; ++i) {
      bench.pass(std::chrono::seconds(2));
      for (std::size_t m = 0; m < bench.sent.size(); ++m)
        if (const auto* beat = std::get_if<Heartbeat>(&bench.sent[m])) {
          CHECK(beat->activity == activity);
          at.push_back(bench.sent_at[m]);
        }
      bench.beat(0, activity == Activity::Loading ? Activity::Loading : Activity::Idle);
    }
    for (std::size_t i = 1; i < at.size(); ++i) {
      CHECK(seconds(at[i] - at[i - 1]) >= 0.75 * seconds(bench.job.round.heartbeat) - 1e-4);
      CHECK(seconds(at[i] - at[i - 1]) <= 1.25 * seconds(bench.job.round.heartbeat) + 1e-4);
    }
    CHECK(at.size() >= 30);
  };
  beats_are(Activity::Loading);
  bench.load();
  bench.welcome(0);
  beats_are(Activity::Training);
  bench.trained();
  beats_are(Activity::Idle);
}

TEST_CASE("a silent coordinator is joined anew over a new connection", "[agent][session]") {
  SessionBench bench;
  bench.join_and_vote();
  bench.beat(0);
  const Instant heard = bench.now;
  bench.pass(bench.job.round.silence - Duration(1));
  CHECK(bench.reconnects == 0);
  bench.pass(Duration(1));
  CHECK(bench.reconnects == 1);
  REQUIRE(bench.last_sent<Hello>() != nullptr);
  CHECK(bench.last_sent<Hello>()->run == kAgentRun);
  CHECK(bench.last_sent<Hello>()->next_round == RoundId{0});
  CHECK(bench.last_sent<Hello>()->digest == bench.other.at(0).digest());
  CHECK(seconds(bench.now - heard) == Approx(seconds(bench.job.round.silence)));
  // Back, and its vote is said again: the coordinator may have lost it.
  bench.welcome(0);
  REQUIRE(bench.last_sent<Hello>() != nullptr);
  CHECK(bench.last_sent<Hello>()->ready);
  bench.welcome(0);
  CHECK(bench.votes.size() == 2);
  CHECK(bench.vote_signs[0] == bench.vote_signs[1]);
  CHECK_FALSE(bench.training.has_value());
}

TEST_CASE("a vote that is too long for a slow link is named as what keeps both sides silent",
          "[agent][session]") {
  SessionBench bench;
  bench.join_and_vote();
  for (int silence = 0; silence < 3; ++silence) {
    CHECK(bench.warned("raise round.silence_s") == (silence >= 2));
    bench.pass(bench.job.round.silence);
    bench.welcome(0);
    bench.welcome(0);
  }
  // An empty link is no slow one.
  SessionBench quiet;
  quiet.join();
  for (int silence = 0; silence < 3; ++silence) {
    quiet.pass(quiet.job.round.silence);
    quiet.welcome(0);
    quiet.welcome(0);
  }
  CHECK_FALSE(quiet.warned("raise round.silence_s"));
}

TEST_CASE("updates alone are no sign that the coordinator hears this agent", "[agent][session]") {
  SessionBench bench;
  bench.join();
  // Only what is broadcast arrives: the other connection is dead, and so would be every vote.
  for (std::uint64_t round = 0; round < 10; ++round) {
    if (bench.training) bench.trained();
    bench.pass(std::chrono::seconds(1));
    if (bench.reconnects == 0) bench.update(round);
  }
  CHECK(bench.reconnects == 1);
}

TEST_CASE("updates that were asked for are a sign that the coordinator hears this agent",
          "[agent][session]") {
  SessionBench bench;
  bench.join();
  for (std::uint64_t round = 0; round < 30; ++round) {
    bench.pass(std::chrono::seconds(1));
    bench.hear(Update{}, false);
  }
  CHECK(bench.reconnects == 0);
}

TEST_CASE("an agent that the coordinator does not know says hello again on the same connection",
          "[agent][session]") {
  SessionBench bench;
  bench.join_and_vote();
  for (const auto reason : {RefusalReason::UnknownPeer, RefusalReason::WrongRun}) {
    bench.refuse(reason);
    REQUIRE(bench.last_sent<Hello>() != nullptr);
    // Its data are said to be ready when it is known for which job.
    CHECK_FALSE(bench.last_sent<Hello>()->ready);
    bench.refuse(reason);  // of another message that was under way
    CHECK(bench.sent.empty());
    bench.welcome(0);
    REQUIRE(bench.last_sent<Hello>() != nullptr);
    CHECK(bench.last_sent<Hello>()->ready);
    bench.welcome(0);
    CHECK(bench.votes.back().round == RoundId{0});
  }
  CHECK(bench.votes.size() == 3);
  CHECK(bench.reconnects == 0);
  CHECK(bench.loads == 1);
}

TEST_CASE("a changed job is loaded anew before anything is said of the data", "[agent][session]") {
  SessionBench bench;
  bench.join_and_vote(3);
  CHECK(bench.told_normalisations.size() == 1);
  bench.refuse(RefusalReason::UnknownPeer);
  // The operator began another run of a changed job over the same data.
  bench.job.training.batch = 8;
  bench.job_text = canonical_text(bench.job);
  bench.run = RunId{kAgentRun.value + 1};
  bench.welcome(0);
  CHECK(bench.loads == 2);
  CHECK(bench.count_sent<Hello>() == 0);
  bench.load();
  REQUIRE(bench.last_sent<Hello>() != nullptr);
  CHECK(bench.last_sent<Hello>()->ready);
  bench.welcome(0);
  CHECK(bench.round() == 0);
  REQUIRE(bench.training.has_value());
  // The new learner has to be told, although the values are those of before.
  CHECK(bench.told_normalisations.size() == 2);
  bench.trained();
  CHECK(bench.votes.back().run == bench.run);
  CHECK(bench.votes.back().round == RoundId{0});
}

TEST_CASE("a changed job waits for the gradient that is under way", "[agent][session]") {
  SessionBench bench;
  bench.join();
  REQUIRE(bench.training.has_value());
  bench.refuse(RefusalReason::UnknownPeer);
  const std::string old_text = bench.job_text;
  bench.job.seed = 77;
  bench.job_text = canonical_text(bench.job);
  bench.run = RunId{kAgentRun.value + 1};
  bench.welcome(0);
  CHECK(bench.loads == 1);
  bench.trained();  // of the old run: nobody is sent its vote
  CHECK(bench.votes.empty());
  bench.pass(std::chrono::seconds(40));
  REQUIRE(bench.last_sent<Hello>() != nullptr);
  bench.welcome(0);
  CHECK(bench.loads == 2);
}

TEST_CASE("a job that changes while data are loaded is loaded after them", "[agent][session]") {
  SessionBench bench;
  bench.step(Tick{});
  bench.welcome(0, false);
  bench.refuse(RefusalReason::UnknownPeer);
  bench.job.seed = 77;
  bench.job_text = canonical_text(bench.job);
  bench.welcome(0, false);
  CHECK(bench.loads == 1);
  bench.load();  // of the old job: not announced
  for (const auto& message : bench.sent)
    if (const auto* hello = std::get_if<Hello>(&message)) CHECK_FALSE(hello->ready);
  bench.pass(std::chrono::seconds(40));
  REQUIRE(bench.last_sent<Hello>() != nullptr);
  CHECK_FALSE(bench.last_sent<Hello>()->ready);
  bench.welcome(0, false);
  CHECK(bench.loads == 2);
  bench.load();
  REQUIRE(bench.last_sent<Hello>() != nullptr);
  CHECK(bench.last_sent<Hello>()->ready);
}

TEST_CASE("a new run of the same job starts from the beginning, momentum included",
          "[agent][session]") {
  for (const bool while_training : {false, true}) {
    SessionBench bench;
    bench.join_and_vote(2);
    if (while_training) {
      bench.update(2);
      REQUIRE(bench.training.has_value());
    }
    bench.refuse(RefusalReason::UnknownPeer);
    bench.run = RunId{kAgentRun.value + 1};
    bench.welcome(0);
    bench.welcome(0);
    if (while_training) {
      CHECK(bench.round() == 3);  // a thread reads it
      bench.trained();
      bench.beat(0, Activity::Idle, false);
      REQUIRE(bench.last_sent<Hello>() != nullptr);
      bench.welcome(0);
    }
    // The learner remembers the other run: it is made anew before anything is trained.
    CHECK(bench.loads == 2);
    CHECK_FALSE(bench.training.has_value());
    bench.load();
    bench.welcome(0);
    CHECK(bench.round() == 0);
    CHECK(bench.in_step());
    bench.trained();
    CHECK(bench.votes.back().run == bench.run);
    CHECK(bench.votes.back().round == RoundId{0});
    bench.update(0);
    CHECK(bench.round() == 1);
    CHECK(bench.loads == 2);
  }
}

TEST_CASE("an agent that is stopped says goodbye where somebody hears it", "[agent][session]") {
  SessionBench alone;
  alone.step(Tick{});
  alone.step(StopAsked{});
  CHECK(alone.sent.empty());
  REQUIRE(alone.exit.has_value());
  CHECK(alone.exit->ending == Ending::Stopped);

  SessionBench bench;
  bench.join_and_vote(2);
  bench.session().set_traffic(1000, 2000);
  bench.step(StopAsked{});
  const auto* goodbye = bench.last_sent<Goodbye>();
  REQUIRE(goodbye != nullptr);
  CHECK(goodbye->reason == Farewell::Stopped);
  CHECK(goodbye->run == kAgentRun);
  CHECK(goodbye->round == RoundId{2});
  CHECK(goodbye->digest == bench.other.at(2).digest());
  CHECK(goodbye->bytes_sent == 1000);
  CHECK(goodbye->bytes_received == 2000);
  REQUIRE(bench.exit.has_value());
  CHECK(bench.exit->ending == Ending::Stopped);
  bench.step(StopAsked{});
  bench.pass(std::chrono::hours(1));
  CHECK(bench.actions.empty());
}

}  // namespace signet
