#include <cmath>
#include <limits>

#include "tests/coordinator/round/round_bench.hpp"

namespace signet {

namespace {

using test::kRoundRun;
using test::RoundBench;

Hello hello_with(const std::string& name, DataSummary data) {
  Hello hello = RoundBench::hello_of(name, true);
  hello.data = std::move(data);
  return hello;
}

}  // namespace

TEST_CASE("a run begins when enough agents have their data ready, and not earlier",
          "[coordinator][round]") {
  RoundBench bench(test::round_job(2));
  bench.tell("1", RoundBench::hello_of("ada", false));
  REQUIRE(bench.last<Welcome>("1") != nullptr);
  CHECK_FALSE(bench.last<Welcome>("1")->begun);
  CHECK(bench.last<Welcome>("1")->job == "job text");
  CHECK(bench.last<Welcome>("1")->run == kRoundRun);
  bench.tell("2", RoundBench::hello_of("bob", false));
  CHECK(bench.last<Welcome>("2")->agent != AgentId{0});
  CHECK_FALSE(bench.machine().begun());

  // Means and variances of the union: ada's 30 samples and bob's 10.
  bench.tell("1", hello_with("ada", {30, {1, -2}, {4, 0}}));
  CHECK_FALSE(bench.machine().begun());
  CHECK(bench.count<SaveAgent>() == 1);
  CHECK(bench.machine().status() == "waiting for agents: 1 of 2 are ready");
  bench.tell("2", hello_with("bob", {10, {5, -2}, {16, 0}}));
  REQUIRE(bench.machine().begun());
  const float mean = (30.0F * 1 + 10.0F * 5) / 40;
  const float variance =
      (30 * (4.0F + (1 - mean) * (1 - mean)) + 10 * (16.0F + (5 - mean) * (5 - mean))) / 40;
  const Normalisation& told = bench.machine().normalisation();
  REQUIRE(told.mean.size() == 2);
  CHECK(told.mean[0] == Approx(mean));
  CHECK(told.deviation[0] == Approx(std::sqrt(variance)));
  CHECK(told.mean[1] == -2);
  CHECK(told.deviation[1] == 1);

  // Saved before it is told.
  bool saved = false;
  for (const auto& action : bench.actions) {
    saved = saved || std::holds_alternative<SaveNormalisation>(action);
    if (std::holds_alternative<SendTo>(action)) CHECK(saved);
  }
  for (const char* peer : {"1", "2"}) {
    REQUIRE(bench.last<Welcome>(peer) != nullptr);
    CHECK(bench.last<Welcome>(peer)->begun);
    CHECK(bench.last<Welcome>(peer)->update_port == test::kRoundPort);
    CHECK(bench.last<Welcome>(peer)->normalisation == told);
  }
  CHECK(bench.member("ada").id != bench.member("bob").id);
}

TEST_CASE("an agent of another protocol is refused with both versions named",
          "[coordinator][round]") {
  RoundBench bench;
  for (const auto& [low, high] :
       {std::pair<std::uint16_t, std::uint16_t>{kProtocol + 1, kProtocol + 3},
        std::pair<std::uint16_t, std::uint16_t>{0, kProtocolOldest - 1}}) {
    Hello hello = RoundBench::hello_of("ada", false);
    hello.protocol_min = low;
    hello.protocol_max = high;
    bench.tell("1", hello);
    const auto* refusal = bench.last<Refuse>("1");
    REQUIRE(refusal != nullptr);
    CHECK(refusal->reason == RefusalReason::Protocol);
    const auto range = [](int from, int to) {
      return std::to_string(from) + " to " + std::to_string(to);
    };
    CHECK(refusal->text.find("coordinator speaks protocol " + range(kProtocolOldest, kProtocol)) !=
          std::string::npos);
    CHECK(refusal->text.find("'ada' speaks " + range(low, high)) != std::string::npos);
    CHECK(bench.machine().roster().members().empty());
  }
  // One that is newer and still knows this version is welcome.
  Hello newer = RoundBench::hello_of("ada", false);
  newer.protocol_max = kProtocol + 1;
  bench.tell("1", newer);
  CHECK(bench.last<Welcome>("1") != nullptr);
}

TEST_CASE("the second of two agents of one name is refused while the first one is heard of",
          "[coordinator][round]") {
  RoundBench bench(test::round_job(2));
  const Duration beat = bench.job().round.heartbeat;
  bench.tell("first", RoundBench::hello_of("ada", true));
  bench.join("bob");
  bench.now += beat * 5 / 2 - Duration(1);
  bench.tell("second", RoundBench::hello_of("ada", true));
  REQUIRE(bench.last<Refuse>("second") != nullptr);
  CHECK(bench.last<Refuse>("second")->reason == RefusalReason::NameTaken);
  CHECK(bench.last<Refuse>("second")->text.find("'ada'") != std::string::npos);
  const auto signs = test::random_signs(test::kRoundDimension, 1);
  bench.tell("second", bench.vote_of(signs));
  CHECK(bench.last<Refuse>("second")->reason == RefusalReason::UnknownPeer);

  // It keeps its name as long as it is heard of.
  bench.tell("first", Heartbeat{kRoundRun, RoundId{0}});
  bench.now += beat * 5 / 2 - Duration(1);
  bench.tell("second", RoundBench::hello_of("ada", true));
  CHECK(bench.last<Refuse>("second") != nullptr);

  // Two and a half heartbeats of silence: its process is taken for dead.
  bench.now += Duration(1);
  bench.tell("second", RoundBench::hello_of("ada", true));
  REQUIRE(bench.last<Welcome>("second") != nullptr);
  CHECK(bench.last<Welcome>("second")->agent == bench.member("ada").id);
  CHECK(bench.machine().roster().live_count() == 2);
  bench.tell("first", bench.vote_of(signs));
  REQUIRE(bench.last<Refuse>("first") != nullptr);
  CHECK(bench.last<Refuse>("first")->reason == RefusalReason::UnknownPeer);
  bench.tell("second", bench.vote_of(signs));
  CHECK(bench.member("ada").votes == 1);
}

TEST_CASE("an agent whose connection is closed comes back over another one without waiting",
          "[coordinator][round]") {
  RoundBench bench(test::round_job(2));
  bench.tell("first", RoundBench::hello_of("ada", true));
  bench.join("bob");
  bench.tell("second", RoundBench::hello_of("ada", false));
  REQUIRE(bench.last<Refuse>("second") != nullptr);
  CHECK(bench.last<Refuse>("second")->reason == RefusalReason::NameTaken);
  // Whoever has the name is written to: only the transport knows whether its connection stands.
  REQUIRE(bench.last<Heartbeat>("first") != nullptr);
  bench.step(PeerGone{"first"});
  CHECK(bench.member("ada").live);
  bench.tell("second", RoundBench::hello_of("ada", false));
  REQUIRE(bench.last<Welcome>("second") != nullptr);
  CHECK(bench.member("ada").peer == "second");
  CHECK(bench.machine().roster().live_count() == 2);
  // The new session's connection is another one.
  bench.step(PeerGone{"first"});
  bench.tell("third", RoundBench::hello_of("ada", false));
  CHECK(bench.last<Refuse>("third") != nullptr);
}

TEST_CASE("a flood of hellos with the name of an agent is no flood of messages to it",
          "[coordinator][round]") {
  RoundBench bench(test::round_job(2));
  bench.join_all({"ada", "bob"});
  std::size_t beats = 0;
  for (int i = 0; i < 1000; ++i) {
    bench.now += std::chrono::milliseconds(1);
    bench.tell("flood " + std::to_string(i), RoundBench::hello_of("ada", false));
    beats += bench.last_to<Heartbeat>("ada") != nullptr ? 1U : 0U;
    CHECK(bench.member("ada").peer == RoundBench::peer_of("ada"));
  }
  CHECK(beats == 10);
}

TEST_CASE("data that do not fit the job are refused and their agent is out",
          "[coordinator][round]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const DataSummary& data :
       {DataSummary{0, {1, 2}, {1, 1}}, DataSummary{10, {1}, {1}}, DataSummary{10, {}, {}},
        DataSummary{10, {1, 2, 3}, {1, 1, 1}},
        DataSummary{std::numeric_limits<std::uint64_t>::max(), {1, 2}, {1, 1}}}) {
    RoundBench bench(test::round_job(2));
    bench.tell("1", hello_with("ada", data));
    REQUIRE(bench.last<Refuse>("1") != nullptr);
    CHECK(bench.last<Refuse>("1")->reason == RefusalReason::DataMismatch);
    CHECK(bench.last<Refuse>("1")->text.find("'ada'") != std::string::npos);
    CHECK(bench.count<SaveAgent>() == 0);
    CHECK(bench.machine().roster().live_count() == 0);
    bench.join("bob");
    CHECK_FALSE(bench.machine().begun());
    // With better data it may come again.
    bench.tell("1", RoundBench::hello_of("ada", true));
    CHECK(bench.machine().begun());
  }
  // A feature without any value on this board is no reason to refuse it.
  RoundBench bench(test::round_job(1));
  bench.tell("1", hello_with("ada", {10, {1, nan}, {1, nan}}));
  CHECK(bench.machine().begun());
}

