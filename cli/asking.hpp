#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/config/exit_code.hpp"
#include "core/platform/control_client.hpp"

namespace CLI {  // NOLINT: its own name
class App;
}

namespace signet {

/// Which running coordinator a command is for, and how its answer is shown.
struct Asked {
  std::optional<std::string> state_file;    ///< of the run
  std::optional<std::string> control_path;  ///< the coordinator's socket; one of both at most
  bool json = false;
  Duration timeout = std::chrono::seconds(5);

  bool operator==(const Asked&) const = default;
};

/// Adds the options of an Asked to a command; the timeout stays text until it is checked.
void add_asking_options(CLI::App& command, Asked& into, std::optional<std::string>& timeout);
/// Appends what is wrong with them, one a line.
void check_asking_options(const std::optional<std::string>& timeout, Asked& into,
                          std::string& message);

/// The one of `found`, the control sockets in the working folder. Fails with Missing where there is
/// none and Malformed where there are several, saying what to do.
Result<std::string> only_socket(const std::vector<std::string>& found);

/// Fails with Malformed where it is not clear whom to ask, or as ControlClient::open() does.
Result<std::unique_ptr<ControlClient>> connect_to(const Asked& asked);
Result<std::string> ask(ControlClient& client, const std::string& question, Duration timeout);

/// Logs why asking failed; the code to end with.
ExitCode asking_failed(const Error& error);
/// Writes what came of it to the standard output; Other, with the reason in the log, where that
/// fails.
ExitCode show_answer(const std::string& text);

}  // namespace signet
