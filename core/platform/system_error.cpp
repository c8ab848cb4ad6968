#include "core/platform/system_error.hpp"

#include <cerrno>
#include <system_error>

namespace signet {
namespace {

const char* remedy_for(int number) {
  switch (number) {
    case ENOENT:
    case ENOTDIR: return "; check the path, and create the folder if it is missing";
    case EACCES:
    case EPERM: return "; check owner and mode of the file and of its folder";
    case EROFS: return "; remount it for writing or choose another path";
    case EISDIR: return "; name a file, not a folder";
    case ENOSPC:
    case EDQUOT: return "; make room there or choose another path";
    case EMFILE:
    case ENFILE: return "; raise the limit of open files (ulimit -n)";
    case EIO: return "; check the device";
    default: return "";
  }
}

}  // namespace

ErrorKind kind_of_errno(int number) {
  switch (number) {
    case ENOENT:
    case ENOTDIR: return ErrorKind::Missing;
    case EACCES:
    case EPERM:
    case EROFS:
    case EISDIR: return ErrorKind::Denied;
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return ErrorKind::Full;
    default: return ErrorKind::Unavailable;
  }
}

Error system_error(int number, const std::string& subject, const std::string& action) {
  return Error{kind_of_errno(number), subject + ": " + action + ": " +
                                          std::generic_category().message(number) +
                                          remedy_for(number)};
}

}  // namespace signet