TEST_CASE("agents that claim as many samples as there can be do not stop the coordinator",
          "[coordinator][round]") {
  RoundBench bench(test::round_job(2));
  const std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  bench.tell("1", hello_with("ada", {most, {1, 2}, {1e300, 1}}));
  bench.tell("2", hello_with("bob", {most, {-1, 2}, {1e300, 1}}));
  CHECK(bench.machine().begun());
}

TEST_CASE("an agent whose data are far larger than the others' is named before the first round",
          "[coordinator][round]") {
  for (const bool broken : {false, true}) {
    RoundBench bench;
    bench.join_all({"ada", "bob"});
    Hello hello = RoundBench::hello_of("eve", true);
    // One feature is unlike the others' anyway, as where each board has classes of its own.
    hello.data.mean = {broken ? 1e27 : 500.0, 0};
    bench.tell(RoundBench::peer_of("eve"), RoundBench::hello_of("eve", false));
    bench.tell(RoundBench::peer_of("eve"), hello);
    REQUIRE(bench.machine().begun());
    CHECK(bench.warned("the data of agent eve are") == broken);
    CHECK_FALSE(bench.warned("the data of agent ada"));
  }
}

TEST_CASE("names that cannot be are refused", "[coordinator][round]") {
  RoundBench bench;
  for (const auto& name : {std::string(), std::string(65, 'a'), std::string("a b"),
                           std::string("a\0b", 3), std::string("\xc3\xa4"), std::string("a/b")}) {
    bench.tell("1", RoundBench::hello_of(name, true));
    REQUIRE(bench.last<Refuse>("1") != nullptr);
    CHECK(bench.last<Refuse>("1")->reason == RefusalReason::Malformed);
    CHECK(bench.machine().roster().members().empty());
  }
}

