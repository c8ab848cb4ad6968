#pragma once

#include <string>

#include "coordinator/enrolment/enrolment.hpp"
#include "tests/support/catch.hpp"

namespace signet::test {

/// A key of 40 characters that belongs to nobody.
inline std::string key_of(const std::string& who) {
  return (who + std::string(40, '.')).substr(0, 40);
}

inline Bytes secret_of(char which) {
  return Bytes(kSecretBytes, static_cast<std::byte>(which));
}

inline EnrolRequest request_with(char secret, const std::string& name = "") {
  EnrolRequest request;
  request.secret = secret_of(secret);
  request.name = name;
  request.host = "host";
  return request;
}

inline void make_token(Enrolment& fleet, char secret, const std::string& name = "") {
  const auto changes = fleet.make_token(hash_secret(secret_of(secret)), name);
  REQUIRE(changes);
  for (const auto& change : *changes) fleet.apply(change);
}

/// Asks, and applies what it changes; the answer.
inline EnrolAnswer enrol(Enrolment& fleet, const std::string& key, const EnrolRequest& request) {
  const auto decision = fleet.decide(key, request);
  if (decision.change) fleet.apply(*decision.change);
  return decision.answer;
}

/// A board called `name`, with a key that is called like it.
inline void add_board(Enrolment& fleet, const std::string& name) {
  make_token(fleet, name.front());
  REQUIRE(enrol(fleet, key_of(name), request_with(name.front(), name)).verdict ==
          EnrolVerdict::Enrolled);
}

}  // namespace signet::test
