#pragma once

#include <cstdint>
#include <functional>

#include "tests/sim/faulty_fleet.hpp"

namespace signet::test {

/// Takes faults out of a fleet that fails, for as long as it fails: whole kinds first, then single
/// ones (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", 2002). Each
/// attempt is a whole run; gives up after `runs_max` with what it has. `fails` is asked in place of
/// broken_by() by tests.
FaultyFleet minimise(FaultyFleet drawn, std::uint64_t runs_max,
                     const std::function<bool(const FaultyFleet&)>& fails = {});

}  // namespace signet::test
