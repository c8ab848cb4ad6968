#pragma once

// Inside this room: the Unix path of a coordinator's control socket.

#include <string>

#include "core/base/result.hpp"

namespace signet {

/// ZeroMQ's name of the Unix path. Fails with Malformed when the path is empty or longer than the
/// 107 bytes that the system takes.
Result<std::string> control_endpoint_of(const std::string& path);

/// Who is behind a path: tried by connecting, without a word.
/// Listening: somebody takes connections, or is too busy to at the moment.
/// Stale: a socket that a process left behind when it was killed.
enum class ControlPeer { Nothing, Listening, Stale, NoSocket };

/// Fails with Denied when this user may not connect, Malformed when the path is too long.
Result<ControlPeer> look_for_control(const std::string& path);

/// While it lives, what this process creates is its user's alone. Nothing else may create files
/// meanwhile: the mask is that of the whole process.
class PrivateFiles {
 public:
  PrivateFiles();
  ~PrivateFiles();
  PrivateFiles(const PrivateFiles&) = delete;
  PrivateFiles& operator=(const PrivateFiles&) = delete;

 private:
  unsigned before_;
};

}  // namespace signet
