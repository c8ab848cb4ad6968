#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/identity/secret.hpp"

namespace signet {

/// A board's key, as text (see is_key()), and the name that it stands for. No two keys that are not
/// revoked have one name.
struct FleetKey {
  std::string key, name;
  bool revoked = false;

  bool operator==(const FleetKey&) const = default;
};

/// A join token; of its secret only the hash is known.
struct FleetToken {
  SecretHash hash{};
  std::uint64_t number = 0;  ///< for people; counts up
  std::string name;          ///< that it is for; "": any
  std::string used_by;       ///< key; "": nobody yet

  bool operator==(const FleetToken&) const = default;
};

/// Who belongs to a fleet: all that outlives a run.
struct FleetRecord {
  std::vector<FleetKey> keys;
  std::vector<FleetToken> tokens;
};

// What may change. Each is saved before anybody is told.
struct TokenMade {
  FleetToken token;
};
struct TokenDropped {
  SecretHash hash{};
};
/// `key` gets `name`, and has used the token.
struct BoardEnrolled {
  std::string key, name;
  SecretHash hash{};
};
struct BoardRevoked {
  std::string key;
};
struct BoardRenamed {
  std::string key, name;
};
using FleetChange =
    std::variant<TokenMade, TokenDropped, BoardEnrolled, BoardRevoked, BoardRenamed>;

}  // namespace signet
