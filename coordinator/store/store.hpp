#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/job/job.hpp"

namespace signet {

/// A committed round: enough to replay it and to report on it. Signs, ties, controller and agents
/// are empty in a round that was pruned.
struct StoredRound {
  RoundId round;
  float rate = 0;            ///< eta_k
  std::uint64_t digest = 0;  ///< of x_k
  Bytes signs;               ///< ceil(d / 8) bytes, bit set: +1
  Bytes ties;                ///< same size where the tie rule is Hold and ties exist; else empty
  Bytes controller;          ///< rate controller's state after the round
  double train_loss = 0;     ///< mean over voters; NaN when nobody gave one
  double elapsed_s = 0;      ///< training time of the run so far, over all restarts
  std::uint32_t voters = 0, abstained = 0, refused = 0;
  std::vector<std::string> agents;  ///< names of the live agents when the round closed
};

/// Where a snapshot to be saved lies: it is large, and not copied.
struct SnapshotView {
  RoundId next_round;
  std::uint64_t digest = 0;
  std::span<const float> parameters;
};

struct StoredSnapshot {
  RoundId next_round;  ///< x_k with k = next_round
  std::uint64_t digest = 0;
  std::vector<float> parameters;

  SnapshotView view() const { return {next_round, digest, parameters}; }
};

struct StoredAgent {
  std::string name;
  AgentId id;
  std::uint64_t samples = 0;
};

struct StoredEvaluation {
  RoundId next_round;  ///< parameters judged: x_k with k = next_round
  double test_accuracy = 0, test_loss = 0;
};

/// What a new state file starts with.
struct RunHeader {
  RunId run;
  std::string job_text;  ///< canonical_text()
  std::uint64_t dimension = 0;
  Bytes normalisation;  ///< empty until the run has begun
};

/// The state of one run in one SQLite file. Every method is one transaction; with
/// Durability::Round a save_round() that returned is on the disk, with Durability::Snapshot it
/// survives the death of the process but not a power cut since the last snapshot. There the newest
/// rounds lie in plain files beside the SQLite file while it is open, or after a crash (see
/// RoundJournal); closing moves them into it.
///
/// Errors (any method): Missing (folder), Full (disk), Denied (read-only, permission), Unavailable
/// (locked by another process, device), Corrupt (SQLite's own check, a digest, or a call that
/// contradicts what is saved), each naming the file and the remedy. A method that failed changed
/// nothing, except save_snapshot() when only its last step, the sync, failed: call it again.
class Store {
 public:
  /// Opens or creates. Fails with Mismatch when the file is not a Signet state file or was written
  /// by a newer version; nothing in it is changed then. Holds the file locked until destroyed; open
  /// a file only once in a process (POSIX drops a file's locks with the first descriptor that
  /// closes).
  static Result<std::unique_ptr<Store>> open(const std::string& path, Durability durability);
  virtual ~Store() = default;

  /// nullopt: a new, empty file.
  virtual Result<std::optional<RunHeader>> header() = 0;
  /// Once in a file, before all other saving: Corrupt otherwise. On the disk when it returns.
  virtual Status begin_run(const RunHeader& header) = 0;
  virtual Status save_normalisation(ByteView normalisation) = 0;
  /// Job keys that may change between restarts: stores the new text.
  virtual Status save_job(const std::string& job_text) = 0;

  /// A known name is given its new figures; Corrupt when the id is another name's.
  virtual Status save_agent(const StoredAgent& agent) = 0;
  virtual Result<std::vector<StoredAgent>> agents() = 0;  ///< by id

  /// Corrupt unless the round follows the last one saved (any round may be the first).
  virtual Status save_round(const StoredRound& round) = 0;
  /// Housekeeping that saving leaves behind (the log is moved into the file when it has grown):
  /// call it after a round was told, while nobody waits. Changes nothing that can be read.
  virtual Status tidy() = 0;
  /// On the disk when it returns, with all that was saved before. Prunes, see below.
  virtual Status save_snapshot(const SnapshotView& snapshot) = 0;
  /// Replaces what was said of the same parameters before.
  virtual Status save_evaluation(const StoredEvaluation& evaluation) = 0;

  /// Newest snapshot whose digest is right; older ones are tried when it is not. nullopt: there is
  /// none. Corrupt: none is right.
  virtual Result<std::optional<StoredSnapshot>> latest_snapshot() = 0;
  /// Rounds from `first` on, in order, each given to `visit`; stops at the first error it returns.
  virtual Status rounds_from(RoundId first,
                             const std::function<Status(const StoredRound&)>& visit) = 0;
  virtual Result<std::vector<StoredEvaluation>> evaluations() = 0;  ///< by round
};
// Pruning: the two newest snapshots stay; once there are two, the signs, ties, controller and
// agents of rounds older than the older of them are dropped, their figures (rate, loss, voters)
// stay.

}  // namespace signet
