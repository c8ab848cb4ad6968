#include "core/config/exit_code.hpp"

#include <array>

#include "core/base/check.hpp"

namespace signet {

std::span<const ExitCodeRow> exit_codes() {
  static constexpr std::array<ExitCodeRow, 9> rows = {{
      {ExitCode::Done, "done", "done, or stopped by a signal"},
      {ExitCode::Other, "other", "anything else"},
      {ExitCode::Usage, "usage", "the command line is wrong"},
      {ExitCode::Configuration, "configuration", "the configuration or the job is wrong"},
      {ExitCode::Data, "data", "the data cannot be read or does not fit the job"},
      {ExitCode::State, "state", "the state file cannot be used"},
      {ExitCode::Network, "network",
       "the network cannot be used, for example the address is taken"},
      {ExitCode::Refused, "refused", "the coordinator refused this agent, or an operator's order"},
      {ExitCode::TrainingFailed, "training failed", "the training failed, for example it diverged"},
  }};
  return rows;
}

const char* to_string(ExitCode code) {
  for (const auto& row : exit_codes())
    if (row.code == code) return row.name;
  SIGNET_CHECK(false, "every exit code has its row");
  return "";
}

std::string exit_code_markdown() {
  std::string out = "| code | name | meaning |\n| --- | --- | --- |\n";
  for (const auto& [code, name, meaning] : exit_codes())
    out += "| " + std::to_string(static_cast<int>(code)) + " | " + name + " | " + meaning + " |\n";
  return out;
}

}  // namespace signet
