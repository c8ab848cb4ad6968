#include "core/config/command_line.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "core/config/nearest.hpp"
#include "core/config/text.hpp"

namespace signet {

ExitNow usage_error(const std::string& program, const std::string& what) {
  std::string text = program + ": " + what;
  if (!text.ends_with('\n')) text += '\n';
  return {ExitCode::Usage, text};
}

ExitNow end_of_parsing(const std::string& program, int parser_code, std::string out,
                       const std::string& err) {
  if (parser_code != 0) return usage_error(program, err);
  if (!out.ends_with('\n')) out += '\n';
  return {ExitCode::Done, std::move(out)};
}

void append_line(std::string& message, const std::string& line) {
  if (line.empty()) return;
  message += (message.empty() ? "" : "\n") + line;
}

void parse_integer(const char* option, const std::optional<std::string>& text,
                   std::optional<std::int64_t>& into, std::string& message) {
  if (!text) return;
  std::int64_t number = 0;
  const auto* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, number);
  if (error == std::errc() && stop == end)
    into = number;
  else
    append_line(message, std::string(option) + ": is " + config::quoted(*text) +
                             "; expected an integer below 2^63");
}

void parse_number(const char* option, const std::optional<std::string>& text,
                  std::optional<double>& into, std::string& message) {
  if (!text) return;
  double number = 0;
  const auto* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, number);
  if (error == std::errc() && stop == end && std::isfinite(number))
    into = number;
  else
    append_line(message, std::string(option) + ": is " + config::quoted(*text) +
                             "; expected a number such as 0.05");
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
