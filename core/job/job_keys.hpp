#pragma once

#include "core/config/key_table.hpp"
#include "core/job/job.hpp"

namespace signet {

/// Every key of the job file, in the order of the sample.
const config::KeyTable<Job>& job_keys();

}  // namespace signet
