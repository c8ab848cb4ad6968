#include "agent/session/catch_up.hpp"

#include <algorithm>

#include "core/base/digest.hpp"
#include "core/wire/codec.hpp"

namespace signet {

Status PendingUpdates::keep(const Update& update, std::size_t dimension) {
  Pending pending{update.rate, update.digest, {}, {}};
  auto signs = SignVector::from_bytes(update.signs, dimension);
  if (!signs) return signs.error();
  pending.signs = std::move(*signs);
  if (!update.ties.empty()) {
    auto ties = SignVector::from_bytes(update.ties, dimension);
    if (!ties) return ties.error();
    pending.ties = std::move(*ties);
  }
  updates_.insert_or_assign(update.round, std::move(pending));
  if (updates_.size() > kMax) updates_.erase(std::prev(updates_.end()));
  return {};
}

std::optional<PendingUpdates::Pending> PendingUpdates::take(RoundId round) {
  auto node = updates_.extract(round);
  if (node.empty()) return std::nullopt;
  return std::move(node.mapped());
}

void PendingUpdates::drop_before(RoundId round) {
  updates_.erase(updates_.begin(), updates_.lower_bound(round));
}

Result<bool> SnapshotAssembly::add(const SnapshotChunk& chunk) {
  const std::size_t bytes = dimension_ * sizeof(float);
  const std::size_t chunks = std::max<std::size_t>(1, (bytes + kChunkBytes - 1) / kChunkBytes);
  const std::size_t from = std::size_t{chunk.chunk} * kChunkBytes;
  if (chunk.chunks != chunks || from > bytes ||
      chunk.data.size() != std::min(kChunkBytes, bytes - from))
    return Error{ErrorKind::Mismatch, "a snapshot of " + std::to_string(chunk.chunks) +
                                          " chunks; a model of dimension " +
                                          std::to_string(dimension_) + " has " +
                                          std::to_string(chunks)};
  if (chunk.chunk == 0) {
    round_ = chunk.next_round;
    digest_ = chunk.digest;
    chunks_ = chunk.chunks;
    next_ = 0;
    parameters_.resize(dimension_);
  }
  if (chunks_ == 0 || chunk.chunk != next_ || chunk.next_round != round_ || chunk.digest != digest_)
    return false;
  std::ranges::copy(chunk.data, std::as_writable_bytes(std::span(parameters_)).begin() +
                                    static_cast<std::ptrdiff_t>(from));
  ++next_;
  return true;
}

Result<Replica> SnapshotAssembly::finish() {
  SIGNET_CHECK(complete(), "a snapshot is finished when all chunks are here");
  Replica replica(std::exchange(parameters_, {}), round_);
  chunks_ = next_ = 0;
  if (replica.digest() != digest_)
    return Error{ErrorKind::Corrupt, "the snapshot of round " + std::to_string(round_.value) +
                                         " has digest " + to_hex(replica.digest()) + ", not " +
                                         to_hex(digest_)};
  return replica;
}

}  // namespace signet
