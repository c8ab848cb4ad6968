#include "core/platform/log.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/platform/files.hpp"
#include "core/platform/terminal.hpp"

namespace signet {
namespace log_lines {

struct LevelName {
  std::string_view name;
  LogLevel level;
  spdlog::level::level_enum theirs;
  std::string_view priority;  // syslog's, for the journal
};
constexpr std::array<LevelName, 5> kLevels{{
    {"debug", LogLevel::Debug, spdlog::level::debug, "<7>"},
    {"info", LogLevel::Info, spdlog::level::info, "<6>"},
    {"warning", LogLevel::Warning, spdlog::level::warn, "<4>"},
    {"error", LogLevel::Error, spdlog::level::err, "<3>"},
    {"off", LogLevel::Off, spdlog::level::off, ""},
}};

const LevelName& of(LogLevel level) {
  return kLevels[static_cast<std::size_t>(level)];
}

std::shared_ptr<spdlog::logger> make_logger(LogStyle style) {
  spdlog::sink_ptr sink;
  if (style == LogStyle::Terminal)
    sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  else
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  auto logger = std::make_shared<spdlog::logger>("signet", std::move(sink));
  logger->flush_on(spdlog::level::debug);
  switch (style) {
    case LogStyle::Terminal: logger->set_pattern("%H:%M:%S.%e %^%-7l%$ %v"); break;
    case LogStyle::Plain: logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %-7l %v"); break;
    case LogStyle::Journal: logger->set_pattern("%v"); break;
  }
  return logger;
}

struct Destination {
  LogStyle style;
  std::shared_ptr<spdlog::logger> logger;

  explicit Destination(LogStyle s) : style(s), logger(make_logger(s)) {}
};

Destination& destination() {
  static Destination only(detect_log_style());
  return only;
}

std::string in_one_line(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  unsigned char before = 0;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    // U+0080 to U+009F, in UTF-8 c2 80 to c2 9f, move cursors as well.
    const bool second = before == 0xc2 && code >= 0x80 && code < 0xa0;
    if (second) line.replace(line.size() - 1, 1, "\\xc2");
    if (second || code < 0x20 || code == 0x7f)
      line += fmt::format("\\x{:02x}", code);
    else
      line += c;
    before = code;
  }
  return line;
}

}  // namespace log_lines

Status set_log_level(std::string_view name) {
  for (const auto& level : log_lines::kLevels) {
    if (level.name != name) continue;
    log_lines::destination().logger->set_level(level.theirs);
    return {};
  }
  return Error{ErrorKind::Malformed, "log level \"" + std::string(name) +
                                         "\" is none of debug, info, warning, error, off"};
}

bool log_enabled(LogLevel level) {
  return level != LogLevel::Off &&
         log_lines::destination().logger->should_log(log_lines::of(level).theirs);
}

LogStyle detect_log_style() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat about = {};
  if (stream != nullptr && ::fstat(STDERR_FILENO, &about) == 0 &&
      fmt::format("{}:{}", about.st_dev, about.st_ino) == stream)
    return LogStyle::Journal;
  return stderr_is_terminal() ? LogStyle::Terminal : LogStyle::Plain;
}

void set_log_style(LogStyle style) {
  auto& destination = log_lines::destination();
  const auto level = destination.logger->level();
  destination = log_lines::Destination(style);
  destination.logger->set_level(level);
}

void write_log(LogLevel level, std::string_view text) {
  const auto& named = log_lines::of(level);
  auto& [style, logger] = log_lines::destination();
  std::string line = log_lines::in_one_line(text);
  if (style == LogStyle::Journal) line.insert(0, named.priority);
  logger->log(named.theirs, line);
}

void log_error_lines(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    log_error("{}", text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
}

bool print_out(const std::string& text) {
  const auto written = write_to_stdout(text);
  if (!written) log_error_lines(written.error().message);
  return bool(written);
}

int print_and_end(const std::string& text, int code) {
  if (code == 0) return print_out(text) ? 0 : 1;
  std::fputs(text.c_str(), stderr);
  return code;
}

}  // namespace signet
