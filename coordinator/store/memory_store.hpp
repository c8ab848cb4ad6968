#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/store/store.hpp"

namespace signet {

/// What a MemoryStore writes to: a disk in memory that survives the store, as a file survives the
/// process. Simulations make it fill up, lose power and rot.
class MemoryDisk {
 public:
  /// The next `writes` changes succeed, all later ones fail with Full; none: there is room again.
  void full_after(std::optional<std::uint64_t> writes) { writes_left_ = writes; }

  /// Call it when the store is gone. With Durability::Snapshot all is lost that came after the last
  /// snapshot or begin_run(); with Durability::Round nothing is.
  void lose_power();

  /// Makes the newest snapshot differ from its digest.
  void damage_newest_snapshot();

 private:
  friend class MemoryStore;
  // Rounds and snapshots are shared between what is written and what is synchronised.
  struct Content {
    std::optional<RunHeader> header;
    std::map<std::string, StoredAgent> agents;
    std::map<RoundId, std::shared_ptr<const StoredRound>> rounds;
    std::map<RoundId, std::shared_ptr<const StoredSnapshot>> snapshots;
    std::map<RoundId, StoredEvaluation> evaluations;
  };

  Content written_, synchronised_;
  Durability durability_ = Durability::Round;
  bool in_use_ = false;
  std::optional<std::uint64_t> writes_left_;
};

/// A Store without a machine: every promise of Store, kept on a MemoryDisk.
class MemoryStore final : public Store {
 public:
  /// Fails with Unavailable while another store has the disk open.
  static Result<std::unique_ptr<Store>> open(std::shared_ptr<MemoryDisk> disk,
                                             Durability durability);
  ~MemoryStore() override;
  MemoryStore(const MemoryStore&) = delete;
  MemoryStore& operator=(const MemoryStore&) = delete;

  Result<std::optional<RunHeader>> header() override;
  Status begin_run(const RunHeader& header) override;
  Status save_normalisation(ByteView normalisation) override;
  Status save_job(const std::string& job_text) override;
  Status save_agent(const StoredAgent& agent) override;
  Result<std::vector<StoredAgent>> agents() override;
  Status save_round(const StoredRound& round) override;
  Status tidy() override { return {}; }
  Status save_snapshot(const SnapshotView& snapshot) override;
  Status save_evaluation(const StoredEvaluation& evaluation) override;
  Result<std::optional<StoredSnapshot>> latest_snapshot() override;
  Status rounds_from(RoundId first,
                     const std::function<Status(const StoredRound&)>& visit) override;
  Result<std::vector<StoredEvaluation>> evaluations() override;

 private:
  explicit MemoryStore(std::shared_ptr<MemoryDisk> disk) : disk_(std::move(disk)) {}
  Status take_room();
  void synchronise();
  void prune();

  std::shared_ptr<MemoryDisk> disk_;
};

}  // namespace signet
