#include "agent/session/catch_up.hpp"

#include <cstring>

#include "core/base/digest.hpp"
#include "tests/agent/session/session_bench.hpp"

namespace signet {

namespace {

using test::kAgentRun;
using test::OtherSide;
using test::SessionBench;

// Three chunks, the last one short.
constexpr std::size_t kBigDimension = 2 * kChunkBytes / sizeof(float) + 5;

std::vector<float> big_parameters(std::uint64_t seed) {
  Rng rng(seed);
  std::vector<float> x;
  for (std::size_t i = 0; i < kBigDimension; ++i) x.push_back(rng.uniform());
  return x;
}

SnapshotChunk big_chunk(const std::vector<float>& x, std::uint64_t round, std::uint32_t index) {
  const ByteView bytes = std::as_bytes(std::span(x));
  const std::size_t from = index * kChunkBytes;
  return {kAgentRun,
          RoundId{round},
          digest(std::span<const float>(x)),
          index,
          3,
          bytes.subspan(from, std::min(kChunkBytes, bytes.size() - from))};
}

/// Joined with a model of three chunks, far behind a run at round 100.
SessionBench big_bench() {
  SessionBench bench;
  bench.step(Tick{});
  bench.welcome(0, false);
  DataLoaded loaded;
  loaded.summary = {120, std::vector<double>(6, 1), std::vector<double>(6, 2)};
  loaded.initial_parameters = big_parameters(0);
  bench.step(loaded);
  bench.welcome(100);
  REQUIRE(bench.last_sent<CatchUpRequest>() != nullptr);
  return bench;
}

}  // namespace

TEST_CASE("an agent that joins a running run asks for what it missed before it trains",
          "[agent][session]") {
  SessionBench bench;
  bench.join(20);
  CHECK_FALSE(bench.training.has_value());
  const auto* request = bench.last_sent<CatchUpRequest>();
  REQUIRE(request != nullptr);
  CHECK(request->has_replica);
  CHECK(request->next_round == RoundId{0});
  CHECK(request->digest == bench.other.at(0).digest());
  CHECK(bench.session().status() == "round 0, catching up to 20");
  // Updates come in batches of eight; the next batch is asked for when one is there.
  std::size_t requests = 0;
  for (std::uint64_t round = 0; round < 20; ++round) {
    bench.update(round);
    requests += bench.count_sent<CatchUpRequest>();
    CHECK(bench.training.has_value() == (round == 19));
    if (round == 7 || round == 15) {
      REQUIRE(bench.last_sent<CatchUpRequest>() != nullptr);
      CHECK(bench.last_sent<CatchUpRequest>()->next_round == RoundId{round + 1});
    }
  }
  CHECK(requests == 2);
  CHECK(bench.in_step());
  bench.trained();
  CHECK(bench.votes.back().round == RoundId{20});
  // Caught up: nothing is asked for any more.
  bench.pass(std::chrono::seconds(4));
  CHECK(bench.count_sent<CatchUpRequest>() == 0);
}

TEST_CASE("a request whose answer is lost is repeated after longer and longer waits",
          "[agent][session]") {
  SessionBench bench;
  bench.join(5);
  std::vector<Instant> asked{bench.now};
  for (int i = 0; i < 100; ++i) {
    bench.pass(std::chrono::seconds(1));
    for (std::size_t m = 0; m < bench.sent.size(); ++m)
      if (std::holds_alternative<CatchUpRequest>(bench.sent[m])) asked.push_back(bench.sent_at[m]);
    bench.beat(5);  // the coordinator lives
    CHECK(bench.count_sent<CatchUpRequest>() == 0);
  }
  double wait = 0.5;
  for (std::size_t i = 1; i < asked.size(); ++i) {
    CHECK(seconds(asked[i] - asked[i - 1]) >= 0.75 * wait - 1e-4);
    CHECK(seconds(asked[i] - asked[i - 1]) <= 1.25 * wait + 1e-4);
    wait = std::min(1.5 * wait, 10.0);
  }
  CHECK(wait == 10);
  CHECK(seconds(bench.now - asked.back()) <= 12.6);
  for (std::uint64_t round = 0; round < 5; ++round) bench.update(round);
  CHECK(bench.training.has_value());
}

TEST_CASE("a snapshot is asked for chunk by chunk", "[agent][session]") {
  const auto x = big_parameters(1);
  SessionBench bench = big_bench();
  for (const std::uint32_t index : {0U, 1U}) {
    bench.hear(big_chunk(x, 100, index));
    const auto* request = bench.last_sent<CatchUpRequest>();
    REQUIRE(request != nullptr);
    CHECK(request->snapshot_round == RoundId{100});
    CHECK(request->chunk == index + 1);
    // The same chunk once more does no harm.
    bench.hear(big_chunk(x, 100, index == 0 ? 2 : 1));
    CHECK(bench.sent.empty());
  }
  bench.hear(big_chunk(x, 100, 2));
  CHECK(bench.round() == 100);
  CHECK(bench.session().replica()->digest() == digest(std::span<const float>(x)));
  CHECK(bench.training.has_value());
}

TEST_CASE("a lost chunk is asked for again and not the whole snapshot", "[agent][session]") {
  const auto x = big_parameters(1);
  SessionBench bench = big_bench();
  bench.hear(big_chunk(x, 100, 0));
  bench.pass(std::chrono::milliseconds(2900));
  CHECK(bench.count_sent<CatchUpRequest>() == 0);  // on a slow link it is under way
  bench.beat(100);
  bench.pass(std::chrono::seconds(3));
  const auto* request = bench.last_sent<CatchUpRequest>();
  REQUIRE(request != nullptr);
  CHECK(request->chunk == 1);
  CHECK(request->snapshot_round == RoundId{100});
  // The coordinator does not have that one any more: it begins another from its first chunk.
  const auto y = big_parameters(2);
  for (const std::uint32_t index : {0U, 1U, 2U}) bench.hear(big_chunk(y, 140, index));
  CHECK(bench.round() == 140);
  CHECK(bench.session().replica()->digest() == digest(std::span<const float>(y)));
}

TEST_CASE("half a snapshot is forgotten with the coordinator that it was of", "[agent][session]") {
  const auto x = big_parameters(1), y = big_parameters(2);
  SessionBench bench = big_bench();
  bench.hear(big_chunk(x, 100, 0));
  bench.refuse(RefusalReason::UnknownPeer);
  bench.welcome(100);
  bench.welcome(100);
  REQUIRE(bench.last_sent<CatchUpRequest>() != nullptr);
  CHECK(bench.last_sent<CatchUpRequest>()->chunk == 0);
  for (const std::uint32_t index : {0U, 1U, 2U}) bench.hear(big_chunk(y, 100, index));
  CHECK(bench.session().replica()->digest() == digest(std::span<const float>(y)));
}

TEST_CASE("a snapshot with a wrong digest or shape is not used, and asked for again",
          "[agent][session]") {
  SessionBench bench;
  bench.join(50);
  bench.snapshot(bench.other, 50, /*digest_flip=*/1);
  CHECK(bench.round() == 0);
  CHECK(bench.warned("has digest"));
  CHECK_FALSE(bench.training.has_value());
  bench.pass(std::chrono::seconds(2));
  REQUIRE(bench.last_sent<CatchUpRequest>() != nullptr);
  bench.hear(SnapshotChunk{kAgentRun, RoundId{50}, 1, 0, 2,
                           std::as_bytes(bench.other.at(50).parameters())});
  CHECK(bench.warned("a snapshot of 2 chunks"));
  bench.pass(std::chrono::seconds(4));
  REQUIRE(bench.last_sent<CatchUpRequest>() != nullptr);
  CHECK(bench.last_sent<CatchUpRequest>()->chunk == 0);
  bench.snapshot(bench.other, 50);
  CHECK(bench.round() == 50);
  CHECK(bench.training.has_value());
}

TEST_CASE("snapshot chunks that nobody asked for are ignored", "[agent][session]") {
  SessionBench bench;
  OtherSide other(2);
  bench.join_and_vote(3);
  bench.snapshot(other, 60);
  CHECK(bench.round() == 3);
  CHECK(bench.in_step());
  CHECK(bench.actions.empty());
}

TEST_CASE("an agent ahead of a coordinator that lost rounds goes back by snapshot",
          "[agent][session]") {
  SessionBench bench;
  OtherSide again(2);  // other votes this time
  bench.join_and_vote(10);
  bench.refuse(RefusalReason::UnknownPeer);
  bench.welcome(10);  // to the hello
  bench.run = kAgentRun;
  bench.refuse(RefusalReason::UnknownPeer);
  bench.welcome(4);
  REQUIRE(bench.last_sent<Hello>() != nullptr);
  bench.welcome(4);
  const auto* request = bench.last_sent<CatchUpRequest>();
  REQUIRE(request != nullptr);
  CHECK_FALSE(request->has_replica);
  bench.snapshot(again, 4);
  CHECK(bench.round() == 4);
  REQUIRE(bench.training.has_value());
  bench.trained();
  CHECK(bench.votes.back().round == RoundId{4});
  CHECK(bench.votes.back().digest == again.at(4).digest());
  bench.update_of(again, 4);
  CHECK(bench.round() == 5);
  CHECK(bench.session().replica()->digest() == again.at(5).digest());
}

TEST_CASE("an agent of another history takes the snapshot that answers its question",
          "[agent][session]") {
  // It does not know that its replica is of rounds that were taken back: it asks for what follows,
  // and is sent a snapshot that is not newer than its own.
  SessionBench bench;
  OtherSide again(2);
  bench.join_and_vote(10);
  bench.beat(12);
  REQUIRE(bench.last_sent<CatchUpRequest>() != nullptr);
  CHECK(bench.last_sent<CatchUpRequest>()->has_replica);
  bench.snapshot(again, 8);
  CHECK(bench.round() == 8);
  CHECK(bench.session().replica()->digest() == again.at(8).digest());
  // And goes on from there.
  REQUIRE(bench.last_sent<CatchUpRequest>() != nullptr);
  CHECK(bench.last_sent<CatchUpRequest>()->next_round == RoundId{8});
  for (std::uint64_t round = 8; round < 12; ++round) bench.update_of(again, round);
  CHECK(bench.round() == 12);
  CHECK(bench.training.has_value());
}

TEST_CASE("an agent that took the open round for later than it is does not ask for ever",
          "[agent][session]") {
  SessionBench bench;
  bench.join_and_vote(6);
  bench.beat(9);  // of before the coordinator lost rounds
  REQUIRE(bench.last_sent<CatchUpRequest>() != nullptr);
  const std::size_t before = bench.votes.size();
  bench.snapshot(bench.other, 6);  // "this is where I am"
  CHECK(bench.count_sent<CatchUpRequest>() == 0);
  bench.pass(std::chrono::seconds(4));
  CHECK(bench.count_sent<CatchUpRequest>() == 0);
  CHECK(bench.votes.size() == before);
  CHECK(bench.session().status() == "round 6, loss 0.5, waiting for the update");
}

TEST_CASE("pending updates are taken by round and bounded", "[agent][session]") {
  PendingUpdates pending;
  const SignVector signs = test::random_signs(21, 1), ties = test::random_signs(21, 2);
  const auto update_of = [&](std::uint64_t round) {
    return Update{kAgentRun,     RoundId{round}, static_cast<float>(round), round + 7, 0, 1,
                  signs.bytes(), ties.bytes()};
  };
  for (std::uint64_t round = 0; round < 1000; ++round) {
    REQUIRE(pending.keep(update_of((round * 7) % 1000), 21));
    CHECK(pending.size() <= PendingUpdates::kMax);
  }
  // The nearest are those that stay.
  for (std::uint64_t round = 0; round < PendingUpdates::kMax; ++round) {
    const auto taken = pending.take(RoundId{round});
    REQUIRE(taken.has_value());
    CHECK(taken->rate == static_cast<float>(round));
    CHECK(taken->digest == round + 7);
    CHECK(taken->signs == signs);
    CHECK(taken->ties == ties);
    CHECK_FALSE(pending.take(RoundId{round}).has_value());
  }
  CHECK(pending.size() == 0);
  for (const std::uint64_t round : {3U, 4U, 5U}) REQUIRE(pending.keep(update_of(round), 21));
  pending.drop_before(RoundId{5});
  CHECK(pending.size() == 1);
  CHECK(pending.take(RoundId{5}).has_value());
  const auto refused = pending.keep(update_of(6), 64);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Mismatch);
  Update bad_ties = update_of(6);
  bad_ties.ties = bad_ties.ties.first(1);
  CHECK_FALSE(pending.keep(bad_ties, 21));
  CHECK(pending.size() == 0);
}

