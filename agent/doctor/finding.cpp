#include "agent/doctor/finding.hpp"

#include <algorithm>

#include "core/config/text.hpp"

namespace signet {

namespace finding_detail {

using Level = Finding::Level;

const char* word_of(Level level) {
  switch (level) {
    case Level::Ok: return "ok";
    case Level::Warning: return "warning";
    case Level::Unseen: return "unseen";
    case Level::Problem: return "problem";
  }
  return "";
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::ptrdiff_t count_of(const Findings& findings, Level level) {
  return std::ranges::count(findings, level, &Finding::level);
}

std::string last_line(const Findings& findings) {
  const auto problems = count_of(findings, Level::Problem);
  if (problems > 0)
    return "this board cannot vote: " + std::to_string(problems) +
           (problems == 1 ? " problem" : " problems");
  if (count_of(findings, Level::Unseen) > 0)
    return "this user cannot tell whether the board can vote; ask as root: sudo signet-agent "
           "doctor";
  return "this board can vote";
}

}  // namespace finding_detail

Finding problem_of(const std::string& check, const Error& error, ExitCode code) {
  const auto at = error.message.find("; ");
  const std::string advice = at == std::string::npos ? "" : error.message.substr(at + 2);
  return {check, Finding::Level::Problem, error.message.substr(0, at), advice, code};
}

ExitCode exit_code_of(const Findings& findings) {
  using finding_detail::Level;
  const auto problem = std::ranges::find(findings, Level::Problem, &Finding::level);
  if (problem != findings.end()) return problem->code;
  return finding_detail::count_of(findings, Level::Unseen) > 0 ? ExitCode::Other : ExitCode::Done;
}

std::string to_text(const Findings& findings) {
  using finding_detail::padded;
  std::string text;
  for (const Finding& finding : findings) {
    text += padded(finding_detail::word_of(finding.level), 9) + padded(finding.check, 15) +
            finding.text + "\n";
    if (!finding.advice.empty()) text += padded("", 24) + "-> " + finding.advice + "\n";
  }
  return text + finding_detail::last_line(findings) + "\n";
}

std::string to_json(const Findings& findings) {
  const ExitCode code = exit_code_of(findings);
  std::string text = std::string("{\"can_vote\": ") + (code == ExitCode::Done ? "true" : "false") +
                     ", \"exit_code\": " + std::to_string(static_cast<int>(code)) +
                     ", \"checks\": [";
  const char* separator = "\n";
  for (const Finding& finding : findings) {
    // A basic string of TOML is one of JSON, too.
    text += std::string(separator) + "  {\"check\": " + config::toml_text(finding.check) +
            ", \"level\": \"" + finding_detail::word_of(finding.level) +
            "\", \"text\": " + config::toml_text(finding.text) +
            ", \"advice\": " + config::toml_text(finding.advice) + "}";
    separator = ",\n";
  }
  return text + "\n]}\n";
}

}  // namespace signet
