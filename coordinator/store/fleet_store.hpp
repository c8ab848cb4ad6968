#pragma once

#include <memory>
#include <string>

#include "coordinator/enrolment/fleet_record.hpp"
#include "core/base/result.hpp"

namespace signet {

/// Who belongs to a fleet, in one SQLite file. It outlives runs, and so is none of their state
/// files. Errors as of Store, naming the file and the remedy; a save() that failed changed nothing.
class FleetStore {
 public:
  /// Opens or creates, for its owner alone. Fails with Mismatch when the file is no fleet file of
  /// Signet or was written by a newer version; Unavailable while another coordinator has it. Holds
  /// it locked until destroyed.
  static Result<std::unique_ptr<FleetStore>> open(const std::string& path);
  virtual ~FleetStore() = default;

  virtual Result<FleetRecord> load() = 0;
  /// On the disk when it returns.
  virtual Status save(const FleetChange& change) = 0;
};

}  // namespace signet
