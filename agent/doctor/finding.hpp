#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/config/exit_code.hpp"

namespace signet {

/// What one check of a board came to.
struct Finding {
  enum class Level {
    Ok,
    Warning,  ///< the board can vote all the same
    Unseen,   ///< this user may not look, so that nobody knows
    Problem,  ///< the board cannot vote
  };

  std::string check;  ///< one word: "keys"
  Level level = Level::Ok;
  std::string text;                 ///< what was seen, in one line
  std::string advice = {};          ///< what to do about it; "" where there is nothing to do
  ExitCode code = ExitCode::Other;  ///< of a problem: what `signet-agent run` would end with

  bool operator==(const Finding&) const = default;
};
using Findings = std::vector<Finding>;

/// A problem of an error's message: what stands after its first "; " is the advice.
Finding problem_of(const std::string& check, const Error& error, ExitCode code);

/// Done where the board can vote; else the first problem's code, or Other where one check could not
/// look.
ExitCode exit_code_of(const Findings& findings);

/// One line for each, its advice below it, and at last whether the board can vote.
std::string to_text(const Findings& findings);
/// {"can_vote": bool, "exit_code": n, "checks": [{"check", "level", "text", "advice"}]}
std::string to_json(const Findings& findings);

}  // namespace signet
