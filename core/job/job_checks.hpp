#pragma once

#include "core/config/key_info.hpp"
#include "core/config/problems.hpp"
#include "core/job/job.hpp"

namespace signet {

/// Reports every pair of keys that cannot both hold, at the line of the first that `given` has.
/// Rules about keys that `problems` already names are left out.
void check_job(const Job& job, const config::Given& given, config::Problems& problems);

}  // namespace signet
