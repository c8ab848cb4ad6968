#pragma once

#include <span>
#include <string>

#include "coordinator/control/answers.hpp"

namespace signet {

/// For people: a line for each figure; "-" for what is not known.
std::string status_table(const StatusAnswer& status);
/// For people: a line for each agent, after one of headings.
std::string agents_table(std::span<const AgentAnswer> agents);

}  // namespace signet
