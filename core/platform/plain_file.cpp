#include "core/platform/plain_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/base/check.hpp"
#include "core/platform/files.hpp"
#include "core/platform/system_error.hpp"

namespace signet {
namespace plain_file {

constexpr std::size_t kPartsMax = 8;
static_assert(sizeof(off_t) == 8, "files grow beyond 2 GiB, on 32-bit boards as well");

template <typename Call>
auto unless_interrupted(Call&& call) {
  auto got = call();
  while (got < 0 && errno == EINTR) got = call();
  return got;
}

/// A new name lasts when its folder is on the disk.
bool synchronise_folder(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool done = ::fsync(fd) == 0;
  const int number = errno;
  ::close(fd);
  errno = number;
  return done;
}

}  // namespace plain_file

Result<PlainFile> PlainFile::open(const std::string& path) {
  const bool there = exists(path);
  PlainFile file(path, ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (file.fd_ < 0) return file.failed("cannot be opened");
  if (!there && !plain_file::synchronise_folder(folder_of(path)))
    return file.failed("its folder cannot be synchronised");
  return file;
}

PlainFile::PlainFile(PlainFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

PlainFile& PlainFile::operator=(PlainFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  return *this;
}

PlainFile::~PlainFile() {
  if (fd_ >= 0) ::close(fd_);
}

Error PlainFile::failed(const char* action) const {
  return system_error(errno, path_, action);
}

Result<std::uint64_t> PlainFile::size() const {
  struct stat about {};
  if (::fstat(fd_, &about) != 0) return failed("its size cannot be read");
  return static_cast<std::uint64_t>(about.st_size);
}

Status PlainFile::write_at(std::uint64_t at, std::span<const ByteView> parts) {
  SIGNET_CHECK(parts.size() <= plain_file::kPartsMax, "at most 8 parts in a write");
  std::array<iovec, plain_file::kPartsMax> left{};
  std::size_t count = 0;
  for (const ByteView part : parts)
    if (!part.empty()) left.at(count++) = {const_cast<std::byte*>(part.data()), part.size()};
  for (std::size_t next = 0; next < count;) {
    const ssize_t n = plain_file::unless_interrupted([&] {
      return ::pwritev(fd_, left.data() + next, static_cast<int>(count - next),
                       static_cast<off_t>(at));
    });
    if (n < 0) return failed("cannot be written");
    at += static_cast<std::uint64_t>(n);
    // Less than all was written: a disk that fills up says so at the next attempt.
    for (auto rest = static_cast<std::size_t>(n); rest > 0;) {
      const std::size_t now = std::min(rest, left.at(next).iov_len);
      left.at(next).iov_base = static_cast<std::byte*>(left.at(next).iov_base) + now;
      left.at(next).iov_len -= now;
      if (left.at(next).iov_len == 0) ++next;
      rest -= now;
    }
  }
  return {};
}

Result<bool> PlainFile::read_at(std::uint64_t at, std::span<std::byte> into) const {
  while (!into.empty()) {
    const ssize_t n = plain_file::unless_interrupted(
        [&] { return ::pread(fd_, into.data(), into.size(), static_cast<off_t>(at)); });
    if (n < 0) return failed("cannot be read");
    if (n == 0) return false;
    at += static_cast<std::uint64_t>(n);
    into = into.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

Status PlainFile::resize(std::uint64_t size) {
  if (plain_file::unless_interrupted([&] { return ::ftruncate(fd_, static_cast<off_t>(size)); }) !=
      0)
    return failed("cannot be cut");
  return {};
}

Status PlainFile::synchronise() {
  if (::fdatasync(fd_) != 0) return failed("cannot be synchronised");
  return {};
}

Status remove_file(const std::string& path) {
  if (std::remove(path.c_str()) != 0 && errno != ENOENT)
    return system_error(errno, path, "cannot be deleted");
  return {};
}

}  // namespace signet
