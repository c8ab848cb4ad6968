#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace signet {

/// One round of a simulated training.
struct TraceRow {
  std::uint64_t round = 0;  ///< from 0
  double rate = 0;          ///< eta of the round's step
  double train_loss = 0;    ///< mean over the round's agents, at the parameters before the step
  double margin = 0;        ///< mean vote margin in [0, 1]; 0 where nobody votes
  std::optional<double> test_accuracy, test_loss;  ///< after the step, where it was judged
};

/// How a simulated training went: the same figures for sign voting and for what it is compared
/// with.
struct Trace {
  std::vector<TraceRow> rows;
  std::optional<double> test_accuracy, test_loss;  ///< at the end; none: no test data
  /// Mean training loss of the last twentieth of the rounds (at least one).
  double train_loss = 0;
  /// A loss or parameter that is not finite, or a train_loss above that of the first round.
  bool diverged = false;
  std::uint64_t digest = 0;  ///< of the final parameters
  std::uint64_t rounds = 0;
  /// Payload that one agent sends and receives over the whole run: mean over the agents.
  std::uint64_t bytes_up_per_agent = 0, bytes_down_per_agent = 0;
  std::uint64_t samples = 0;  ///< gradients of single samples, over all agents
};

/// Fills in what follows from the rows: rounds, train_loss, and diverged where the losses say so (a
/// parameter that is not finite is the caller's to see).
void finish(Trace& trace);

}  // namespace signet
