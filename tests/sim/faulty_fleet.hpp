#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fleet/fleet.hpp"

namespace signet::test {

/// One fleet drawn from one seed: which faults, how many, how long, and under which rules.
struct FaultyFleet {
  std::uint64_t seed = 0;
  Job job;
  std::size_t agents = 4;
  FleetFaults faults;
  bool real_gradients = false;          ///< else a StubTrainer's coins
  bool real_store = false;              ///< the state file on a CrashDisk; else a MemoryStore
  std::optional<std::set<Fault>> only;  ///< may strike; none: any may
  std::vector<std::string> calmed;      ///< see calm()
};

/// Half of the kinds of faults are left out of each fleet, so that they meet in all combinations.
FaultyFleet draw_faulty_fleet(std::uint64_t seed);

/// What a fleet can go without that is no fault which strikes: "latecomers", "clocks" (that
/// differ), "training" (that takes different times), "delays".
const std::vector<std::string>& calms();
/// False when `what` is none of them.
bool calm(FaultyFleet& drawn, const std::string& what);

using Trace = std::function<void(Instant, const std::string&)>;
FleetResult run_faulty_fleet(const FaultyFleet& drawn, const Trace& trace = {});

/// What broke: the fleet's own violations, and what the end of a run must be. Empty: all is well.
std::vector<std::string> broken_by(const FaultyFleet& drawn, const FleetResult& result);

/// What was drawn, for people: one line.
std::string describe(const FaultyFleet& drawn);

}  // namespace signet::test
