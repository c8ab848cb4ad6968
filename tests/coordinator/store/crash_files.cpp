// What the store asks of core/platform, on the mounted CrashDisk. A program that is linked with
// this file has it in place of plain_file.cpp and files.cpp.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "core/platform/files.hpp"
#include "core/platform/plain_file.hpp"
#include "core/platform/system_error.hpp"
#include "tests/coordinator/store/crash_disk.hpp"

namespace signet {

namespace {

using test::CrashDisk;

int errno_of(CrashDisk::Outcome outcome) {
  return outcome == CrashDisk::Outcome::Full ? ENOSPC : EIO;
}

}  // namespace

Result<PlainFile> PlainFile::open(const std::string& path) {
  CrashDisk::mounted().create(path, true);
  return PlainFile(path, 0);
}
PlainFile::PlainFile(PlainFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}
PlainFile& PlainFile::operator=(PlainFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  return *this;
}
PlainFile::~PlainFile() = default;

Error PlainFile::failed(const char* action) const {
  return system_error(errno, path_, action);
}

Result<std::uint64_t> PlainFile::size() const {
  return CrashDisk::mounted().size(path_);
}

Status PlainFile::write_at(std::uint64_t at, std::span<const ByteView> parts) {
  Bytes all;
  for (const ByteView part : parts) all.insert(all.end(), part.begin(), part.end());
  const auto written = CrashDisk::mounted().write(path_, at, all);
  if (written == CrashDisk::Outcome::Done) return {};
  errno = errno_of(written);
  return failed("cannot be written");
}

Result<bool> PlainFile::read_at(std::uint64_t at, std::span<std::byte> into) const {
  const ByteView there = CrashDisk::mounted().read(path_, at);
  if (there.size() < into.size()) return false;
  std::copy_n(there.begin(), into.size(), into.begin());
  return true;
}

Status PlainFile::resize(std::uint64_t size) {
  const auto done = CrashDisk::mounted().resize(path_, size);
  if (done == CrashDisk::Outcome::Done) return {};
  errno = errno_of(done);
  return failed("cannot be cut");
}

Status PlainFile::synchronise() {
  const auto done = CrashDisk::mounted().synchronise(path_);
  if (done == CrashDisk::Outcome::Done) return {};
  errno = errno_of(done);
  return failed("cannot be synchronised");
}

Status remove_file(const std::string& path) {
  // Its folder is not synchronised: the name may be back after a power cut.
  const auto done = CrashDisk::mounted().remove(path, false);
  if (done == CrashDisk::Outcome::Done) return {};
  return system_error(errno_of(done), path, "cannot be deleted");
}

Status rename_file(const std::string& from, const std::string& to) {
  const auto done = CrashDisk::mounted().rename(from, to);
  if (done == CrashDisk::Outcome::Done) return {};
  return system_error(errno_of(done), from, "cannot be renamed");
}

bool exists(const std::string& path) {
  return CrashDisk::mounted().exists(path);
}

Result<Bytes> read_file_start(const std::string& path, std::size_t bytes_max) {
  const ByteView all = CrashDisk::mounted().read(path, 0);
  return to_bytes(all.first(std::min(bytes_max, all.size())));
}

Status check_writable(const std::string& /*path*/) {
  return {};
}

}  // namespace signet
