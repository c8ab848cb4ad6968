#pragma once

#include <memory>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace signet {

/// Asks a coordinator of this machine over its control socket, one question at a time.
class ControlClient {
 public:
  /// Fails with Missing (nothing at `path`, or what a killed coordinator left there), Denied
  /// (another user's), or Malformed (no path of a socket), each with what to do about it.
  static Result<std::unique_ptr<ControlClient>> open(const std::string& path);
  virtual ~ControlClient() = default;

  /// The answer. Fails with Unavailable when none came within `timeout`; the client is of no use
  /// any more then.
  virtual Result<Bytes> ask(ByteView question, Duration timeout) = 0;
};

}  // namespace signet
