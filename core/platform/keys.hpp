#pragma once

#include <cstddef>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace signet {

/// Overwrites what `secret` holds, also where its memory is freed next, and empties it.
void wipe(std::string& secret);

/// A key pair of CURVE, ZeroMQ's encryption (rfc.zeromq.org/spec/26): two Curve25519 keys, each as
/// 40 characters of Z85. Whoever has the secret key is who the public key says. The secret is
/// overwritten when it goes.
struct KeyPair {
  std::string public_key, secret_key;

  KeyPair() = default;
  KeyPair(const KeyPair&) = default;
  KeyPair(KeyPair&&) = default;
  KeyPair& operator=(const KeyPair&) = default;
  KeyPair& operator=(KeyPair&&) = default;
  ~KeyPair() { wipe(secret_key); }
};

KeyPair make_key_pair();

/// A new key pair in a new file, for its owner alone; it is on the disk when this returns. Fails as
/// create_private_file() does.
Result<KeyPair> create_key_file(const std::string& path, const std::string& owner = {});

/// Fails with Missing; Denied where the file may be read or written by others than its owner, or
/// belongs to another user than this one (root reads everybody's); Malformed; or Corrupt where its
/// keys do not belong together. Each message names the path and the remedy.
Result<KeyPair> read_key_file(const std::string& path);

/// Is it for another user alone, so that this one cannot tell what is in it?
bool is_private_to_another(const std::string& path);

/// From the system's generator; waits for it where the machine has just been started.
Bytes random_bytes(std::size_t count);

/// While it lives, the system writes no core dump of this process and lets no other process of the
/// same user look into it (prctl(2), PR_SET_DUMPABLE).
class NoCoreDumps {
 public:
  NoCoreDumps();
  ~NoCoreDumps();
  NoCoreDumps(const NoCoreDumps&) = delete;
  NoCoreDumps& operator=(const NoCoreDumps&) = delete;
};

}  // namespace signet
