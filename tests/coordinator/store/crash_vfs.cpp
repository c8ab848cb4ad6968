// SQLite's files on the mounted CrashDisk. No locks: there is one process.
#include <algorithm>
#include <cstring>
#include <new>
#include <string>

#include <sqlite3.h>

#include "core/base/random.hpp"
#include "tests/coordinator/store/crash_disk.hpp"

namespace signet::test {

namespace {

struct CrashFile {
  sqlite3_file base;  // SQLite's part, first
  std::string* path;
  bool goes_at_close;
};

std::string& path_of(sqlite3_file* file) {
  return *reinterpret_cast<CrashFile*>(file)->path;
}

int code_of(CrashDisk::Outcome outcome, int failed) {
  if (outcome == CrashDisk::Outcome::Done) return SQLITE_OK;
  return outcome == CrashDisk::Outcome::Full ? SQLITE_FULL : failed;
}

int crash_close(sqlite3_file* file) {
  auto* crash = reinterpret_cast<CrashFile*>(file);
  if (crash->goes_at_close) CrashDisk::mounted().remove(*crash->path, false);
  delete crash->path;
  return SQLITE_OK;
}

int crash_read(sqlite3_file* file, void* into, int size, sqlite3_int64 at) {
  const auto wanted = static_cast<std::size_t>(size);
  const ByteView there = CrashDisk::mounted().read(path_of(file), static_cast<std::uint64_t>(at));
  const std::size_t got = std::min(wanted, there.size());
  if (got > 0) std::memcpy(into, there.data(), got);
  if (got == wanted) return SQLITE_OK;
  std::memset(static_cast<char*>(into) + got, 0, wanted - got);
  return SQLITE_IOERR_SHORT_READ;
}

int crash_write(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
  const ByteView data(static_cast<const std::byte*>(from), static_cast<std::size_t>(size));
  return code_of(CrashDisk::mounted().write(path_of(file), static_cast<std::uint64_t>(at), data),
                 SQLITE_IOERR_WRITE);
}

int crash_truncate(sqlite3_file* file, sqlite3_int64 size) {
  return code_of(CrashDisk::mounted().resize(path_of(file), static_cast<std::uint64_t>(size)),
                 SQLITE_IOERR_TRUNCATE);
}

int crash_sync(sqlite3_file* file, int /*flags*/) {
  return code_of(CrashDisk::mounted().synchronise(path_of(file)), SQLITE_IOERR_FSYNC);
}

int crash_file_size(sqlite3_file* file, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(CrashDisk::mounted().size(path_of(file)));
  return SQLITE_OK;
}

int crash_lock(sqlite3_file* /*file*/, int /*level*/) {
  return SQLITE_OK;
}

int crash_check_lock(sqlite3_file* /*file*/, int* held) {
  *held = 0;
  return SQLITE_OK;
}

int crash_control(sqlite3_file* /*file*/, int /*operation*/, void* /*argument*/) {
  return SQLITE_NOTFOUND;
}

int crash_sector_size(sqlite3_file* /*file*/) {
  return static_cast<int>(CrashDisk::kSector);
}

// A write leaves the bytes beside it alone, as SQLite takes for granted of the machine's disks.
int crash_characteristics(sqlite3_file* /*file*/) {
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

int crash_open(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* file, int flags,
               int* flags_out) {
  static constexpr sqlite3_io_methods methods{1,
                                              crash_close,
                                              crash_read,
                                              crash_write,
                                              crash_truncate,
                                              crash_sync,
                                              crash_file_size,
                                              crash_lock,
                                              crash_lock,
                                              crash_check_lock,
                                              crash_control,
                                              crash_sector_size,
                                              crash_characteristics,
                                              nullptr,
                                              nullptr,
                                              nullptr,
                                              nullptr,
                                              nullptr,
                                              nullptr};
  static std::uint64_t temporary = 0;
  auto* crash = new (file) CrashFile{};
  crash->path =
      new std::string(name != nullptr ? name : "temporary-" + std::to_string(++temporary));
  crash->goes_at_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  // SQLite synchronises the folder with the first synchronisation of a new log.
  CrashDisk::mounted().create(*crash->path, false);
  crash->base.pMethods = &methods;
  if (flags_out != nullptr) *flags_out = flags;
  return SQLITE_OK;
}

int crash_delete(sqlite3_vfs* /*vfs*/, const char* name, int sync_folder) {
  return code_of(CrashDisk::mounted().remove(name, sync_folder != 0), SQLITE_IOERR_DELETE);
}

int crash_access(sqlite3_vfs* /*vfs*/, const char* name, int /*flags*/, int* yes) {
  *yes = CrashDisk::mounted().exists(name) ? 1 : 0;
  return SQLITE_OK;
}

int crash_full_name(sqlite3_vfs* /*vfs*/, const char* name, int size, char* into) {
  sqlite3_snprintf(size, into, "%s", name);
  return SQLITE_OK;
}

// The same numbers in every run of the same changes.
int crash_randomness(sqlite3_vfs* /*vfs*/, int size, char* into) {
  Rng rng(CrashDisk::mounted().changes());
  for (int i = 0; i < size; ++i) into[i] = static_cast<char>(rng.next());
  return size;
}

int crash_sleep(sqlite3_vfs* /*vfs*/, int microseconds) {
  return microseconds;
}

int crash_time(sqlite3_vfs* /*vfs*/, double* days) {
  *days = 2451544.5;
  return SQLITE_OK;
}

int crash_last_error(sqlite3_vfs* /*vfs*/, int /*size*/, char* /*into*/) {
  return 0;
}

}  // namespace

void use_crash_disk_for_sqlite() {
  static sqlite3_vfs vfs{1,
                         sizeof(CrashFile),
                         512,
                         nullptr,
                         "crash-disk",
                         nullptr,
                         crash_open,
                         crash_delete,
                         crash_access,
                         crash_full_name,
                         nullptr,
                         nullptr,
                         nullptr,
                         nullptr,
                         crash_randomness,
                         crash_sleep,
                         crash_time,
                         crash_last_error,
                         nullptr,
                         nullptr,
                         nullptr,
                         nullptr};
  static const int registered = sqlite3_vfs_register(&vfs, 1);
  static_cast<void>(registered);
  sqlite3_randomness(0, nullptr);  // Begin anew with crash_randomness().
}

}  // namespace signet::test
