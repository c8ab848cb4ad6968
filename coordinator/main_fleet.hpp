#pragma once

#include <memory>
#include <string>

#include "coordinator/enrolment/registrar.hpp"
#include "coordinator/store/fleet_store.hpp"
#include "core/platform/transport.hpp"

namespace signet {

/// What a coordinator with keys has. The store outlives the registrar, which outlives the gate.
struct OpenedFleet {
  std::unique_ptr<FleetStore> store;
  std::unique_ptr<Registrar> registrar;
  CoordinatorTransport::Encryption encryption;
};

/// Opens the fleet file at `path`, or makes one, and with it the coordinator's own keys. Fails as
/// FleetStore::open(), read_key_file() and create_key_file() do.
Result<OpenedFleet> open_fleet(const std::string& path, const std::string& listen_enrolment);

}  // namespace signet
