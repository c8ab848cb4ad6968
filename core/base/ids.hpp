#pragma once

#include <compare>
#include <cstdint>

namespace signet {

/// Round number k of the paper's algorithms: round k turns x_k into x_{k+1}.
struct RoundId {
  std::uint64_t value = 0;

  constexpr auto operator<=>(const RoundId&) const = default;
  constexpr RoundId next() const { return RoundId{value + 1}; }
};

/// An agent within one run, given by the coordinator when the agent first joins.
struct AgentId {
  std::uint32_t value = 0;

  constexpr auto operator<=>(const AgentId&) const = default;
};

/// One training run: its state file, from the first join to the last round.
struct RunId {
  std::uint64_t value = 0;

  constexpr auto operator<=>(const RunId&) const = default;
};

}  // namespace signet
