#include "core/platform/process.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>

#include <pwd.h>
#include <sys/resource.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "core/base/bytes.hpp"
#include "core/platform/files.hpp"
#include "core/platform/system_error.hpp"

namespace signet {
namespace {

Result<std::uint64_t> bytes_of_status_line(std::string_view status, std::string_view key) {
  const Error malformed{ErrorKind::Malformed, "/proc/self/status: no readable line \"" +
                                                  std::string(key) + " <number> kB\""};
  const std::size_t at = status.find(key);
  if (at == std::string_view::npos) return malformed;
  const std::size_t digits = status.find_first_not_of(" \t", at + key.size());
  if (digits == std::string_view::npos) return malformed;
  std::uint64_t kibibytes = 0;
  const char* end = status.data() + status.size();
  const auto [rest, failed] = std::from_chars(status.data() + digits, end, kibibytes);
  if (failed != std::errc() || !std::string_view(rest, end).starts_with(" kB")) return malformed;
  return kibibytes * 1024;
}

}  // namespace

std::uint64_t raise_descriptor_limit() {
  rlimit limit = {};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const rlimit raised{limit.rlim_max, limit.rlim_max};
  return ::setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur;
}

#ifdef __GLIBC__
constexpr int kKept = 256 << 20, kKeptUnasked = 128 << 10;  // bytes; the second is glibc's own
#endif

// Only glibc has these; elsewhere they do nothing, and all is as it would be without.
void keep_freed_memory() {
#ifdef __GLIBC__
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the most glibc takes; refused on 32-bit systems
  ::mallopt(M_TRIM_THRESHOLD, kKept);
#endif
}

void return_freed_memory() {
#ifdef __GLIBC__
  // malloc_trim() leaves the end of other threads' heaps alone, up to 64 MiB of each: freeing gives
  // it back.
  ::mallopt(M_TRIM_THRESHOLD, kKeptUnasked);
  ::malloc_trim(0);
#endif
}

void hide_arguments(std::span<char* const> arguments, std::string_view secret) {
  for (char* const argument : arguments)
    if (secret == argument) std::memset(argument, '*', secret.size());
}

bool is_root() {
  return ::geteuid() == 0;
}

bool user_exists(const std::string& name) {
  return ::getpwnam(name.c_str()) != nullptr;
}

Result<ResidentMemory> parse_resident_memory(std::string_view status) {
  const auto now = bytes_of_status_line(status, "VmRSS:");
  if (!now) return now.error();
  const auto peak = bytes_of_status_line(status, "VmHWM:");
  if (!peak) return peak.error();
  return ResidentMemory{*now, *peak};
}

Result<ResidentMemory> resident_memory() {
  const auto status = read_file("/proc/self/status");
  if (!status) return status.error();
  return parse_resident_memory(to_text(*status));
}

}  // namespace signet
