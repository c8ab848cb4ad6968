#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fleet/fleet.hpp"

namespace signet {

/// What every process has: lives, and a clock of its own.
struct Fleet::Process {
  std::uint64_t life = 0;
  Duration clock_ahead{};  // of the fleet's time
  Instant still_since{}, still_until{};
  bool clock_stands = false;  // while it stands still
};

/// An agent's process and its connection.
struct Fleet::Node {
  std::string name;
  Process process;
  std::unique_ptr<AgentSession> session;  // none: the process is dead
  std::unique_ptr<Trainer> trainer;
  Learner* learner = nullptr;  // the trainer, where it is one: it is lent a workspace
  std::uint64_t connection = 0;
  bool subscribed = false, gone = false, rogue = false, paused = false;
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
    CoordinatorStart,
    AgentWake,
    CoordinatorWake,
    AgentResumes
  };
  Kind kind = Kind::CoordinatorTick;
  std::size_t agent = 0;
  std::uint64_t life = 0;  // of the process that it is for
  std::uint64_t connection = 0;
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
