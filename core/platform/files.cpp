#include "core/platform/files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/platform/system_error.hpp"

namespace signet {
namespace {

/// A file descriptor that closes itself.
class OpenFile {
 public:
  explicit OpenFile(int fd) : fd_(fd) {}
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  explicit operator bool() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  /// Some file systems report a failed write only here.
  bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

template <typename Call>
auto repeat_when_interrupted(Call&& call) {
  auto got = call();
  while (got < 0 && errno == EINTR) got = call();
  return got;
}

bool write_whole(int fd, ByteView content) {
  while (!content.empty()) {
    const auto n =
        repeat_when_interrupted([&] { return ::write(fd, content.data(), content.size()); });
    if (n < 0) return false;
    content = content.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

/// A new file beside `path`; its name goes to `name`. A name left over by a crash is passed over.
int open_beside(const std::string& path, unsigned permissions, std::string& name) {
  for (int attempt = 0; attempt < 100; ++attempt) {
    name = path + ".new-" + std::to_string(::getpid()) + "-" + std::to_string(attempt);
    const int fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                          static_cast<mode_t>(permissions));
    if (fd >= 0 || errno != EEXIST) return fd;
  }
  return -1;
}

/// 0, or the errno of the first step that failed.
int write_and_rename(OpenFile& file, const std::string& name, const std::string& path,
                     ByteView content) {
  const bool done = write_whole(file.fd(), content) && ::fsync(file.fd()) == 0 && file.close() &&
                    ::rename(name.c_str(), path.c_str()) == 0;
  return done ? 0 : errno;
}

/// A new name in a folder is itself data of the folder.
Status synchronise_folder_of(const std::string& path) {
  const std::string folder = folder_of(path);
  const OpenFile directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || ::fsync(directory.fd()) != 0)
    return system_error(errno, folder, "cannot be synchronised");
  return {};
}

/// 0, or the errno of the first step that failed. link(2), unlike rename(2), replaces nothing.
int write_and_link(OpenFile& file, const std::string& name, const std::string& path,
                   ByteView content, const passwd* owner) {
  const bool done = (owner == nullptr || ::fchown(file.fd(), owner->pw_uid, owner->pw_gid) == 0) &&
                    write_whole(file.fd(), content) && ::fsync(file.fd()) == 0 && file.close() &&
                    ::link(name.c_str(), path.c_str()) == 0;
  const int failed = done ? 0 : errno;
  ::unlink(name.c_str());
  return failed;
}

enum class Umask { Counts, IsIgnored };

Status replace_file(const std::string& path, ByteView content, unsigned permissions, Umask umask) {
  std::string name;
  OpenFile file(open_beside(path, permissions, name));
  if (!file) return system_error(errno, path, "cannot be written");
  const bool wrong = umask == Umask::IsIgnored && ::fchmod(file.fd(), permissions) != 0;
  const int failed = wrong ? errno : write_and_rename(file, name, path, content);
  if (failed != 0) {
    ::unlink(name.c_str());
    return system_error(failed, path, "cannot be written");
  }
  return synchronise_folder_of(path);
}

}  // namespace

Result<Bytes> read_file(const std::string& path) {
  return read_file_start(path, std::numeric_limits<std::size_t>::max());
}

Result<Bytes> read_file_start(const std::string& path, std::size_t bytes_max) {
  const OpenFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return system_error(errno, path, "cannot be opened for reading");
  Bytes content;
  struct stat about = {};
  // The size is a hint only: files under /proc say 0.
  if (::fstat(file.fd(), &about) == 0 && about.st_size > 0) {
    const auto size = std::min<std::uint64_t>(static_cast<std::uint64_t>(about.st_size), bytes_max);
    if (size > content.max_size())
      return Error{ErrorKind::Full, path + ": has " + std::to_string(size) +
                                        " bytes, more than a program can have in memory on this "
                                        "32-bit system; give this board a part of it"};
    content.reserve(static_cast<std::size_t>(size));
  }
  std::array<std::byte, 65536> block;
  while (content.size() < bytes_max) {
    const std::size_t wanted = std::min(block.size(), bytes_max - content.size());
    const auto n = repeat_when_interrupted([&] { return ::read(file.fd(), block.data(), wanted); });
    if (n < 0) return system_error(errno, path, "cannot be read");
    if (n == 0) break;
    content.insert(content.end(), block.begin(), block.begin() + n);
  }
  return content;
}

Status write_file_atomically(const std::string& path, ByteView content, unsigned permissions) {
  return replace_file(path, content, permissions, Umask::Counts);
}

Status write_public_file(const std::string& path, ByteView content) {
  return replace_file(path, content, 0644, Umask::IsIgnored);
}

Status write_to_stdout(const std::string& text) {
  errno = 0;
  const bool written = std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
  return written ? Status() : system_error(errno, "the standard output", "cannot be written");
}

Status create_private_file(const std::string& path, ByteView content, const std::string& owner) {
  const passwd* user = owner.empty() ? nullptr : ::getpwnam(owner.c_str());
  if (user == nullptr && !owner.empty())
    return Error{ErrorKind::Missing, path + ": there is no user " + owner + " to own it"};
  std::string name;
  OpenFile file(open_beside(path, 0600, name));
  if (!file) return system_error(errno, path, "cannot be written");
  const int failed = write_and_link(file, name, path, content, user);
  if (failed == EEXIST)
    return Error{ErrorKind::Denied, path + ": is there already, and was left as it is"};
  if (failed != 0) return system_error(failed, path, "cannot be written");
  return synchronise_folder_of(path);
}

Status rename_file(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0)
    return system_error(errno, from, "cannot be renamed to " + to);
  return {};
}

bool exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

Result<std::vector<std::string>> names_in(const std::string& folder, std::string_view suffix) {
  std::error_code failed;
  std::vector<std::string> names;
  for (std::filesystem::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    const std::string name = entry->path().filename().string();
    if (name.ends_with(suffix)) names.push_back(name);
  }
  if (failed) return system_error(failed.value(), folder, "cannot be listed");
  std::ranges::sort(names);
  return names;
}

Status check_writable(const std::string& path) {
  const std::string folder = folder_of(path);
  if (!exists(folder))
    return Error{ErrorKind::Missing, path + ": the folder " + folder +
                                         " does not exist; create it or choose another path"};
  struct stat about = {};
  if (::stat(path.c_str(), &about) == 0) {
    if (!S_ISREG(about.st_mode))
      return Error{ErrorKind::Denied, path + ": is not a file; choose another path"};
    if (::access(path.c_str(), W_OK) != 0) return system_error(errno, path, "cannot be written");
  }
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    return system_error(errno, path, "no files can be created in " + folder);
  return {};
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string host_name() {
  std::array<char, 256> name = {};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
  return name.data();
}

}  // namespace signet
