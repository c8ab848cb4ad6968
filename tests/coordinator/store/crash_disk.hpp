#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/random.hpp"

namespace signet::test {

/// A disk in memory that the state file and its journal are written to, instead of the machine's:
/// crash_vfs.cpp gives it to SQLite, crash_files.cpp to PlainFile. It remembers what was written
/// and not synchronised, and loses it as disks do:
///
/// - A process that dies leaves what it wrote in the machine's memory, the last write maybe torn.
/// - A power cut leaves of each file what was synchronised, and of the later changes none, all, the
///   first few, or any of their sectors. A name that was not synchronised may be gone, or be back.
class CrashDisk {
 public:
  static constexpr std::uint64_t kSector = 512;

  CrashDisk();
  ~CrashDisk();
  CrashDisk(const CrashDisk&) = delete;
  CrashDisk& operator=(const CrashDisk&) = delete;

  /// The one that lives; there is one at a time (programmer's error).
  static CrashDisk& mounted();

  // What can happen to it.
  void set_full(bool full) { full_ = full; }
  /// The process dies within the change that is `changes` from now, torn as `luck` says.
  void die_after(std::uint64_t changes, std::uint64_t luck);
  /// Nothing reaches it any more.
  void kill() { dead_ = true; }
  bool dead() const { return dead_; }
  void revive(bool power_cut, std::uint64_t luck);
  /// Changes and synchronisations so far.
  std::uint64_t changes() const { return changes_; }

  // The file system. Each change fails when the process is dead (Dead) or there is no room (Full).
  enum class Outcome { Done, Full, Dead };
  bool exists(const std::string& path) const;
  void create(const std::string& path, bool name_lasts);
  Outcome write(const std::string& path, std::uint64_t at, ByteView data);
  Outcome resize(const std::string& path, std::uint64_t size);
  Outcome synchronise(const std::string& path);
  Outcome remove(const std::string& path, bool name_lasts);
  /// The new name lasts at once.
  Outcome rename(const std::string& from, const std::string& to);
  std::uint64_t size(const std::string& path) const;
  /// What there is of it from byte `at` on.
  ByteView read(const std::string& path, std::uint64_t at) const;

 private:
  struct Change {
    std::uint64_t at = 0;
    Bytes data;                         // of a write
    std::optional<std::uint64_t> size;  // of a change of size
  };
  struct File {
    bool there = false, name_lasts = false;
    Bytes now, durable;
    std::vector<Change> pending;  // what leads from durable to now
  };

  bool dies_now();
  static void apply(Bytes& bytes, const Change& change);
  static void lose_power(File& file, Rng& luck);

  std::map<std::string, File> files_;
  bool full_ = false, dead_ = false;
  std::uint64_t changes_ = 0, dies_at_ = 0, luck_ = 0;  // dies_at_ 0: never
};

/// Makes SQLite use the mounted disk, with random numbers of its own seed, from now on.
void use_crash_disk_for_sqlite();

}  // namespace signet::test
