#include "coordinator/round/catch_up_server.hpp"

#include <cstring>
#include <optional>

#include "core/wire/codec.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/sign_patterns.hpp"

namespace signet {

namespace {

constexpr RunId kServedRun{42};
constexpr float kServedRate = 0.125F;

// Two chunks and a rest that is no whole word.
constexpr std::size_t kManyParameters = 2 * kChunkBytes / sizeof(float) + 3;

/// A coordinator's replica with its server, and every replica it ever was.
class ServedRun {
 public:
  explicit ServedRun(std::size_t dimension = 70) : replica_(start(dimension), RoundId{0}) {
    history_.push_back(replica_);
  }

  void close_rounds(std::size_t rounds) {
    for (std::size_t n = 0; n < rounds; ++n) {
      auto update = std::make_shared<UpdateRecord>();
      update->round = replica_.next_round();
      update->rate = kServedRate;
      update->signs = test::random_signs(replica_.dimension(), update->round.value);
      if (update->round.value % 3 == 0)
        update->ties = test::random_signs(replica_.dimension(), update->round.value + 999, 0.2F);
      update->digest = replica_.digest();
      replica_.apply(update->rate, update->signs, update->ties);
      server.remember(update);
      history_.push_back(replica_);
    }
  }

  const Replica& now() const { return replica_; }
  const Replica& at(std::size_t round) const { return history_.at(round); }

  static CatchUpRequest request_of(const Replica& replica) {
    return {kServedRun, true, replica.next_round(), replica.digest(), {}, 0};
  }
  std::vector<std::vector<Bytes>> ask(const CatchUpRequest& request) {
    return server.answer(request, replica_, 1234);
  }

  CatchUpServer server{kServedRun};

 private:
  static std::vector<float> start(std::size_t dimension) {
    std::vector<float> x;
    Rng rng(3);
    for (std::size_t i = 0; i < dimension; ++i) x.push_back(rng.uniform());
    return x;
  }
  Replica replica_;
  std::vector<Replica> history_;
};

Message decoded(const std::vector<Bytes>& frames) {
  auto message = decode(std::vector<ByteView>(frames.begin(), frames.end()));
  REQUIRE(message);
  return *message;
}

/// A reader that does what it is told; counts what it took. nullopt: it was led nowhere.
struct Reader {
  std::size_t updates = 0, chunks = 0, requests = 0;

  std::optional<Replica> follow(ServedRun& run, Replica replica) {
    while (replica.next_round() < run.now().next_round() && requests < 100) {
      ++requests;
      auto answer = run.ask(ServedRun::request_of(replica));
      if (answer.empty()) return std::nullopt;
      if (std::holds_alternative<SnapshotChunk>(decoded(answer[0]))) {
        replica = read_snapshot(run, answer);
        continue;
      }
      CHECK(answer.size() <= kCatchUpBatch);
      for (const auto& frames : answer) apply(replica, frames);
    }
    return replica;
  }

  void apply(Replica& replica, const std::vector<Bytes>& frames) {
    const Message message = decoded(frames);
    const auto* update = std::get_if<Update>(&message);
    REQUIRE(update != nullptr);
    REQUIRE(update->round == replica.next_round());
    CHECK(update->run == kServedRun);
    CHECK(update->deadline_ms == 1234);
    const auto signs = SignVector::from_bytes(update->signs, replica.dimension());
    REQUIRE(signs);
    SignVector ties;
    if (!update->ties.empty()) ties = *SignVector::from_bytes(update->ties, replica.dimension());
    CHECK(replica.digest() == update->digest);
    replica.apply(update->rate, *signs, ties);
    ++updates;
  }

