#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace signet {

/// What a board needs to join a fleet, in one word to copy: good once, for whoever has it.
struct JoinToken {
  std::vector<std::string> addresses;  ///< of the coordinator: 1 to 8 "tcp://HOST:PORT"
  std::uint16_t enrolment_port = 0;    ///< at the same hosts
  std::string server_key;              ///< the coordinator's public key, see is_key()
  Bytes secret;                        ///< kSecretBytes

  bool operator==(const JoinToken&) const = default;
};

inline constexpr std::size_t kTokenAddressesMax = 8;
inline constexpr std::size_t kTokenAddressMax = 255;  ///< characters of each
/// Characters of the longest token, and of what is looked at for one.
inline constexpr std::size_t kTokenTextMax = 4096;

/// "signet1" and letters and digits: no character that a shell, a mail or a double click takes
/// amiss.
std::string to_text(const JoinToken& token);

/// Case, blanks and line breaks that copying put in do not matter. Fails with Malformed, saying
/// whether it is no token, a damaged one, or one of a newer version.
Result<JoinToken> parse_token(std::string_view text);

}  // namespace signet
