#include "core/base/result.hpp"

namespace signet {

const char* to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::Malformed: return "Malformed";
    case ErrorKind::Mismatch: return "Mismatch";
    case ErrorKind::Missing: return "Missing";
    case ErrorKind::Denied: return "Denied";
    case ErrorKind::Unavailable: return "Unavailable";
    case ErrorKind::Full: return "Full";
    case ErrorKind::Corrupt: return "Corrupt";
  }
  return "?";
}

}  // namespace signet
