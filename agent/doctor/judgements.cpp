#include "agent/doctor/judgements.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace signet {

namespace judgements_detail {

using Level = Finding::Level;

// The smallest of the ready-made jobs takes an agent 12 MB.
constexpr std::uint64_t kLittleMemory = 64'000'000, kLittleSpace = 1'000'000;
// 1 January 2026: no board runs this program before it was written.
constexpr std::int64_t kProgramWritten = 1'767'225'600;

/// The value of a line "KEY=VALUE"; "" without one.
std::string value_of(std::string_view shown, std::string_view key) {
  while (!shown.empty()) {
    const std::string_view line = shown.substr(0, shown.find('\n'));
    if (line.starts_with(key) && line.substr(key.size()).starts_with('='))
      return std::string(line.substr(key.size() + 1));
    shown.remove_prefix(std::min(shown.size(), line.size() + 1));
  }
  return "";
}

bool below_home(const std::string& path) {
  for (const char* folder : {"home", "root", "run/user"})
    if (path.starts_with(std::string("/") + folder + "/")) return true;
  return false;
}

Finding judge_knock(const DoorSeen& seen, Knock knock) {
  const std::string at = seen.address + ", which is " + seen.reached->host + ", ";
  switch (knock) {
    case Knock::Opened:
      return {"coordinator", Level::Ok,
              at + (seen.encrypted ? "has the coordinator's key and lets this board's in"
                                   : "answers, not encrypted")};
    case Knock::KeyDenied:
      return {"coordinator", Level::Problem, at + "does not let this board's key in",
              "it was revoked, or the coordinator has another fleet file; join anew with a new "
              "token",
              ExitCode::Refused};
    case Knock::NoCommonGround:
      return {"coordinator", Level::Problem,
              at + (seen.encrypted ? "does not have the key that server_key names"
                                   : "closes the connection: it wants keys"),
              seen.encrypted ? "is it another coordinator, or one that has made new keys? join "
                               "anew with a token of it"
                             : "join its fleet: signet-agent join TOKEN",
              ExitCode::Network};
    case Knock::NoAnswer: break;
  }
  return {"coordinator", Level::Problem, at + "takes the connection and is silent",
          "is this the coordinator's port? another program may have it, or the coordinator hangs",
          ExitCode::Network};
}

}  // namespace judgements_detail

std::string bytes_text(std::uint64_t bytes) {
  constexpr std::array<const char*, 5> units{"B", "kB", "MB", "GB", "TB"};
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; size >= 999.5 && unit + 1 < units.size(); ++unit) size /= 1000;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit > 0 && size < 9.95 ? "%.1f %s" : "%.0f %s", size,
                units.at(unit));
  return text.data();
}

Finding judge_memory(const Result<std::uint64_t>& available) {
  using judgements_detail::Level;
  if (!available) return {"memory", Level::Warning, available.error().message};
  const std::string millions =
      std::to_string(*available / kBytesPerParameter / 1'000'000) + " million parameters";
  const std::string text = bytes_text(*available) + " to be had: a model of " + millions + ", at " +
                           std::to_string(kBytesPerParameter) +
                           " bytes each, less what the data take";
  if (*available >= judgements_detail::kLittleMemory) return {"memory", Level::Ok, text};
  return {"memory", Level::Warning, text, "end other programs, or use a board with more"};
}

Finding judge_disk(const std::string& folder, const Result<std::uint64_t>& left,
                   const Status& writable) {
  using judgements_detail::Level;
  const std::string harmless = "; an agent keeps nothing, so that it votes all the same";
  if (!left)
    return {"disk", Level::Warning, left.error().message, "the package makes it: install it again"};
  if (!writable)
    return {"disk", Level::Warning, folder + " cannot be written to" + harmless,
            "is the disk mounted read-only? then it may be failing: look with dmesg"};
  const std::string text = folder + ": " + bytes_text(*left) + " left";
  if (*left >= judgements_detail::kLittleSpace) return {"disk", Level::Ok, text};
  return {"disk", Level::Warning, text + harmless, "make room: other programs may need it"};
}

Finding judge_clock(std::int64_t now) {
  const bool wrong = now < judgements_detail::kProgramWritten;
  return {"clock", Finding::Level::Ok,
          std::string(wrong ? "is years off, which is harmless" : "need not be right") +
              ": no key has a date, and no wait uses the time of day"};
}

Finding judge_door(const DoorSeen& seen) {
  using judgements_detail::Level;
  const auto at_address = [&](Finding finding) {
    finding.text = seen.address + ": " + finding.text;
    return finding;
  };
  if (!seen.reached)
    return at_address(problem_of("coordinator", seen.reached.error(), ExitCode::Network));
  if (!seen.knock)
    return {"coordinator", Level::Unseen,
            seen.address + ", which is " + seen.reached->host +
                ", takes connections; without the key " + "nobody can tell who it is"};
  if (!*seen.knock) return problem_of("coordinator", seen.knock->error(), ExitCode::Network);
  return judgements_detail::judge_knock(seen, **seen.knock);
}

void settle_doors(Findings& doors) {
  using judgements_detail::Level;
  const bool one_answers = std::ranges::find(doors, Level::Ok, &Finding::level) != doors.end();
  if (!one_answers) return;
  for (Finding& door : doors)
    if (door.level == Level::Problem) door.level = Level::Warning;
}

Finding judge_service(std::string_view shown, const std::string& data_path) {
  using judgements_detail::Level;
  using judgements_detail::value_of;
  const std::string state = value_of(shown, "ActiveState"),
                    at_boot = value_of(shown, "UnitFileState");
  if (value_of(shown, "LoadState") != "loaded")
    return {"service", Level::Ok, "is not installed; signet-agent run serves as well"};
  if (value_of(shown, "ProtectHome") == "yes" && judgements_detail::below_home(data_path))
    return {"service", Level::Problem, "cannot see " + data_path,
            "put the data elsewhere, or set ProtectHome=read-only with systemctl edit signet-agent",
            ExitCode::Data};
  if (state == "failed")
    return {"service", Level::Warning,
            "has failed with exit code " + value_of(shown, "ExecMainStatus"),
            "see journalctl -u signet-agent, mend it, then: sudo systemctl restart signet-agent"};
  if (state != "active" && state != "activating")
    return {"service", Level::Warning, "is " + state + ", and " + at_boot,
            "start it: sudo systemctl enable --now signet-agent"};
  if (at_boot != "enabled")
    return {"service", Level::Warning, "runs, but does not start with the board",
            "sudo systemctl enable signet-agent"};
  return {"service", Level::Ok, "runs, and starts with the board"};
}

}  // namespace signet
