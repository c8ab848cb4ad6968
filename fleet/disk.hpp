#pragma once

#include <cstdint>
#include <memory>

#include "coordinator/store/memory_store.hpp"
#include "coordinator/store/store.hpp"
#include "core/base/result.hpp"

namespace signet {

/// What the coordinator of a simulated fleet saves its run on; survives its process.
class FleetDisk {
 public:
  virtual ~FleetDisk() = default;

  /// What the coordinator opens when it starts.
  virtual Result<std::unique_ptr<Store>> open(Durability durability) = 0;
  /// No change succeeds any more, each fails with Full; or there is room again.
  virtual void set_full(bool full) = 0;
  /// The process dies within its next call of the store, or right after it; `luck` says where.
  virtual void die_soon(std::uint64_t luck) = 0;
  /// The process is dead: nothing that its store still does reaches the disk.
  virtual void kill() = 0;
  /// The dead process's store is gone, and the next one may come. After a power cut `luck` says
  /// what is left of what was not synchronised.
  virtual void revive(bool power_cut, std::uint64_t luck) = 0;
};

/// A MemoryStore's disk: every call is done as a whole or not at all.
class MemoryFleetDisk final : public FleetDisk {
 public:
  Result<std::unique_ptr<Store>> open(Durability durability) override {
    return MemoryStore::open(disk_, durability);
  }
  void set_full(bool full) override {
    if (full) return disk_->full_after(0);
    disk_->full_after(std::nullopt);
  }
  void die_soon(std::uint64_t luck) override { set_full(luck % 2 == 0); }
  void kill() override {}
  void revive(bool power_cut, std::uint64_t /*luck*/) override {
    if (power_cut) disk_->lose_power();
  }

 private:
  std::shared_ptr<MemoryDisk> disk_ = std::make_shared<MemoryDisk>();
};

}  // namespace signet
