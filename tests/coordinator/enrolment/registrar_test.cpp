#include "coordinator/enrolment/registrar.hpp"

#include "core/base/random.hpp"
#include "tests/coordinator/enrolment/some_fleet.hpp"

namespace signet {
namespace registrar_test {

using namespace test;

constexpr const char* kServerKey = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";

/// Remembers what it saved, as far as its disk has room.
class FakeStore final : public FleetStore {
 public:
  Result<FleetRecord> load() override { return FleetRecord{}; }
  Status save(const FleetChange& change) override {
    if (full) return Error{ErrorKind::Full, "disk full"};
    saved.push_back(change);
    return {};
  }
  bool full = false;
  std::vector<FleetChange> saved;
};

struct Bench {
  FakeStore store;
  Instant now{};
  char next_secret = 'a';
  std::unique_ptr<Registrar> registrar = std::move(
      *Registrar::open({store, kServerKey, [this] { return secret_of(next_secret++); }}, now));

  std::optional<EnrolAnswer> ask(const std::string& key, const EnrolRequest& request) {
    const auto reply = registrar->answer(now, key, encode(request));
    if (!reply) return std::nullopt;
    const auto answer = decode_enrol_answer(reply->frame);
    REQUIRE(answer);
    return *answer;
  }
};

TEST_CASE("a token holds the addresses, the port and the server's key",
          "[coordinator][enrolment]") {
  Bench bench;
  const auto made = bench.registrar->make_token("", {"tcp://laptop:7300"}, 7302);
  REQUIRE(made);
  const auto token = parse_token(made->text);
  REQUIRE(token);
  CHECK(*token == JoinToken{{"tcp://laptop:7300"}, 7302, kServerKey, secret_of('a')});
  CHECK(made->number == 1);
  CHECK(bench.registrar->make_token("", {"tcp://laptop:7300"}, 7302)->number == 2);
}

TEST_CASE("a board is saved before it is told that it is enrolled", "[coordinator][enrolment]") {
  Bench bench;
  REQUIRE(bench.registrar->make_token("", {"tcp://laptop:7300"}, 7302));
  REQUIRE(bench.store.saved.size() == 1);
  bench.store.full = true;
  const auto refused = bench.ask(key_of("ada"), request_with('a', "ada"));
  REQUIRE(refused);
  CHECK(refused->verdict == EnrolVerdict::TryLater);
  CHECK(bench.registrar->fleet().name_of(key_of("ada")) == nullptr);
  bench.store.full = false;
  CHECK(bench.ask(key_of("ada"), request_with('a', "ada"))->verdict == EnrolVerdict::Enrolled);
  CHECK(std::holds_alternative<BoardEnrolled>(bench.store.saved.back()));
  CHECK(bench.registrar->fleet().name_of(key_of("ada")) != nullptr);
}

TEST_CASE("an order that cannot be saved changes nothing", "[coordinator][enrolment]") {
  Bench bench;
  REQUIRE(bench.registrar->make_token("", {"tcp://laptop:7300"}, 7302));
  bench.ask(key_of("ada"), request_with('a', "ada"));
  bench.store.full = true;
  CHECK(bench.registrar->revoke("ada").error().kind == ErrorKind::Full);
  CHECK(bench.registrar->rename("ada", "bob").error().kind == ErrorKind::Full);
  CHECK(bench.registrar->make_token("", {"tcp://laptop:7300"}, 7302).error().kind ==
        ErrorKind::Full);
  CHECK(*bench.registrar->fleet().name_of(key_of("ada")) == "ada");
  bench.store.full = false;
  CHECK(*bench.registrar->revoke("ada") == key_of("ada"));
  CHECK(bench.registrar->fleet().name_of(key_of("ada")) == nullptr);
}

TEST_CASE("boards that ask without end are answered five times a second",
          "[coordinator][enrolment]") {
  Bench bench;
  int answered = 0;
  for (int i = 0; i < 10'000; ++i) {
    bench.now += std::chrono::milliseconds(1);
    answered += bench.ask(key_of("x"), request_with('z', "x")) ? 1 : 0;
  }
  CHECK(answered >= 20 + 49);
  CHECK(answered <= 20 + 50);
}

TEST_CASE("bytes that are no request get no answer", "[coordinator][enrolment]") {
  Bench bench;
  Rng rng(3);
  for (int i = 0; i < 15; ++i) {
    Bytes noise(rng.below(500));
    for (auto& byte : noise) byte = static_cast<std::byte>(rng.below(256));
    CHECK_FALSE(bench.registrar->answer(bench.now, key_of("x"), noise));
  }
  CHECK_FALSE(bench.registrar->answer(bench.now, key_of("x"), encode(EnrolAnswer{})));
}

}  // namespace registrar_test
}  // namespace signet
