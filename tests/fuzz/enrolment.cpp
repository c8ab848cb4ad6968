#include "core/wire/enrolment.hpp"

#include "core/identity/secret.hpp"
#include "core/identity/token.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/targets.hpp"

namespace signet::test {

// What a person pastes, and what the port for boards without a key takes from anybody.
void fuzz_enrolment(ByteView input) {
  static_cast<void>(parse_token(to_text(input)));
  static_cast<void>(decode_enrol_request(input));
  static_cast<void>(decode_enrol_answer(input));
}

std::vector<Bytes> enrolment_seeds() {
  const JoinToken token{
      {"tcp://192.168.1.10:7300"}, 7302, std::string(40, '0'), Bytes(kSecretBytes)};
  EnrolRequest request;
  request.secret = token.secret;
  request.name = "ada";
  EnrolAnswer answer;
  answer.name = "ada";
  return {bytes_of(to_text(token)), encode(request), encode(answer)};
}

}  // namespace signet::test
