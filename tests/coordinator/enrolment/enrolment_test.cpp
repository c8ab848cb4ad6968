#include "coordinator/enrolment/enrolment.hpp"

#include "tests/coordinator/enrolment/some_fleet.hpp"

namespace signet {
namespace enrolment_test {

using namespace test;

TEST_CASE("a board with a token is enrolled under the name that it wants",
          "[coordinator][enrolment]") {
  Enrolment fleet;
  CHECK(fleet.name_of(key_of("ada")) == nullptr);
  make_token(fleet, 'a');
  const auto answer = enrol(fleet, key_of("ada"), request_with('a', "ada"));
  CHECK(answer.verdict == EnrolVerdict::Enrolled);
  CHECK(answer.name == "ada");
  REQUIRE(fleet.name_of(key_of("ada")) != nullptr);
  CHECK(*fleet.name_of(key_of("ada")) == "ada");
}

TEST_CASE("a token's name goes before the host's, and is not to be argued with",
          "[coordinator][enrolment]") {
  Enrolment fleet;
  make_token(fleet, 'a', "attic");
  const auto other = enrol(fleet, key_of("x"), request_with('a', "cellar"));
  CHECK(other.verdict == EnrolVerdict::BadName);
  CHECK(other.text.find("the token is for 'attic'") != std::string::npos);
  CHECK(enrol(fleet, key_of("x"), request_with('a')).name == "attic");
  make_token(fleet, 'b');
  CHECK(enrol(fleet, key_of("y"), request_with('b')).name == "host");
}

TEST_CASE("a token works once, for one board", "[coordinator][enrolment]") {
  Enrolment fleet;
  make_token(fleet, 'a');
  CHECK(fleet.open_tokens().size() == 1);
  REQUIRE(enrol(fleet, key_of("ada"), request_with('a', "ada")).verdict == EnrolVerdict::Enrolled);
  CHECK(fleet.open_tokens().empty());
  const auto second = enrol(fleet, key_of("bob"), request_with('a', "bob"));
  CHECK(second.verdict == EnrolVerdict::BadToken);
  CHECK(second.text.find("has been used") != std::string::npos);
  CHECK(fleet.name_of(key_of("bob")) == nullptr);
}

TEST_CASE("the board that used a token gets the same answer again", "[coordinator][enrolment]") {
  Enrolment fleet;
  make_token(fleet, 'a');
  enrol(fleet, key_of("ada"), request_with('a', "ada"));
  const auto again = fleet.decide(key_of("ada"), request_with('a', "ada"));
  CHECK(again.answer.verdict == EnrolVerdict::Enrolled);
  CHECK(again.answer.name == "ada");
  CHECK_FALSE(again.change);
}

TEST_CASE("a secret that no token has enrols nobody", "[coordinator][enrolment]") {
  Enrolment fleet;
  make_token(fleet, 'a');
  for (auto request : {request_with('b', "x"), request_with('\0', "x")}) {
    const auto answer = enrol(fleet, key_of("x"), request);
    CHECK(answer.verdict == EnrolVerdict::BadToken);
    CHECK(answer.text.find("signet token") != std::string::npos);
  }
  auto half = request_with('a', "x");
  half.secret.resize(8);
  CHECK(enrol(fleet, key_of("x"), half).verdict == EnrolVerdict::BadToken);
  CHECK(fleet.names().empty());
}

TEST_CASE("a withdrawn token enrols nobody", "[coordinator][enrolment]") {
  Enrolment fleet;
  make_token(fleet, 'a');
  make_token(fleet, 'b');
  REQUIRE(fleet.open_tokens().size() == 2);
  const auto dropped = fleet.drop_token(fleet.open_tokens()[0].number);
  REQUIRE(dropped);
  fleet.apply(*dropped);
  CHECK(enrol(fleet, key_of("x"), request_with('a', "x")).verdict == EnrolVerdict::BadToken);
  CHECK(enrol(fleet, key_of("x"), request_with('b', "x")).verdict == EnrolVerdict::Enrolled);
  const auto used = fleet.drop_token(2);
  REQUIRE_FALSE(used);
  CHECK(used.error().message.find("no open token 2") != std::string::npos);
}

TEST_CASE("too many open tokens end the oldest", "[coordinator][enrolment]") {
  Enrolment fleet;
  for (std::size_t i = 0; i <= kOpenTokensMax; ++i) {
    SecretHash hash{};
    hash[0] = static_cast<std::byte>(i & 0xffU);
    hash[1] = static_cast<std::byte>(i >> 8U);
    const auto changes = fleet.make_token(hash, "");
    REQUIRE(changes);
    for (const auto& change : *changes) fleet.apply(change);
  }
  const auto open = fleet.open_tokens();
  CHECK(open.size() == kOpenTokensMax);
  CHECK(open.front().number == 2);
}

TEST_CASE("a name is one board's", "[coordinator][enrolment]") {
  Enrolment fleet;
  add_board(fleet, "ada");
  make_token(fleet, 'b');
  const auto answer = enrol(fleet, key_of("x"), request_with('b', "ada"));
  CHECK(answer.verdict == EnrolVerdict::BadName);
  CHECK(answer.text.find("--name") != std::string::npos);
  const auto bad = enrol(fleet, key_of("x"), request_with('b', "no name"));
  CHECK(bad.verdict == EnrolVerdict::BadName);
  CHECK(enrol(fleet, key_of("x"), request_with('b', "bob")).verdict == EnrolVerdict::Enrolled);
  const auto taken = fleet.make_token(hash_secret(secret_of('c')), "ada");
  REQUIRE_FALSE(taken);
  CHECK(taken.error().kind == ErrorKind::Denied);
}

TEST_CASE("a revoked key is nobody's, and its name is free", "[coordinator][enrolment]") {
  Enrolment fleet;
  add_board(fleet, "ada");
  const auto revoked = fleet.revoke("ada");
  REQUIRE(revoked);
  fleet.apply(*revoked);
  CHECK(fleet.name_of(key_of("ada")) == nullptr);
  CHECK(fleet.was_revoked("ada"));
  CHECK(fleet.revoked_names() == std::vector<std::string>{"ada"});
  CHECK_FALSE(fleet.revoke("ada"));
  make_token(fleet, 'b');
  const auto same_key = enrol(fleet, key_of("ada"), request_with('b', "ada"));
  CHECK(same_key.verdict == EnrolVerdict::Revoked);
  CHECK(same_key.text.find("delete its key file") != std::string::npos);
  CHECK(enrol(fleet, key_of("ada2"), request_with('b', "ada")).verdict == EnrolVerdict::Enrolled);
  CHECK_FALSE(fleet.was_revoked("ada"));
}

TEST_CASE("a revoked key is not enrolled again by the token that it used",
          "[coordinator][enrolment]") {
  Enrolment fleet;
  add_board(fleet, "ada");
  fleet.apply(*fleet.revoke("ada"));
  CHECK(enrol(fleet, key_of("ada"), request_with('a', "ada")).verdict == EnrolVerdict::Revoked);
}

TEST_CASE("a renamed board keeps its key", "[coordinator][enrolment]") {
  Enrolment fleet;
  add_board(fleet, "ada");
  add_board(fleet, "bob");
  const auto renamed = fleet.rename("ada", "cid");
  REQUIRE(renamed);
  fleet.apply(*renamed);
  CHECK(*fleet.name_of(key_of("ada")) == "cid");
  CHECK_FALSE(fleet.was_revoked("ada"));
  CHECK(fleet.rename("ada", "dan").error().kind == ErrorKind::Missing);
  CHECK(fleet.rename("cid", "bob").error().kind == ErrorKind::Denied);
  CHECK(fleet.rename("cid", "no name").error().kind == ErrorKind::Malformed);
}

TEST_CASE("a request of another version is refused with both named", "[coordinator][enrolment]") {
  Enrolment fleet;
  make_token(fleet, 'a');
  auto request = request_with('a', "ada");
  request.version = 9;
  const auto answer = enrol(fleet, key_of("ada"), request);
  CHECK(answer.verdict == EnrolVerdict::Version);
  CHECK(answer.text.find("version 1") != std::string::npos);
  CHECK(answer.text.find("version 9") != std::string::npos);
}

TEST_CASE("a board that is enrolled keeps its name with a second token",
          "[coordinator][enrolment]") {
  Enrolment fleet;
  add_board(fleet, "ada");
  make_token(fleet, 'b');
  CHECK(enrol(fleet, key_of("ada"), request_with('b', "other")).name == "ada");
  CHECK(fleet.open_tokens().empty());
  CHECK(fleet.names().size() == 1);
}

}  // namespace enrolment_test
}  // namespace signet
