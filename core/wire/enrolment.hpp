#pragma once

#include <cstdint>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace signet {

/// Version of the two messages below.
inline constexpr std::uint16_t kEnrolmentProtocol = 1;

/// A board asks for a place in the fleet. Its key is that of the connection, and is not said.
struct EnrolRequest {
  std::uint16_t version = kEnrolmentProtocol;
  Bytes secret;      ///< of the join token
  std::string name;  ///< wanted; "": what the token says, else `host`
  std::string host, software;
};

/// What became of a request. The numbers travel and never change.
enum class EnrolVerdict : std::uint8_t {
  Enrolled = 1,
  BadToken = 2,  ///< unknown here, withdrawn, or used by another board
  BadName = 3,   ///< taken, not a name, or not the one that the token is for
  Revoked = 4,   ///< the board's key was revoked
  Version = 5,   ///< of the request: not known here
  Full = 6,      ///< no more boards can be enrolled
  TryLater = 7,  ///< it could not be saved
};

struct EnrolAnswer {
  std::uint16_t version = kEnrolmentProtocol;
  EnrolVerdict verdict = EnrolVerdict::BadToken;
  std::string name;  ///< under which the board is enrolled
  std::string text;  ///< why not, for people
};

Bytes encode(const EnrolRequest& request);
Bytes encode(const EnrolAnswer& answer);

// From bytes nobody has checked yet. They fail with Malformed.
Result<EnrolRequest> decode_enrol_request(ByteView frame);
Result<EnrolAnswer> decode_enrol_answer(ByteView frame);

}  // namespace signet
