#pragma once

#include <string>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/platform/keys.hpp"

namespace signet {

/// Where a coordinator lets boards in, and which key it must prove to have.
struct EnrolmentDoor {
  std::string address;  ///< "tcp://host:7302"
  std::string server_key;
};

/// Says `request` as the owner of `own`, encrypted, and gives the answer. It is said again while
/// none comes: whoever answers must take it more than once. Fails with Denied where the other side
/// cannot prove to have `server_key`, Unavailable where there is no answer within `timeout`, or
/// Malformed where the address cannot be read.
Result<Bytes> ask_for_enrolment(const EnrolmentDoor& door, const KeyPair& own, ByteView request,
                                Duration timeout);

}  // namespace signet
