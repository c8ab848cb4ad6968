#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "coordinator/options.hpp"
#include "coordinator/round/events.hpp"
#include "core/base/time.hpp"
#include "core/platform/transport.hpp"

namespace signet {

/// What is known of the training at one moment.
struct ProgressFigures {
  RoundReport report;
  std::optional<double> test_accuracy;
  std::size_t agents_wanted = 0;
  std::optional<Traffic> traffic;  ///< the coordinator's; none: not shown
};

/// "round  412/705  acc 87.1 %  loss 0.312  rate 3.1e-04  agents 4/4  up 29.3 MB  down ..."
std::string progress_line(const ProgressFigures& figures, std::optional<double> seconds_left);

/// The line in at most `columns`: without traffic, rate and loss, as far as it must be, so that no
/// number loses its last digits. Cut only when that is not enough.
std::string fit_line(std::string line, std::size_t columns);

/// "1.5 kB", "29.3 MB": powers of 1000.
std::string human_bytes(double bytes);
/// "0:41", "1:02:03".
std::string human_time(double seconds);
/// A line of the table at the end of a run.
std::string table_row(const std::string& what, const std::string& value);

/// Shows the training on stdout: one line that is rewritten on a terminal, a line every few seconds
/// elsewhere.
class ProgressDisplay {
 public:
  explicit ProgressDisplay(Progress mode);

  void show(Instant now, const ProgressFigures& figures);
  /// Something to say while no round closes.
  void show_waiting(Instant now, const std::string& status);
  /// Leaves the terminal on a fresh line, so that a log line does not mix with ours.
  void clear();

 private:
  void print(Instant now, const std::string& line);

  bool rewrite_ = false, silent_ = false, on_line_ = false;
  Instant next_{};
  Instant first_at_{};
  std::optional<std::uint64_t> first_round_;
  double pace_ = 0;  // smoothed rounds per second
  Instant last_at_{};
  std::uint64_t last_round_ = 0;
};

}  // namespace signet
