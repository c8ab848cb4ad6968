#pragma once

#include <span>
#include <string>
#include <string_view>

#include "coordinator/control/answer.hpp"
#include "core/base/result.hpp"

namespace signet {

/// Version of the questions and answers below; another one is refused. A new key in an answer is no
/// new version: readers pass over what they do not know.
inline constexpr std::uint64_t kControlProtocol = 1;

// As it travels, JSON in both directions:
//   {"version": 1, "ask": "status"}
//   {"version": 1, "ask": "agents", "after": "NAME"}
//   {"version": 1, "answer": {...}}     or     {"version": 1, "error": "..."}
// Orders, which change something, are in orders.hpp.

std::string status_question();
/// Those after the agent `after`; "": from the first on.
std::string agents_question(std::string_view after);

/// The coordinator's side: an answer for any bytes. Whatever cannot be answered gets an error that
/// says why. `fleet`: null where there are no keys.
std::string answer_question(std::string_view question, const RoundMachine& machine,
                            const Enrolment* fleet, const RunFigures& figures, Instant now);

// The asker's side. They fail with Malformed (no answer of ours), Mismatch (another version), or
// Denied with what the coordinator objects to.
Result<StatusAnswer> read_status(std::string_view answer);
Result<AgentsAnswer> read_agents(std::string_view answer);

/// For programs: one JSON object, with a line break at its end. null is "not known".
std::string status_json(const StatusAnswer& status);
/// {"agents": [...]}
std::string agents_json(std::span<const AgentAnswer> agents);

}  // namespace signet
