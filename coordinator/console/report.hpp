#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "coordinator/round/events.hpp"

namespace signet {

/// The figures a run ends with. What is not known is nullopt: not measured is not zero.
struct FinalReport {
  RunSummary summary;
  std::uint64_t seed = 0;
  std::uint64_t dimension = 0;
  std::uint64_t rounds = 0;       ///< done, over all restarts
  std::uint64_t rounds_here = 0;  ///< done since this process started
  double seconds_here = 0;        ///< that these took
  std::optional<double> test_accuracy, test_loss;
  std::string model_path;               ///< empty: not written
  std::uint64_t memory_peak_bytes = 0;  ///< of this process, in RAM
  /// Mean over the rounds from the arrival of the vote that closes one to the departure of its
  /// update: what the coordinator adds to a round.
  std::optional<double> closing_seconds;

  double rounds_per_second() const {
    return seconds_here > 0 ? static_cast<double>(rounds_here) / seconds_here : 0;
  }
  /// Of the agents that were there at the end, all said that they hold the coordinator's digest.
  bool replicas_equal() const {
    return summary.agents > 0 && summary.confirmed == summary.agents && summary.different == 0;
  }
  /// Mean over the agents that told; as counted by themselves since they started.
  std::optional<double> bytes_up_per_agent() const;
  std::optional<double> bytes_down_per_agent() const;
  /// One float32 for each parameter and round, up (gradients) and down (their mean).
  double float32_bytes_per_agent() const {
    return 8.0 * static_cast<double>(dimension) * static_cast<double>(rounds_here);
  }
};

std::string report_table(const FinalReport& report);
/// One JSON object; keys as README.md lists them, null for what is not known.
std::string report_json(const FinalReport& report);

}  // namespace signet
