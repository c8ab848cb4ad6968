#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/config/exit_code.hpp"

namespace signet {

/// Ends a program because of its command line: "program: what is wrong", with one line break.
ExitNow usage_error(const std::string& program, const std::string& what);

/// The first argument must be one of the commands, or an option of the program itself such as
/// --help. If it is neither, the answer names what was given, the commands and the nearest of them.
std::optional<ExitNow> refuse_unknown_command(const std::string& program,
                                              const std::vector<std::string>& commands,
                                              const std::vector<std::string>& arguments);

}  // namespace signet
