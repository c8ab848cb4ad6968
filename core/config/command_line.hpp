#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/config/exit_code.hpp"

namespace signet {

/// Ends a program because of its command line: "program: what is wrong", with one line break.
ExitNow usage_error(const std::string& program, const std::string& what);

/// Ends a program as its parser of arguments says: help and version with code Done, else an error
/// of usage. `parser_code`, `out` and `err` are what the parser wants to exit with and to print.
ExitNow end_of_parsing(const std::string& program, int parser_code, std::string out,
                       const std::string& err);

/// Appends a line; nothing when it is empty.
void append_line(std::string& message, const std::string& line);

// Numbers stay text while a command line is parsed: a parser's own rules would read 010 as 8. Where
// `text` is none nothing happens; where it is no number `message` gets a line that names `option`.
void parse_integer(const char* option, const std::optional<std::string>& text,
                   std::optional<std::int64_t>& into, std::string& message);
void parse_number(const char* option, const std::optional<std::string>& text,
                  std::optional<double>& into, std::string& message);

/// The first argument must be one of the commands, or an option of the program itself such as
/// --help. If it is neither, the answer names what was given, the commands and the nearest of them.
std::optional<ExitNow> refuse_unknown_command(const std::string& program,
                                              const std::vector<std::string>& commands,
                                              const std::vector<std::string>& arguments);

}  // namespace signet