TEST_CASE("a heartbeat is answered with the open round and whether the vote has come",
          "[coordinator][round]") {
  RoundBench bench(test::round_job(2));
  const auto answer = [&bench] {
    bench.beat("ada");
    const auto* beat = bench.last_to<Heartbeat>("ada");
    REQUIRE(beat != nullptr);
    CHECK(beat->run == kRoundRun);
    CHECK(beat->round == bench.open());
    return *beat;
  };
  bench.tell(RoundBench::peer_of("ada"), RoundBench::hello_of("ada", false));
  CHECK(answer().activity == Activity::Loading);
  bench.tell(RoundBench::peer_of("ada"), RoundBench::hello_of("ada", true));
  CHECK(answer().activity == Activity::Waiting);
  bench.join("bob");
  CHECK(answer().activity == Activity::Idle);
  CHECK_FALSE(answer().vote_received);
  bench.vote("ada");
  CHECK(answer().vote_received);
  bench.vote("bob");
  CHECK_FALSE(answer().vote_received);
  bench.abstain("ada");
  CHECK(answer().vote_received);
}

TEST_CASE("garbage is counted for its sender and does not flood the log", "[coordinator][round]") {
  RoundBench bench(test::round_job(1));
  bench.join("ada");
  for (int i = 1; i <= 1000; ++i) {
    // Half of it is well formed, but only a coordinator says it.
    if (i % 2 == 0) {
      bench.step(PeerGarbage{RoundBench::peer_of("ada"), "no frames"});
    } else {
      bench.tell(RoundBench::peer_of("ada"), Refuse{});
    }
    CHECK(bench.sent.empty());
  }
  bench.step(PeerGarbage{"stranger", "no frames"});
  CHECK(bench.member("ada").refusals[static_cast<std::size_t>(RefusalReason::Malformed)] == 1000);
  CHECK(bench.warnings.size() == 10);  // 1, 2, 4, ... 512
  CHECK(bench.warned("512 so far"));
  for (const Message& message : {Message{Welcome{}}, Message{Update{}}, Message{SnapshotChunk{}}})
    bench.tell(RoundBench::peer_of("ada"), message);
  CHECK(bench.member("ada").refusals[static_cast<std::size_t>(RefusalReason::Malformed)] == 1003);
}

