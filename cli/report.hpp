#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fleet/trace.hpp"

namespace signet {

/// What a simulated training ends with. What is not known is nullopt.
struct SimulateReport {
  Trace trace;
  std::string method;
  std::uint64_t dimension = 0, agents = 0;
  double seconds = 0;                   ///< of this machine, from the loaded data to the end
  std::uint64_t memory_peak_bytes = 0;  ///< of this process, in RAM
  /// What the process had more at the last round than before the agents were made, by agents: it
  /// tells an agent's share where there are many. None for the baselines.
  std::optional<std::uint64_t> memory_per_agent_bytes;

  double rounds_per_second() const {
    return seconds > 0 ? static_cast<double>(trace.rounds) / seconds : 0;
  }
};

/// For people.
std::string simulate_table(const SimulateReport& report);
/// One JSON object; keys as docs/simulation.md lists them, null for what is not known or not
/// finite. `rows`: each round as well.
std::string simulate_json(const SimulateReport& report, bool rows);

}  // namespace signet
