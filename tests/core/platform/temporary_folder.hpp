#pragma once

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "core/base/check.hpp"

namespace signet::test {

/// An empty folder, removed with all that is in it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::array<char, 32> name{"/tmp/signet-test-XXXXXX"};
    SIGNET_CHECK(::mkdtemp(name.data()) != nullptr, "mkdtemp");
    path_ = name.data();
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// A disk of a few kilobytes that can be filled and made read-only: a tmpfs of this thread's own
/// mount namespace. Needs the privilege to mount; without it available() is false.
class SmallDisk {
 public:
  explicit SmallDisk(const char* size_option) {
    available_ = ::unshare(CLONE_NEWNS) == 0 &&
                 ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                 ::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, size_option) == 0;
  }
  ~SmallDisk() {
    if (available_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool available() const { return available_; }
  bool make_read_only() {
    return ::mount("tmpfs", folder_.path().c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) == 0;
  }
  std::string operator/(const std::string& name) const { return folder_ / name; }

 private:
  TemporaryFolder folder_;
  bool available_ = false;
};

}  // namespace signet::test
