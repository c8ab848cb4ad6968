#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "core/base/time.hpp"
#include "core/config/exit_code.hpp"

namespace CLI {  // NOLINT: its own name
class App;
}

namespace signet {

/// The command line of `signet status` and `signet agents`.
struct WatchCommand {
  enum class Ask { Status, Agents };
  Ask ask = Ask::Status;
  std::optional<std::string> state_file;    ///< of the run
  std::optional<std::string> control_path;  ///< the coordinator's socket; one of both at most
  bool json = false;
  Duration timeout = std::chrono::seconds(5);

  bool operator==(const WatchCommand&) const = default;
};

/// Adds both commands to `app` and holds what it reads of them.
class WatchOptions {
 public:
  explicit WatchOptions(CLI::App& app);
  ~WatchOptions();
  WatchOptions(const WatchOptions&) = delete;
  WatchOptions& operator=(const WatchOptions&) = delete;

  /// After parsing: it was one of ours.
  bool asked() const;
  /// Ends with Usage where an option is out of bounds.
  std::variant<WatchCommand, ExitNow> command() const;

 private:
  struct Raw;
  std::unique_ptr<Raw> raw_;
};

}  // namespace signet
