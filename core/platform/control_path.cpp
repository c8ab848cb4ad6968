#include "core/platform/control_path.hpp"

#include <cerrno>
#include <cstring>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/platform/system_error.hpp"

namespace signet {
namespace {

constexpr std::size_t kPathMax = sizeof(sockaddr_un::sun_path) - 1;

/// 0, or the errno of connect(2).
int try_connecting(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return errno;
  sockaddr_un at = {};
  at.sun_family = AF_UNIX;
  std::memcpy(at.sun_path, path.c_str(), path.size());
  const int failed =
      ::connect(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0 ? 0 : errno;
  ::close(fd);
  return failed;
}

}  // namespace

Result<std::string> control_endpoint_of(const std::string& path) {
  if (path.empty()) return Error{ErrorKind::Malformed, "the path of a control socket is empty"};
  // "@..." and "*" have a meaning of their own to ZeroMQ, none of them with our file mode.
  const std::string plain = path.front() == '@' || path.front() == '*' ? "./" + path : path;
  if (plain.size() > kPathMax)
    return Error{ErrorKind::Malformed, path + ": a control socket's path has at most " +
                                           std::to_string(kPathMax) + " bytes, this one has " +
                                           std::to_string(plain.size()) +
                                           "; choose a shorter one with --control"};
  return "ipc://" + plain;
}

Result<ControlPeer> look_for_control(const std::string& path) {
  if (auto endpoint = control_endpoint_of(path); !endpoint) return endpoint.error();
  struct stat about = {};
  if (::lstat(path.c_str(), &about) != 0) {
    if (errno == ENOENT) return ControlPeer::Nothing;
    return system_error(errno, path, "cannot be looked at");
  }
  if (!S_ISSOCK(about.st_mode)) return ControlPeer::NoSocket;
  switch (const int failed = try_connecting(path)) {
    case 0:
    case EAGAIN: return ControlPeer::Listening;
    case ECONNREFUSED: return ControlPeer::Stale;
    case ENOENT: return ControlPeer::Nothing;
    default: return system_error(failed, path, "cannot be connected to");
  }
}

PrivateFiles::PrivateFiles() : before_(::umask(0177)) {}

PrivateFiles::~PrivateFiles() {
  ::umask(static_cast<mode_t>(before_));
}

}  // namespace signet
