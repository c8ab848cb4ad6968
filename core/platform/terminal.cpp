#include "core/platform/terminal.hpp"

#include <charconv>
#include <cstdlib>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

namespace signet {

bool stdout_is_terminal() {
  return ::isatty(STDOUT_FILENO) == 1;
}
bool stderr_is_terminal() {
  return ::isatty(STDERR_FILENO) == 1;
}

std::size_t terminal_columns() {
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
    winsize size = {};
    if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  }
  constexpr std::size_t kCustomary = 80;
  const char* set = std::getenv("COLUMNS");
  if (set == nullptr) return kCustomary;
  const std::string_view text(set);
  std::size_t columns = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), columns);
  const bool whole = failed == std::errc() && end == text.data() + text.size();
  return whole && columns > 0 ? columns : kCustomary;
}

}  // namespace signet
