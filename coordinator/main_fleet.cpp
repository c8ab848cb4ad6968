#include "coordinator/main_fleet.hpp"

#include <utility>

#include "coordinator/config.hpp"
#include "core/platform/clock.hpp"
#include "core/platform/files.hpp"
#include "core/platform/keys.hpp"
#include "core/platform/log.hpp"

namespace signet {

namespace {

/// The coordinator's key pair; made at its first start.
Result<KeyPair> own_keys(const std::string& path) {
  if (exists(path)) return read_key_file(path);
  log_info("first start with keys: the coordinator's own go to {}", path);
  return create_key_file(path);
}

}  // namespace

Result<OpenedFleet> open_fleet(const std::string& path, const std::string& listen_enrolment) {
  auto store = FleetStore::open(path);
  if (!store) return store.error();
  auto keys = own_keys(fleet_key_path(path));
  if (!keys) return keys.error();
  auto registrar = Registrar::open(
      {**store, keys->public_key, [] { return random_bytes(kSecretBytes); }}, steady_now());
  if (!registrar) return registrar.error();
  const Enrolment& members = (*registrar)->fleet();
  log_info("encrypted; the fleet of {} has {} agents", path, members.names().size());
  const Gate gate = [&members](const std::string& key) { return members.name_of(key) != nullptr; };
  return OpenedFleet{
      std::move(*store), std::move(*registrar), {std::move(*keys), gate, listen_enrolment}};
}

}  // namespace signet
