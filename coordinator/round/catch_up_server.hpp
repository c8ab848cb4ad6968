#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "coordinator/round/events.hpp"
#include "core/base/bytes.hpp"
#include "core/optim/replica.hpp"
#include "core/wire/messages.hpp"

namespace signet {

/// A replica that has missed fewer rounds than this gets the updates; any other gets a snapshot.
/// At 32 both cost the same: 32 updates of d / 8 bytes are the 4 d bytes of a snapshot.
inline constexpr std::uint64_t kLogRounds = 32;

/// Brings replicas up to date from a bounded log of updates and two frozen snapshots: the newest,
/// and the one before, for those who read it already. Chunks are sent only when asked for, so a
/// slow reader costs itself alone.
class CatchUpServer {
 public:
  explicit CatchUpServer(RunId run) : run_(run) {}

  void remember(SharedUpdate update);
  /// Last logged update; null when there is none.
  SharedUpdate last() const { return log_.empty() ? nullptr : log_.back(); }

  /// Messages that answer `request` of a replica, given the coordinator's own.
  std::vector<std::vector<Bytes>> answer(const CatchUpRequest& request, const Replica& replica,
                                         std::uint32_t deadline_ms);

  /// A frozen copy of `replica`, shared with those who hold one of this round. Nobody else holds it
  /// but a reader of chunks.
  SharedSnapshot freeze(const Replica& replica);

 private:
  // Whether the log leads from the asker's replica to ours.
  void begin_snapshot(SharedSnapshot newest);
  bool log_serves(const CatchUpRequest& request, const Replica& replica) const;
  std::vector<Bytes> chunk_of(const SnapshotRecord& snapshot, std::uint32_t chunk) const;

  RunId run_;
  std::deque<SharedUpdate> log_;
  SharedSnapshot serving_;                      // what chunks are cut from
  SharedSnapshot before_;                       // the same, for those who read it already
  std::weak_ptr<const SnapshotRecord> newest_;  // of freeze()
};

/// The message of an update: what is published and what the log is read out as.
Update message_of(const UpdateRecord& update, RunId run, std::uint32_t deadline_ms);

}  // namespace signet