TEST_CASE("an agent that comes and goes without an end is saved once, and told of now and then",
          "[coordinator][round]") {
  RoundBench bench(test::round_job(2));
  bench.join_all({"ada", "bob"});
  std::size_t saved = 0, notes = 0;
  for (int k = 0; k < 1000; ++k) {
    bench.join("eve");
    saved += bench.count<SaveAgent>();
    notes += bench.count<Note>();
    bench.tell(RoundBench::peer_of("eve"), test::leaving("bored"));
    notes += bench.count<Note>();
  }
  CHECK(saved == 1);
  CHECK(notes >= 2);
  CHECK(notes < 25);
}

TEST_CASE("an agent with other data than before is saved again", "[coordinator][round]") {
  RunState state = test::restarted_state(3, {"ada"});
  RoundBench bench(test::round_job(1), std::move(state));
  bench.join("ada");
  CHECK(bench.count<SaveAgent>() == 0);  // as many samples as the store knows
  bench.tell(RoundBench::peer_of("ada"), test::leaving("more data"));
  Hello hello = RoundBench::hello_of("ada", true);
  hello.data.samples = 11;
  bench.tell(RoundBench::peer_of("ada"), hello);
  CHECK(bench.count<SaveAgent>() == 1);
}

TEST_CASE("a snapshot that is asked for again is one replica that differed",
          "[coordinator][round]") {
  RoundBench bench(test::round_job(1));
  bench.join("ada");
  std::size_t notes = 0;
  for (int k = 0; k < 10; ++k) {
    bench.tell(RoundBench::peer_of("ada"),
               CatchUpRequest{test::kRoundRun, false, RoundId{0}, 1, {}, 0});
    notes += bench.count<Note>();
    CHECK(bench.last_to<SnapshotChunk>("ada") != nullptr);
  }
  CHECK(notes == 1);
  CHECK(bench.member("ada").resyncs == 1);
  bench.vote("ada");
  bench.tell(RoundBench::peer_of("ada"),
             CatchUpRequest{test::kRoundRun, false, RoundId{1}, 1, {}, 0});
  CHECK(bench.member("ada").resyncs == 2);
}

TEST_CASE("a ready agent that says hello again is told where the run stands",
          "[coordinator][round]") {
  RoundBench bench(test::round_job(2));
  bench.join_all({"ada", "bob"});
  for (const char* name : {"ada", "bob"}) bench.vote(name);
  bench.vote("ada");
  bench.tell(RoundBench::peer_of("ada"), RoundBench::hello_of("ada", true));
  REQUIRE(bench.last_to<Welcome>("ada") != nullptr);
  CHECK(bench.last_to<Welcome>("ada")->begun);
  CHECK(bench.last_to<Welcome>("ada")->round == RoundId{1});
  CHECK(bench.count<SaveAgent>() == 0);
  // The vote of before stays its vote.
  CHECK(bench.member("ada").answered);
  bench.vote("bob");
  CHECK(bench.reports.back().voters == 2);
}

TEST_CASE("an agent that starts over under another name leaves its old one",
          "[coordinator][round]") {
  RoundBench bench(test::round_job(2));
  bench.tell("1", RoundBench::hello_of("ada", true));
  bench.tell("1", RoundBench::hello_of("eve", true));
  CHECK_FALSE(bench.member("ada").live);
  CHECK(bench.member("eve").live);
  // One board under two names is one voter.
  CHECK_FALSE(bench.machine().begun());
}

}  // namespace signet
