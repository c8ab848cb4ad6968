#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "core/base/result.hpp"

namespace signet {

enum class LogLevel { Debug, Info, Warning, Error, Off };

/// How lines look on stderr.
enum class LogStyle {
  Terminal,  ///< time of day, level in colour
  Plain,     ///< date, time with zone, level
  Journal,   ///< "<6>text": the journal knows the time and reads sd-daemon(3)'s priority prefix
};

/// "debug", "info", "warning", "error" or "off"; info until set.
/// Fails with Malformed, naming what was given and the five.
Status set_log_level(std::string_view name);
bool log_enabled(LogLevel level);

/// Journal when stderr is the stream that JOURNAL_STREAM names (systemd.exec(5)), Terminal when it
/// is a terminal, else Plain. Chosen at the first line unless set before.
LogStyle detect_log_style();
void set_log_style(LogStyle style);

/// Writes one event as one line: control characters come out as \xNN, so that nothing a peer sends
/// can forge a line or move the cursor.
void write_log(LogLevel level, std::string_view text);

template <typename... Args>
void log_at(LogLevel level, fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(level)) write_log(level, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void log_debug(fmt::format_string<Args...> format, Args&&... args) {
  log_at(LogLevel::Debug, format, std::forward<Args>(args)...);
}
template <typename... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
  log_at(LogLevel::Info, format, std::forward<Args>(args)...);
}
template <typename... Args>
void log_warning(fmt::format_string<Args...> format, Args&&... args) {
  log_at(LogLevel::Warning, format, std::forward<Args>(args)...);
}
template <typename... Args>
void log_error(fmt::format_string<Args...> format, Args&&... args) {
  log_at(LogLevel::Error, format, std::forward<Args>(args)...);
}

/// Each line of `text` as an event of its own: a file may have many things wrong with it.
void log_error_lines(std::string_view text);

/// Writes what was asked for to the standard output; false where it cannot be written, which is
/// then in the log.
bool print_out(const std::string& text);
/// The end of a program that only had `text` to say: to the standard output where `code` is 0, else
/// to stderr. What is left to return from main(): `code`, or 1 where the text was lost.
int print_and_end(const std::string& text, int code);

}  // namespace signet
