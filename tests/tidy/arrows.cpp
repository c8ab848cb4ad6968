#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/rules.hpp"

namespace signet::tidy {

namespace {

/// A room of core/ and those it may include besides itself. The one place that says so.
struct Room {
  std::string_view name;
  std::vector<std::string_view> sees;
};

const std::vector<Room>& rooms_of_core() {
  static const std::vector<Room> rooms{
      {"core/base", {}},
      {"core/identity", {"core/base"}},
      {"core/kernels", {"core/base"}},
      {"core/signs", {"core/base", "core/kernels"}},
      {"core/vote", {"core/base", "core/kernels", "core/signs"}},
      {"core/data", {"core/base"}},
      {"core/model", {"core/base", "core/data"}},
      {"core/optim", {"core/base", "core/kernels", "core/signs", "core/data", "core/model"}},
      {"core/config", {"core/base", "core/data", "core/model"}},
      {"core/job",
       {"core/base", "core/signs", "core/vote", "core/data", "core/model", "core/optim",
        "core/config"}},
      {"core/wire", {"core/base", "core/data", "core/kernels", "core/signs"}},
      {"core/platform", {"core/base"}},
  };
  return rooms;
}

/// Folder that `path` belongs to: two levels in core, agent and coordinator, one elsewhere.
std::string room_of(std::string_view path) {
  const auto first = path.find('/');
  if (first == std::string_view::npos) return "";
  const auto top = path.substr(0, first);
  if (top != "core") return std::string(top);
  return std::string(path.substr(0, path.find('/', first + 1)));
}

/// The files outside core/ that may touch the machine through core/platform.
bool may_see_platform(std::string_view path) {
  if (starts_with(path, "cli") || starts_with(path, "tests")) return true;
  for (const std::string_view folder :
       {"agent/bench", "agent/board", "agent/doctor", "agent/finder", "agent/join",
        "coordinator/store", "coordinator/console"})
    if (starts_with(path, folder)) return true;
  const auto name = path.substr(path.rfind('/') + 1);
  const auto stem = name.substr(0, name.find('.'));
  return stem == "daemon" || stem.starts_with("daemon_") || stem == "main" ||
         stem.starts_with("main_");
}

/// The state machines and the trainer are told what the configuration says; they do not read it.
bool may_see_config(std::string_view path) {
  for (const std::string_view folder :
       {"agent/guest", "agent/session", "agent/trainer", "coordinator/round"})
    if (starts_with(path, folder)) return false;
  return true;
}

/// The rooms of the coordinator that its answers are drawn from.
bool is_asked_by_control(std::string_view path) {
  return starts_with(path, "coordinator/round") || starts_with(path, "coordinator/roster");
}

/// Empty when `path`, which lies in `from`, may include `target`; else why not.
std::string objection(std::string_view path, const std::string& from, const std::string& target) {
  const std::string to = room_of(target);
  if (target.starts_with("coordinator/control/") && is_asked_by_control(path))
    return "control/ asks the machine, which knows nothing of it";
  if (from == "tests" || from == to) return "";
  if (to == "tests") return "only tests see tests";
  if (to == "cli") return "nobody sees cli/";
  if (from.starts_with("core/")) {
    const auto& rooms = rooms_of_core();
    const auto room =
        std::find_if(rooms.begin(), rooms.end(), [&](const Room& r) { return r.name == from; });
    if (room == rooms.end()) return from + " is not a room that tests/tidy/arrows.cpp knows";
    const bool seen = std::find(room->sees.begin(), room->sees.end(), to) != room->sees.end();
    return seen ? "" : "no arrow leads from " + to + " to " + from;
  }
  if (to == "core/platform" && !may_see_platform(path))
    return "only bench/, board/, doctor/, finder/, join/, store/, console/, daemon, main, cli/ and "
           "tests see core/platform";
  if (to == "core/config" && !may_see_config(path))
    return "session/, guest/, trainer/ and round/ are given values, they see no core/config";
  if (from == "agent" && to == "coordinator") return "the agent never sees the coordinator";
  if (from == "coordinator" && to == "agent") return "the coordinator never sees the agent";
  if (to == "fleet" && from != "cli") return "only cli/ and tests see fleet/";
  return "";
}

bool is_room(const std::string& room) {
  static const std::vector<std::string_view> others{"agent", "coordinator", "fleet", "cli",
                                                    "tests"};
  return room.starts_with("core/") || std::find(others.begin(), others.end(), room) != others.end();
}

}  // namespace

Findings check_arrows(const SourceFile& file) {
  Findings findings;
  const std::string from = room_of(file.path);
  if (!is_cpp(file.path) || !is_room(from)) return findings;
  for (const auto& include : includes_of(file)) {
    if (!include.quoted || include.target.ends_with("_generated.h")) continue;
    const std::string why = is_room(room_of(include.target))
                                ? objection(file.path, from, include.target)
                                : "write the path from the repository root";
    if (!why.empty())
      findings.push_back({file.path, include.line, "includes \"" + include.target + "\": " + why});
  }
  return findings;
}

}  // namespace signet::tidy
