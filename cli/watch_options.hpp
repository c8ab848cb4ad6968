#pragma once

#include <memory>
#include <variant>

#include "cli/asking.hpp"
#include "core/config/exit_code.hpp"

namespace signet {

/// The command line of `signet status` and `signet agents`.
struct WatchCommand : Asked {
  enum class Ask { Run, Agents };
  Ask ask = Ask::Run;

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
