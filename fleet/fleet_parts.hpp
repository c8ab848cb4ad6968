#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fleet/fleet.hpp"

namespace signet {

/// An agent's process and its connection.
struct Fleet::Node {
  std::string name;
  std::unique_ptr<AgentSession> session;  // none: the process is dead
  std::optional<Learner> learner;
  std::uint64_t life = 0, connection = 0;
  bool subscribed = false, gone = false;
  std::uint64_t cut = 0;  // directions
  Instant cut_until{};
  Instant tick_at = kNever;
};

/// Something that will happen: to the coordinator, or to agent `agent`.
struct Fleet::Delivery {
  enum class Kind {
    ToCoordinator,
    ToAgent,
    Loaded,
    Trained,
    AgentTick,
    CoordinatorTick,
    AgentStart,
    CoordinatorStart
  };
  Kind kind = Kind::CoordinatorTick;
  std::size_t agent = 0;
  std::uint64_t life = 0, connection = 0, epoch = 0;
  bool broadcast = false;
  RoundId round;
  std::shared_ptr<const std::vector<Bytes>> frames;
};

struct Fleet::Later {
  Instant at;
  std::uint64_t sequence = 0;  // first come, first served among equals
  Delivery delivery;
  bool operator<(const Later& other) const {
    return at != other.at ? at > other.at : sequence > other.sequence;
  }
};

}  // namespace signet