  Replica read_snapshot(ServedRun& run, std::vector<std::vector<Bytes>> answer) {
    Bytes all;
    CatchUpRequest request{kServedRun, false, {}, 0, {}, 0};
    for (;;) {
      REQUIRE(answer.size() == 1);
      const Message message = decoded(answer[0]);
      const auto* chunk = std::get_if<SnapshotChunk>(&message);
      REQUIRE(chunk != nullptr);
      REQUIRE(chunk->chunk == request.chunk);
      CHECK(chunk->run == kServedRun);
      CHECK(chunk->data.size() <= kChunkBytes);
      all.insert(all.end(), chunk->data.begin(), chunk->data.end());
      ++chunks;
      if (chunk->chunk + 1 == chunk->chunks) {
        std::vector<float> x(all.size() / sizeof(float));
        REQUIRE(all.size() == run.now().dimension() * sizeof(float));
        std::memcpy(x.data(), all.data(), all.size());
        Replica replica(std::move(x), chunk->next_round);
        CHECK(replica.digest() == chunk->digest);
        return replica;
      }
      request.snapshot_round = chunk->next_round;
      ++request.chunk;
      answer = run.ask(request);
    }
  }
};

}  // namespace

TEST_CASE("a replica that missed fewer than 32 rounds is led by the log, in batches of 8",
          "[coordinator][round]") {
  ServedRun run;
  run.close_rounds(100);
  for (std::size_t missed = 1; missed < 32; ++missed) {
    Reader reader;
    const auto replica = reader.follow(run, run.at(100 - missed));
    REQUIRE(replica);
    CHECK(replica->digest() == run.now().digest());
    CHECK(reader.updates == missed);
    CHECK(reader.chunks == 0);
    CHECK(reader.requests == (missed + 7) / 8);
  }
}

TEST_CASE("a replica that missed 32 rounds or more gets a snapshot", "[coordinator][round]") {
  for (const std::size_t missed : {32U, 33U, 34U, 100U}) {
    ServedRun run;
    run.close_rounds(100);
    Reader reader;
    const auto replica = reader.follow(run, run.at(100 - missed));
    REQUIRE(replica);
    CHECK(replica->digest() == run.now().digest());
    CHECK(reader.chunks == 1);
    CHECK(reader.updates == 0);
  }
}

TEST_CASE("the first rounds are served from the start of the run", "[coordinator][round]") {
  ServedRun run;
  run.close_rounds(5);
  Reader reader;
  const auto replica = reader.follow(run, run.at(0));
  REQUIRE(replica);
  CHECK(replica->digest() == run.now().digest());
  CHECK(reader.updates == 5);
}

TEST_CASE("after a restart with a short log older replicas get a snapshot",
          "[coordinator][round]") {
  ServedRun run;
  run.close_rounds(20);
  ServedRun again;  // the same rounds, but only the last ones are remembered
  again.close_rounds(15);
  again.server = CatchUpServer(kServedRun);
  again.close_rounds(5);
  REQUIRE(again.now().digest() == run.now().digest());
  for (std::size_t round = 0; round < 20; ++round) {
    INFO(round);
    Reader reader;
    const auto replica = reader.follow(again, run.at(round));
    REQUIRE(replica);
    CHECK(replica->digest() == run.now().digest());
    // The first update that is remembered says what it steps from.
    CHECK((reader.chunks == 0) == (round >= 15));
  }
}

TEST_CASE("a replica of another digest, run or future gets a snapshot", "[coordinator][round]") {
  ServedRun run;
  run.close_rounds(50);
  const auto is_snapshot = [&run](const CatchUpRequest& request) {
    const auto answer = run.ask(request);
    const Message message = decoded(answer.at(0));
    const auto* chunk = std::get_if<SnapshotChunk>(&message);
    return answer.size() == 1 && chunk != nullptr && chunk->next_round == RoundId{50} &&
           chunk->digest == run.now().digest();
  };
  CHECK_FALSE(is_snapshot(ServedRun::request_of(run.at(40))));

  CatchUpRequest request = ServedRun::request_of(run.at(40));
  request.digest ^= 1;
  CHECK(is_snapshot(request));
  request = ServedRun::request_of(run.at(40));
  request.run.value ^= 1;
  CHECK(is_snapshot(request));
  request = ServedRun::request_of(run.at(40));
  request.has_replica = false;
  CHECK(is_snapshot(request));
  request = ServedRun::request_of(run.at(40));
  request.next_round = RoundId{51};
  CHECK(is_snapshot(request));
  request.next_round = RoundId{~std::uint64_t{0}};
  CHECK(is_snapshot(request));
  CHECK(is_snapshot(ServedRun::request_of(run.now())));
}

TEST_CASE("a snapshot is shared by readers while the log leads on from it",
          "[coordinator][round]") {
  ServedRun run(kManyParameters);
  run.close_rounds(40);
  const auto round_of = [&run](const CatchUpRequest& request) {
    const Message message = decoded(run.ask(request).at(0));
    const auto* chunk = std::get_if<SnapshotChunk>(&message);
    REQUIRE(chunk != nullptr);
    return chunk->next_round.value;
  };
  const CatchUpRequest anew{kServedRun, false, {}, 0, {}, 0};
  CHECK(round_of(anew) == 40);
  run.close_rounds(31);
  CHECK(round_of(anew) == 40);
  // The reader of before goes on where it was.
  CatchUpRequest second = anew;
  second.snapshot_round = RoundId{40};
  second.chunk = 1;
  CHECK(round_of(second) == 40);
  // And both end where the coordinator is.
  Reader reader;
  const auto replica = reader.follow(run, run.at(0));
  REQUIRE(replica);
  CHECK(replica->digest() == run.now().digest());
  CHECK(reader.chunks == 3);
  CHECK(reader.updates == 31);

  run.close_rounds(1);
  CHECK(round_of(anew) == 72);
}

TEST_CASE("whoever is at or beyond a shared snapshot gets a newer one", "[coordinator][round]") {
  ServedRun run;
  run.close_rounds(40);
  const auto round_of = [&run](CatchUpRequest request) {
    const Message message = decoded(run.ask(request).at(0));
    const auto* chunk = std::get_if<SnapshotChunk>(&message);
    REQUIRE(chunk != nullptr);
    return chunk->next_round.value;
  };
  REQUIRE(round_of({kServedRun, false, {}, 0, {}, 0}) == 40);
  run.close_rounds(10);
  // Of another history than ours: the snapshot at 40 would lead it back to where it came from.
  CatchUpRequest strayed = ServedRun::request_of(run.at(45));
  strayed.digest ^= 1;
  CHECK(round_of(strayed) == 50);
  // Nothing is missing: told with our own round, not with an older one.
  run.close_rounds(1);
  CHECK(round_of(ServedRun::request_of(run.now())) == 51);
}

TEST_CASE("a reader of a snapshot goes on although a newer one is begun for somebody else",
          "[coordinator][round]") {
  ServedRun run(kManyParameters);
  run.close_rounds(40);
  CatchUpRequest request{kServedRun, false, {}, 0, {}, 0};
  const Message first = decoded(run.ask(request).at(0));
  REQUIRE(std::get<SnapshotChunk>(first).next_round == RoundId{40});
  run.close_rounds(40);
  const Message other = decoded(run.ask(request).at(0));
  REQUIRE(std::get<SnapshotChunk>(other).next_round == RoundId{80});
  request.snapshot_round = RoundId{40};
  for (const std::uint32_t chunk : {1U, 2U}) {
    request.chunk = chunk;
    const auto answer = run.ask(request);
    const Message more = decoded(answer.at(0));
    CHECK(std::get<SnapshotChunk>(more).next_round == RoundId{40});
    CHECK(std::get<SnapshotChunk>(more).chunk == chunk);
  }
}

TEST_CASE("chunk requests of an unknown snapshot begin anew", "[coordinator][round]") {
  ServedRun run(kManyParameters);
  run.close_rounds(40);
  const auto chunk_of = [&run](const CatchUpRequest& request) {
    const auto answer = run.ask(request);
    REQUIRE(answer.size() == 1);
    const Message message = decoded(answer[0]);
    REQUIRE(std::holds_alternative<SnapshotChunk>(message));
    return std::get<SnapshotChunk>(message).chunk;
  };
  CatchUpRequest request{kServedRun, false, {}, 0, RoundId{40}, 2};
  CHECK(chunk_of(request) == 0);  // nothing was served yet
  CHECK(chunk_of(request) == 2);
  request.snapshot_round = RoundId{39};
  CHECK(chunk_of(request) == 0);
  request.snapshot_round = RoundId{40};
  request.run.value ^= 1;
  CHECK(chunk_of(request) == 0);
  request.run = kServedRun;
  request.chunk = 3;  // there are three
  CHECK(chunk_of(request) == 2);
  request.chunk = ~std::uint32_t{0};
  CHECK(chunk_of(request) == 2);
}

TEST_CASE("the log keeps no more than it may serve", "[coordinator][round]") {
  ServedRun run;
  std::vector<std::weak_ptr<const UpdateRecord>> records;
  for (int round = 0; round < 200; ++round) {
    run.close_rounds(1);
    records.push_back(run.server.last());
    std::size_t kept = 0;
    for (const auto& record : records) kept += record.expired() ? 0U : 1U;
    CHECK(kept <= kLogRounds + 1);
  }
  // Nor more than two frozen snapshots, however many ask, and the one that is held here.
  std::vector<std::weak_ptr<const SnapshotRecord>> snapshots;
  for (int round = 0; round < 100; ++round) {
    run.close_rounds(1);
    const SharedSnapshot held = run.server.freeze(run.now());
    snapshots.push_back(held);
    CHECK(run.server.freeze(run.now()) == held);
    if (round % 7 == 0) run.ask({kServedRun, false, {}, 0, {}, 0});
    std::size_t kept = 0;
    for (const auto& snapshot : snapshots) kept += snapshot.expired() ? 0U : 1U;
    CHECK(kept <= 3);
  }
}

}  // namespace signet