TEST_CASE("a snapshot is put together from its chunks in order", "[agent][session]") {
  const auto x = big_parameters(1), y = big_parameters(2);
  SnapshotAssembly assembly(kBigDimension);
  CHECK_FALSE(*assembly.add(big_chunk(x, 9, 1)));  // the first one is missing
  CHECK(assembly.next_chunk() == 0);
  CHECK(*assembly.add(big_chunk(x, 9, 0)));
  CHECK_FALSE(*assembly.add(big_chunk(x, 9, 2)));
  CHECK_FALSE(*assembly.add(big_chunk(x, 8, 1)));  // of another round
  CHECK_FALSE(*assembly.add(big_chunk(y, 9, 1)));  // of other parameters
  CHECK(*assembly.add(big_chunk(x, 9, 1)));
  CHECK_FALSE(assembly.complete());
  CHECK(*assembly.add(big_chunk(y, 30, 0)));  // begins anew
  CHECK(assembly.round() == RoundId{30});
  CHECK(*assembly.add(big_chunk(y, 30, 1)));
  CHECK(*assembly.add(big_chunk(y, 30, 2)));
  REQUIRE(assembly.complete());
  const auto replica = assembly.finish();
  REQUIRE(replica);
  CHECK(replica->next_round() == RoundId{30});
  CHECK(std::ranges::equal(replica->parameters(), y));
  CHECK_FALSE(assembly.complete());
  CHECK(assembly.next_chunk() == 0);

  SnapshotChunk chunk = big_chunk(x, 9, 0);
  for (const std::uint32_t chunks : {0U, 1U, 2U, 4U, ~0U}) {
    chunk.chunks = chunks;
    const auto refused = assembly.add(chunk);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::Mismatch);
  }
  chunk = big_chunk(x, 9, 0);
  chunk.data = chunk.data.first(chunk.data.size() - 1);
  CHECK_FALSE(assembly.add(chunk));
  chunk = big_chunk(x, 9, 2);
  chunk.data = big_chunk(x, 9, 0).data;
  CHECK_FALSE(assembly.add(chunk));
  chunk.chunk = 77'777;
  CHECK_FALSE(assembly.add(chunk));
}

}  // namespace signet
