#include "core/platform/board.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <thread>
#include <utility>

#include <grp.h>
#include <pwd.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/base/bytes.hpp"
#include "core/platform/files.hpp"
#include "core/platform/system_error.hpp"

namespace signet {
namespace {

/// The value of the first line "KEY : value" of a text of /proc; "" without one.
std::string_view value_after(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.starts_with(key)) {
      const std::size_t colon = line.find(':');
      const std::size_t at =
          colon == std::string_view::npos ? colon : line.find_first_not_of(" \t", colon + 1);
      return at == std::string_view::npos ? "" : line.substr(at);
    }
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return "";
}

struct ArmCore {
  std::string_view part;  // as in /proc/cpuinfo, of implementer 0x41
  const char* name;
};
constexpr std::array<ArmCore, 8> kArmCores = {{{"0xc05", "Cortex-A5"},
                                               {"0xc07", "Cortex-A7"},
                                               {"0xd03", "Cortex-A53"},
                                               {"0xd04", "Cortex-A35"},
                                               {"0xd05", "Cortex-A55"},
                                               {"0xd08", "Cortex-A72"},
                                               {"0xd0b", "Cortex-A76"},
                                               {"0xd0c", "Neoverse-N1"}}};

std::string text_or_nothing(const std::string& path) {
  const auto text = read_file(path);
  return text ? to_text(*text) : "";
}

}  // namespace

Result<std::uint64_t> parse_memory_available(std::string_view meminfo) {
  const std::string_view value = value_after(meminfo, "MemAvailable");
  std::uint64_t kibibytes = 0;
  const char* end = value.data() + value.size();
  const auto [rest, failed] = std::from_chars(value.data(), end, kibibytes);
  if (failed != std::errc() || std::string_view(rest, end) != " kB")
    return Error{ErrorKind::Malformed,
                 "/proc/meminfo: no readable line \"MemAvailable: <number> kB\""};
  return kibibytes * 1024;
}

Result<std::uint64_t> memory_available() {
  const auto text = read_file("/proc/meminfo");
  if (!text) return text.error();
  return parse_memory_available(to_text(*text));
}

Result<std::uint64_t> space_left(const std::string& folder) {
  struct statvfs about = {};
  if (::statvfs(folder.c_str(), &about) != 0)
    return system_error(errno, folder, "cannot be looked at");
  return std::uint64_t{about.f_bavail} * about.f_frsize;
}

std::string board_name() {
  for (const char* path : {"/proc/device-tree/model", "/sys/class/dmi/id/product_name"}) {
    std::string text = text_or_nothing(path);
    text.resize(std::min({text.size(), text.find('\0'), text.find('\n')}));
    if (!text.empty()) return text;
  }
  return "";
}

std::string parse_processor_name(std::string_view cpuinfo) {
  const std::string_view part = value_after(cpuinfo, "CPU part");
  if (value_after(cpuinfo, "CPU implementer") == "0x41")
    for (const ArmCore& core : kArmCores)
      if (core.part == part) return core.name;
  if (!part.empty()) return "CPU part " + std::string(part);
  return std::string(value_after(cpuinfo, "model name"));
}

std::string processor_name() {
  return parse_processor_name(text_or_nothing("/proc/cpuinfo"));
}

unsigned processors_count() {
  return std::max(1U, std::thread::hardware_concurrency());
}

Status become_user(const std::string& name) {
  const passwd* user = ::getpwnam(name.c_str());
  if (user == nullptr)
    return Error{ErrorKind::Missing, "there is no user " + name + "; install the package again"};
  const auto [uid, gid] = std::pair(user->pw_uid, user->pw_gid);
  if (::initgroups(name.c_str(), gid) != 0 || ::setgid(gid) != 0 || ::setuid(uid) != 0)
    return system_error(errno, "user " + name, "becoming it failed");
  return {};
}

}  // namespace signet
