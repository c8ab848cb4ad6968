#pragma once

#include <initializer_list>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/config/command_line.hpp"
#include "core/config/key_table.hpp"

namespace signet::config {

// What the files and command lines of agents and coordinators have in common.

/// An option of the command line, and the key of the file that it is given in place of.
struct Override {
  const char* option;
  const char* path;
  const std::optional<std::string>& value;  ///< none: not given
};

/// Puts the options that were given over `into`, by the rules of the file's keys. Fails with
/// Malformed, naming each option that is wrong.
template <typename S>
Status set_over(const KeyTable<S>& keys, std::initializer_list<Override> overrides, S& into) {
  std::string message;
  for (const auto& [option, path, value] : overrides) {
    if (!value) continue;
    const auto set = keys.set(into, path, Value{*value, 0}, option);
    if (!set) append_line(message, set.error().message);
  }
  if (!message.empty()) return Error{ErrorKind::Malformed, message};
  return {};
}

/// log.level, a key of S::log_level.
template <typename S>
void add_log_level(KeyTable<S>& keys) {
  keys.template word<std::string>(
          {"log.level", "The least important events that are logged."},
          {{"debug", "debug"}, {"info", "info"}, {"warning", "warning"}, {"error", "error"}},
          [](auto& c) -> auto& { return c.log_level; })
      .may_change = true;
}

}  // namespace signet::config
