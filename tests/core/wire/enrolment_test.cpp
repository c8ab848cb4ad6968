#include "core/wire/enrolment.hpp"

#include "core/base/random.hpp"
#include "core/wire/codec.hpp"
#include "tests/support/catch.hpp"

namespace signet {

namespace {

EnrolRequest some_request() {
  EnrolRequest request;
  request.secret = Bytes(16, std::byte{7});
  request.name = "kitchen";
  request.host = "raspberrypi";
  request.software = "signet 0.1.0";
  return request;
}

}  // namespace

TEST_CASE("a board's request and its answer survive the wire", "[core][wire]") {
  const auto request = decode_enrol_request(encode(some_request()));
  REQUIRE(request);
  CHECK(request->version == kEnrolmentProtocol);
  CHECK(request->secret == Bytes(16, std::byte{7}));
  CHECK(request->name == "kitchen");
  CHECK(request->host == "raspberrypi");
  CHECK(request->software == "signet 0.1.0");
  const auto answer =
      decode_enrol_answer(encode(EnrolAnswer{1, EnrolVerdict::BadName, "n", "taken"}));
  REQUIRE(answer);
  CHECK(answer->verdict == EnrolVerdict::BadName);
  CHECK(answer->name == "n");
  CHECK(answer->text == "taken");
}

TEST_CASE("a request fits into what the enrolment socket takes", "[core][wire]") {
  auto request = some_request();
  request.name = request.host = std::string(64, 'x');
  request.software = std::string(64, 'x');
  CHECK(encode(request).size() < 500);
}

TEST_CASE("an enrolment's messages decode at each of 16 addresses", "[core][wire]") {
  const Bytes frame = encode(some_request());
  for (std::size_t offset = 0; offset < 16; ++offset) {
    Bytes moved(offset);
    moved.insert(moved.end(), frame.begin(), frame.end());
    const auto request = decode_enrol_request(ByteView(moved).subspan(offset));
    REQUIRE(request);
    CHECK(request->name == "kitchen");
  }
}

TEST_CASE("changed and cut bytes of an enrolment are an error or a message, never a crash",
          "[core][wire]") {
  const Bytes frames[] = {encode(some_request()), encode(EnrolAnswer{})};
  Rng rng(3);
  for (const Bytes& frame : frames) {
    for (std::size_t size = 0; size < frame.size(); ++size) {
      const auto request = decode_enrol_request(ByteView(frame).first(size));
      if (!request) CHECK(request.error().kind == ErrorKind::Malformed);
      const auto answer = decode_enrol_answer(ByteView(frame).first(size));
      if (!answer) CHECK(answer.error().kind == ErrorKind::Malformed);
    }
    for (int i = 0; i < 20'000; ++i) {
      Bytes changed = frame;
      for (int j = 0; j < 3; ++j)
        changed[rng.below(changed.size())] = static_cast<std::byte>(rng.below(256));
      const auto request = decode_enrol_request(changed);
      const auto answer = decode_enrol_answer(changed);
      CHECK_FALSE((request && answer));
    }
  }
}

TEST_CASE("an enrolment is no message of a run, and none of those is an enrolment",
          "[core][wire]") {
  const Bytes frame = encode(some_request());
  const ByteView views[] = {frame};
  CHECK_FALSE(decode(views));
  const auto hello = encode(Message{Hello{}});
  CHECK_FALSE(decode_enrol_request(hello.front()));
  CHECK_FALSE(decode_enrol_answer(hello.front()));
  CHECK_FALSE(decode_enrol_answer(frame));
}

}  // namespace signet
