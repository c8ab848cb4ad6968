#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "coordinator/store/store.hpp"
#include "core/platform/plain_file.hpp"

// Inside this room only: rounds that wait for the state file.

namespace signet {

/// Rounds in two plain files beside the state file, for Durability::Snapshot. A round that one
/// system call has appended survives the death of the process; in SQLite it costs a transaction
/// and, of a million signs, some 70 writes, while every agent waits.
///
/// One file is appended to. At a snapshot it becomes the earlier one, and the earlier one, whose
/// rounds no snapshot needs any more, is written over from its beginning: its space is used again.
///
/// A record is a head of fixed size and what the head counts, with a checksum of each; numbers are
/// little-endian. What is valid from the beginning of a file on, of this run and without a gap in
/// the numbers, is what the file holds: a record that was being written at a crash, and those that
/// are written over, end it. A power cut may leave a file that was being written over with records
/// of before; what lies between them and the other file is in the state file then.
///
/// Errors (any method): as PlainFile; Corrupt where a record was damaged since it was written.
class RoundJournal {
 public:
  using Visit = std::function<Status(const StoredRound&)>;
  enum class Part { Figures, All };  ///< without signs, ties, controller and agents; or with them

  /// Beside the state file `path`; touches nothing yet.
  explicit RoundJournal(const std::string& path);
  /// Of a state file at `path`, whether they are there or not.
  static std::array<std::string, 2> paths(const std::string& path);

  /// Finds what is left of `run`, for reading and going on, and cuts the rest off. `in_file`: the
  /// last round that the state file has.
  Status open(RunId run, std::optional<RoundId> in_file = std::nullopt);
  /// What is appended from now on is of this run.
  void set_run(RunId run) { run_ = run; }
  std::optional<RoundId> first() const;
  std::optional<RoundId> last() const;
  /// The rounds from `first` on, in order; stops at the first error that `visit` returns.
  Status visit(RoundId first, Part part, const Visit& visit) const;

  /// `round` must follow last(). A call that failed changed nothing.
  Status append(const StoredRound& round);
  /// What was appended is on the disk when it returns.
  Status synchronise();
  /// After a snapshot: rounds before `oldest` are in the state file, on the disk.
  void turn(RoundId oldest);
  /// All rounds are in the state file, on the disk: deletes the files.
  Status remove();

 private:
  struct Segment {
    std::string path;
    std::optional<PlainFile> file;
    std::uint64_t end = 0;  ///< bytes in use
    RoundId first, next;    ///< equal: no rounds
    bool empty() const { return first == next; }
  };
  Status open(Segment& segment);
  static Status empty_out(Segment& segment);
  Status visit(const Segment& segment, RoundId first, Part part, const Visit& visit) const;

  RunId run_;
  std::array<Segment, 2> segments_;
  std::size_t current_ = 0;  ///< appended to; the other one has earlier rounds
};

}  // namespace signet
