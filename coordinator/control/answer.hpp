#pragma once

#include <optional>
#include <string_view>

#include "coordinator/control/answers.hpp"
#include "coordinator/enrolment/enrolment.hpp"
#include "coordinator/round/round_machine.hpp"
#include "core/base/time.hpp"

namespace signet {

/// What the daemon knows of a run besides its machine.
struct RunFigures {
  std::optional<double> test_accuracy;
  std::uint64_t bytes_up = 0, bytes_down = 0;
  std::uint64_t unframed = 0;  ///< messages without frames, or with too many
  Duration uptime{};
};

/// Most agents of one answer, so that none holds up the training for long.
inline constexpr std::size_t kAgentsPerAnswer = 256;

/// Cost: O(agents).
StatusAnswer answer_status(const RoundMachine& machine, const RunFigures& figures, Instant now);

/// The agents whose names come after `after`, at most kAgentsPerAnswer. With a `fleet` also those
/// that are enrolled and have not been here, and those that were revoked; without, null.
AgentsAnswer answer_agents(const RoundMachine& machine, const Enrolment* fleet,
                           std::string_view after, Instant now);

}  // namespace signet
