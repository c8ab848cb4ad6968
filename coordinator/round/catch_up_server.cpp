#include "coordinator/round/catch_up_server.hpp"

#include <algorithm>
#include <utility>

#include "core/wire/codec.hpp"

namespace signet {

Update message_of(const UpdateRecord& update, RunId run, std::uint32_t deadline_ms) {
  return {run,
          update.round,
          update.rate,
          update.digest,
          deadline_ms,
          update.voters,
          update.signs.bytes(),
          update.ties.empty() ? ByteView{} : update.ties.bytes()};
}

void CatchUpServer::remember(SharedUpdate update) {
  log_.push_back(std::move(update));
  if (log_.size() > kLogRounds) log_.pop_front();
}

bool CatchUpServer::log_serves(const CatchUpRequest& request, const Replica& replica) const {
  if (!request.has_replica || request.run != run_ || request.next_round >= replica.next_round() ||
      replica.next_round().value - request.next_round.value >= kLogRounds)
    return false;
  if (log_.empty() || log_.front()->round > request.next_round) return false;
  // The asker's parameters must be ours of that round.
  for (const auto& update : log_)
    if (update->round == request.next_round) return update->digest == request.digest;
  return false;
}

std::vector<std::vector<Bytes>> CatchUpServer::answer(const CatchUpRequest& request,
                                                      const Replica& replica,
                                                      std::uint32_t deadline_ms) {
  std::vector<std::vector<Bytes>> messages;
  if (request.chunk == 0 && log_serves(request, replica)) {
    for (const auto& update : log_)
      if (update->round >= request.next_round && messages.size() < kCatchUpBatch)
        messages.push_back(encode(message_of(*update, run_, deadline_ms)));
    return messages;
  }
  if (request.chunk > 0 && request.run == run_)
    for (const auto& snapshot : {serving_, before_})
      if (snapshot != nullptr && request.snapshot_round == snapshot->next_round) {
        messages.push_back(chunk_of(*snapshot, request.chunk));
        return messages;
      }
  // A new reader: the snapshot others read is good enough while the log leads on from it and it is
  // further than the reader is (whose replica is of another history, or who missed nothing).
  const bool leads_on =
      serving_ != nullptr && replica.next_round().value - serving_->next_round.value < kLogRounds &&
      (!request.has_replica || request.run != run_ || serving_->next_round > request.next_round);
  if (!leads_on) begin_snapshot(freeze(replica));
  messages.push_back(chunk_of(*serving_, 0));
  return messages;
}

// Whoever reads the one that is served now goes on with it.
void CatchUpServer::begin_snapshot(SharedSnapshot newest) {
  if (serving_ == newest) return;
  before_ = std::exchange(serving_, std::move(newest));
}

SharedSnapshot CatchUpServer::freeze(const Replica& replica) {
  if (auto newest = newest_.lock(); newest && newest->next_round == replica.next_round())
    return newest;
  const auto parameters = replica.parameters();
  auto frozen = std::make_shared<const SnapshotRecord>(
      SnapshotRecord{replica.next_round(), replica.digest(),
                     std::vector<float>(parameters.begin(), parameters.end())});
  newest_ = frozen;
  return frozen;
}

std::vector<Bytes> CatchUpServer::chunk_of(const SnapshotRecord& snapshot,
                                           std::uint32_t chunk) const {
  const ByteView bytes = std::as_bytes(std::span(snapshot.parameters));
  const auto chunks = static_cast<std::uint32_t>(
      std::max<std::size_t>(1, (bytes.size() + kChunkBytes - 1) / kChunkBytes));
  const std::uint32_t index = std::min(chunk, chunks - 1);
  const std::size_t from = index * kChunkBytes;
  return encode(SnapshotChunk{run_, snapshot.next_round, snapshot.digest, index, chunks,
                              bytes.subspan(from, std::min(kChunkBytes, bytes.size() - from))});
}

}  // namespace signet
