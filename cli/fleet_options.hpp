#pragma once

#include <memory>
#include <optional>
#include <variant>

#include "cli/watch_options.hpp"
#include "coordinator/control/orders.hpp"
#include "core/config/exit_code.hpp"

namespace signet {

/// The command line of `signet token`, `signet revoke` and `signet rename`.
struct FleetCommand {
  Asked asked;
  Order order;
};

/// Adds the commands to `app` and holds what it reads of them.
class FleetCommandOptions {
 public:
  explicit FleetCommandOptions(CLI::App& app);
  ~FleetCommandOptions();
  FleetCommandOptions(const FleetCommandOptions&) = delete;
  FleetCommandOptions& operator=(const FleetCommandOptions&) = delete;

  /// After parsing: it was one of ours.
  bool asked() const;
  /// Ends with Usage where options do not go together or are out of bounds.
  std::variant<FleetCommand, ExitNow> command() const;

 private:
  struct Raw;
  std::unique_ptr<Raw> raw_;
};

}  // namespace signet
