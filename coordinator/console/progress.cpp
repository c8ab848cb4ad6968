#include "coordinator/console/progress.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include <fmt/format.h>

#include "core/platform/terminal.hpp"

namespace signet {

namespace {

constexpr Duration kLineEvery = std::chrono::milliseconds(200);
constexpr Duration kLogEvery = std::chrono::seconds(5);

}  // namespace

std::string human_bytes(double bytes) {
  static constexpr std::array units{"B", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  for (; bytes >= 999.5 && unit + 1 < units.size(); ++unit) bytes /= 1000;
  return unit == 0 ? fmt::format("{:.0f} B", bytes) : fmt::format("{:.1f} {}", bytes, units[unit]);
}

std::string human_time(double seconds) {
  const auto total = static_cast<long long>(std::llround(std::max(0.0, seconds)));
  const auto hours = total / 3600, minutes = total / 60 % 60, rest = total % 60;
  return hours > 0 ? fmt::format("{}:{:02}:{:02}", hours, minutes, rest)
                   : fmt::format("{}:{:02}", minutes, rest);
}

std::string table_row(const std::string& what, const std::string& value) {
  return fmt::format("  {:<28} {}\n", what, value);
}

std::string progress_line(const ProgressFigures& f, std::optional<double> seconds_left) {
  const RoundReport& r = f.report;
  const auto traffic = [&f] {
    if (!f.traffic) return std::string();
    return fmt::format("  up {}  down {}", human_bytes(static_cast<double>(f.traffic->received)),
                       human_bytes(static_cast<double>(f.traffic->sent)));
  };
  return fmt::format(
      "round {}/{}  acc {}  loss {}  rate {:.1e}  agents {}/{}{}  left {}", r.round.value + 1,
      r.rounds,
      f.test_accuracy ? fmt::format("{:.1f} %", 100 * *f.test_accuracy) : std::string("-"),
      std::isnan(r.train_loss) ? std::string("-") : fmt::format("{:.3f}", r.train_loss),
      double{r.rate}, r.voters, std::max<std::size_t>(r.live, f.agents_wanted), traffic(),
      seconds_left ? human_time(*seconds_left) : std::string("?"));
}

std::string fit_line(std::string line, std::size_t columns) {
  for (const char* field : {"  down ", "  up ", "  rate ", "  loss "}) {
    if (line.size() <= columns) break;
    const auto at = line.find(field);
    if (at == std::string::npos) continue;
    const auto next = line.find("  ", at + 2);
    line.erase(at, next == std::string::npos ? next : next - at);
  }
  return line.substr(0, columns);
}

ProgressDisplay::ProgressDisplay(Progress mode)
    : rewrite_(mode == Progress::Line || (mode == Progress::Auto && stdout_is_terminal())),
      silent_(mode == Progress::None) {}

void ProgressDisplay::show(Instant now, const ProgressFigures& figures) {
  const std::uint64_t done = figures.report.round.value + 1;
  if (!first_round_) {
    first_round_ = last_round_ = done;
    last_at_ = now;
  }
  if (silent_ || now < next_) return;
  const double passed = seconds(now - last_at_);
  if (passed > 0 && done > last_round_) {
    const double pace = static_cast<double>(done - last_round_) / passed;
    pace_ += (pace - pace_) * (pace_ > 0 ? 0.2 : 1.0);
    last_round_ = done;
    last_at_ = now;
  }
  std::optional<double> left;
  if (pace_ > 0) left = static_cast<double>(figures.report.rounds - done) / pace_;
  print(now, progress_line(figures, left));
}

void ProgressDisplay::show_waiting(Instant now, const std::string& status) {
  if (!silent_ && now >= next_) print(now, status);
}

void ProgressDisplay::print(Instant now, const std::string& line) {
  next_ = now + (rewrite_ ? kLineEvery : kLogEvery);
  if (!rewrite_) {
    std::printf("%s\n", line.c_str());
  } else {
    // A line that wraps could not be rewritten.
    std::printf("\r\x1b[K%s", fit_line(line, terminal_columns() - 1).c_str());
    on_line_ = true;
  }
  std::fflush(stdout);
}

void ProgressDisplay::clear() {
  if (!on_line_) return;
  std::printf("\r\x1b[K");
  std::fflush(stdout);
  on_line_ = false;
}

}  // namespace signet
