#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/optim/replica.hpp"
#include "core/wire/messages.hpp"

namespace signet {

/// Updates that arrived before they can be applied (out of order, or while a gradient is being
/// computed), in the order of their rounds. Bounded: the furthest ones are given up first, because
/// they can be asked for again.
class PendingUpdates {
 public:
  struct Pending {
    float rate = 0;
    std::uint64_t digest = 0;  ///< of the parameters that it steps from
    SignVector signs, ties;
  };
  static constexpr std::size_t kMax = 64;

  /// Fails with Mismatch when the sign bits do not have `dimension`.
  Status keep(const Update& update, std::size_t dimension);
  /// Takes out the update of `round`, if it is here.
  std::optional<Pending> take(RoundId round);
  void drop_before(RoundId round);
  void clear() { updates_.clear(); }
  std::size_t size() const { return updates_.size(); }

 private:
  std::map<RoundId, Pending> updates_;
};

/// Puts a snapshot together from chunks that are asked for one by one.
class SnapshotAssembly {
 public:
  explicit SnapshotAssembly(std::size_t dimension) : dimension_(dimension) {}

  /// Takes a chunk; true when it was the one waited for. Chunk 0 begins anew. Fails with Mismatch
  /// when the snapshot cannot be of this model.
  Result<bool> add(const SnapshotChunk& chunk);
  bool complete() const { return chunks_ > 0 && next_ == chunks_; }
  RoundId round() const { return round_; }
  std::uint32_t next_chunk() const { return next_; }
  /// The finished replica; fails with Corrupt when its digest is not the promised one. Starts over.
  Result<Replica> finish();

 private:
  std::size_t dimension_;
  std::vector<float> parameters_;
  RoundId round_;
  std::uint64_t digest_ = 0;
  std::uint32_t chunks_ = 0, next_ = 0;
};

}  // namespace signet
