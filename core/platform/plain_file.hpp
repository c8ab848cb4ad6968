#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace signet {

/// A file that is read and written at any place, one system call each; closes itself.
///
/// Errors (any method): Missing, Denied, Full or Unavailable, naming the path.
class PlainFile {
 public:
  /// Opens `path`, or creates it (mode 0644 less the umask) so that a power cut does not take the
  /// name away again.
  static Result<PlainFile> open(const std::string& path);
  PlainFile(PlainFile&& other) noexcept;
  PlainFile& operator=(PlainFile&& other) noexcept;
  ~PlainFile();

  const std::string& path() const { return path_; }
  Result<std::uint64_t> size() const;
  /// Writes `parts` one after the other from byte `at` on. When it fails, any of their bytes may
  /// have been written. At most 8 parts (programmer's error).
  Status write_at(std::uint64_t at, std::span<const ByteView> parts);
  /// Fills `into` from byte `at` on; false when the file ends before.
  Result<bool> read_at(std::uint64_t at, std::span<std::byte> into) const;
  /// Makes it so many bytes long.
  Status resize(std::uint64_t size);
  /// What was written is on the disk when it returns.
  Status synchronise();

 private:
  PlainFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  Error failed(const char* action) const;

  std::string path_;
  int fd_ = -1;
};

/// Deletes the file; one that is not there is no error.
Status remove_file(const std::string& path);

}  // namespace signet
