#include "core/config/command_line.hpp"

#include <algorithm>

#include "core/config/nearest.hpp"
#include "core/config/text.hpp"

namespace signet {

ExitNow usage_error(const std::string& program, const std::string& what) {
  std::string text = program + ": " + what;
  if (!text.ends_with('\n')) text += '\n';
  return {ExitCode::Usage, text};
}

std::optional<ExitNow> refuse_unknown_command(const std::string& program,
                                              const std::vector<std::string>& commands,
                                              const std::vector<std::string>& arguments) {
  const std::string help = "\nRun with --help for more information.";
  const std::string all = config::join(commands);
  if (arguments.empty()) return usage_error(program, "a command is needed, one of: " + all + help);
  const auto& first = arguments.front();
  if (first.starts_with('-')) return std::nullopt;
  if (std::find(commands.begin(), commands.end(), first) != commands.end()) return std::nullopt;
  const auto meant = config::nearest_word(first, commands);
  return usage_error(program, "unknown command " + config::quoted(first) + "; allowed: " + all +
                                  (meant ? "; did you mean " + *meant + "?" : "") + help);
}

}  // namespace signet
