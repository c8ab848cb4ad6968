#include "coordinator/store/sqlite_store.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <span>
#include <tuple>
#include <utility>

#include "coordinator/store/round_journal.hpp"
#include "coordinator/store/sqlite_handle.hpp"
#include "coordinator/store/sqlite_round_rows.hpp"
#include "coordinator/store/sqlite_schema.hpp"
#include "core/base/digest.hpp"
#include "core/platform/files.hpp"

namespace signet {
namespace sqlite_store {

constexpr std::size_t kPartFloats = (8U << 20U) / sizeof(float);  // 8 MiB
// Of the log, about, that a round takes besides its planes: pages of 4 KiB.
constexpr std::size_t kRoundPagesSize = std::size_t{5} << 12;

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(SqliteHandle file) : file_(std::move(file)), journal_(file_.path()) {}
  ~SqliteStore() override {
    // If it fails, the next opening finds the journal. Not ours when start() failed.
    if (has_journal_) std::ignore = settle();
  }

  Status start(Durability durability, const SqliteOptions& options);

  Result<std::optional<RunHeader>> header() override;
  Status begin_run(const RunHeader& header) override;
  Status save_normalisation(ByteView normalisation) override {
    return change_run(file_.run("UPDATE run SET normalisation = ?", normalisation));
  }
  Status save_job(const std::string& job_text) override {
    return change_run(file_.run("UPDATE run SET job = ?", job_text));
  }
  Status save_agent(const StoredAgent& agent) override {
    return file_.run(
        "INSERT INTO agents (name, id, samples) VALUES (?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET id = excluded.id, samples = excluded.samples",
        agent.name, agent.id.value, agent.samples);
  }
  Result<std::vector<StoredAgent>> agents() override;
  Status save_round(const StoredRound& round) override;
  Status tidy() override;
  Status save_snapshot(const SnapshotView& snapshot) override;
  Status save_evaluation(const StoredEvaluation& evaluation) override {
    return file_.run(
        "INSERT OR REPLACE INTO evaluations (next_round, test_accuracy, test_loss)"
        " VALUES (?, ?, ?)",
        evaluation.next_round.value, evaluation.test_accuracy, evaluation.test_loss);
  }
  Result<std::optional<StoredSnapshot>> latest_snapshot() override;
  Status rounds_from(RoundId first,
                     const std::function<Status(const StoredRound&)>& visit) override;
  Result<std::vector<StoredEvaluation>> evaluations() override;

 private:
  Error corrupt(const std::string& what) const {
    return Error{ErrorKind::Corrupt, file_.path() + ": " + what +
                                         "; restore a copy, or move the file away to begin anew"};
  }
  Status change_run(Status changed) const {
    if (changed && file_.rows_changed() == 0) return corrupt("no run has begun in it");
    return changed;
  }
  Result<std::optional<RoundId>> last_in_file();
  Result<RoundId> oldest_needed();
  Status check_follows(RoundId round);
  Status move_rounds(RoundId oldest, RoundId end);
  Status settle();
  Status drop_journal();
  Status open_journal(bool goes_on);
  Status insert_parts(const SnapshotView& snapshot);
  Status prune();
  Result<StoredSnapshot> load_snapshot(RoundId next_round, std::uint64_t digest_expected);
  Status synchronise();

  SqliteHandle file_;
  RoundJournal journal_;
  bool has_journal_ = false;              // nobody else has it
  bool journals_ = false;                 // rounds go to it first
  std::size_t log_max_ = 0, logged_ = 0;  // bytes of the log, about, before tidy() and so far
};

Status SqliteStore::start(Durability durability, const SqliteOptions& options) {
  // Another coordinator is not waited for; the moment that a reader's tool may take is.
  // Without the exclusive mode SQLite would also need shared memory beside the file. The rollback
  // journal of a new file must be gone for good: back after a power cut it would undo the run.
  if (auto set = file_.execute("PRAGMA busy_timeout = 200; PRAGMA locking_mode = EXCLUSIVE;"
                               " PRAGMA synchronous = EXTRA");
      !set)
    return set;
  if (file_.read_only())
    return Error{ErrorKind::Denied,
                 file_.path() + " is read-only; check owner and mode of the file"};
  // Before the log is switched on, so that the marks check_is_state_file() looks for lie in the
  // file itself from the first commit on.
  if (auto migrated = migrate(file_); !migrated) return migrated;
  // Moving the log into the file costs a sync of both, so tidy() does it and not a round that
  // agents wait for. Where only snapshots must outlive a power cut they do it, too, and the log
  // between them may grow to 256 MiB; else to 32 MiB.
  const bool each_round = durability == Durability::Round;
  log_max_ = std::size_t{each_round ? 32U : 256U} << 20;
  const std::string level = each_round ? "FULL" : "NORMAL";
  if (auto set = file_.execute("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;"
                               " PRAGMA synchronous = " +
                               level);
      !set)
    return set;
  if (options.pages_max > 0)
    if (auto set = file_.execute("PRAGMA max_page_count = " + std::to_string(options.pages_max));
        !set)
      return set;
  if (auto opened = open_journal(!each_round); !opened) return opened;
  // A process that died in the middle of saving may have written what no disk has yet. From now on
  // agents are told of it.
  return each_round ? synchronise() : Status();
}

// The state file is locked: nobody else has the journal.
Status SqliteStore::open_journal(bool goes_on) {
  const auto run = header();
  if (!run) return run.error();
  const auto last = last_in_file();
  if (!last) return last.error();
  if (auto opened = journal_.open(*run ? (*run)->run : RunId{}, *last); !opened) return opened;
  // Of this run, but of rounds that the file does not lead to: a copy of an older file.
  const auto first = journal_.first();
  if (first && *last && *first > (*last)->next())
    return corrupt("its rounds end before round " + std::to_string((*last)->next().value) +
                   ", those beside it begin with round " + std::to_string(first->value));
  has_journal_ = true;
  journals_ = goes_on;
  if (!goes_on) return settle();
  // What comes back after a power cut was closed before: nothing may be appended to it.
  if (journal_.last() && *last && *journal_.last() <= **last) return drop_journal();
  return {};
}

Result<std::optional<RunHeader>> SqliteStore::header() {
  auto rows = file_.query("SELECT run, job, dimension, normalisation FROM run");
  if (!rows) return rows.error();
  const auto any = rows->next();
  if (!any) return any.error();
  if (!*any) return std::optional<RunHeader>();
  return std::optional(RunHeader{RunId{rows->unsigned_integer(0)}, rows->text(1),
                                 rows->unsigned_integer(2), rows->bytes(3)});
}

Status SqliteStore::begin_run(const RunHeader& header) {
  const auto present = this->header();
  if (!present) return present.error();
  if (*present) return corrupt("a run has begun in it before");
  if (auto saved =
          file_.run("INSERT INTO run (id, run, job, dimension, normalisation)"
                    " VALUES (1, ?, ?, ?, ?)",
                    header.run.value, header.job_text, header.dimension, header.normalisation);
      !saved)
    return saved;
  journal_.set_run(header.run);
  return synchronise();
}

Result<std::vector<StoredAgent>> SqliteStore::agents() {
  auto rows = file_.query("SELECT name, id, samples FROM agents ORDER BY id");
  if (!rows) return rows.error();
  std::vector<StoredAgent> all;
  for (;;) {
    const auto any = rows->next();
    if (!any) return any.error();
    if (!*any) return all;
    all.push_back({rows->text(0), AgentId{static_cast<std::uint32_t>(rows->integer(1))},
                   rows->unsigned_integer(2)});
  }
}

Result<std::optional<RoundId>> SqliteStore::last_in_file() {
  auto rows = file_.query("SELECT round FROM rounds ORDER BY round DESC LIMIT 1");
  if (!rows) return rows.error();
  const auto any = rows->next();
  if (!any) return any.error();
  return *any ? std::optional(RoundId{rows->unsigned_integer(0)}) : std::nullopt;
}

Status SqliteStore::check_follows(RoundId round) {
  std::optional<RoundId> last = journal_.last();
  if (!last) {
    const auto in_file = last_in_file();
    if (!in_file) return in_file.error();
    last = *in_file;
  }
  if (!last || round == last->next()) return {};
  return corrupt("round " + std::to_string(round.value) + " cannot be saved after round " +
                 std::to_string(last->value));
}

Status SqliteStore::save_round(const StoredRound& round) {
  if (journals_) {
    if (auto follows = check_follows(round.round); !follows) return follows;
    return journal_.append(round);
  }
  SqliteTransaction transaction(file_);
  if (auto begun = transaction.begin(); !begun) return begun;
  if (auto follows = check_follows(round.round); !follows) return follows;
  if (auto inserted = insert_round_rows(file_, round); !inserted) return inserted;
  // Besides the planes a round changes a few pages of the tables' trees.
  logged_ += round.signs.size() + round.ties.size() + kRoundPagesSize;
  return transaction.commit();
}

/// The first round that may have to be replayed: see Pruning in store.hpp.
Result<RoundId> SqliteStore::oldest_needed() {
  auto rows = file_.query(
      "SELECT CASE WHEN count(DISTINCT next_round) >= 2 THEN min(next_round) ELSE 0 END"
      " FROM snapshots");
  if (!rows) return rows.error();
  const auto any = rows->next();
  if (!any) return any.error();
  return RoundId{rows->unsigned_integer(0)};
}

/// Takes the rounds before `end` from the journal, of those before `oldest` the figures only.
Status SqliteStore::move_rounds(RoundId oldest, RoundId end) {
  const auto last = last_in_file();
  if (!last) return last.error();
  const RoundId first = *last ? (*last)->next() : RoundId{0};
  const auto figures = [this, end = std::min(oldest, end)](const StoredRound& round) {
    return round.round < end ? insert_round_figures(file_, round) : Status();
  };
  const auto rows = [this, end](const StoredRound& round) {
    return round.round < end ? insert_round_rows(file_, round) : Status();
  };
  if (first < oldest)
    if (auto moved = journal_.visit(first, RoundJournal::Part::Figures, figures); !moved)
      return moved;
  if (end <= oldest) return {};
  return journal_.visit(std::max(first, oldest), RoundJournal::Part::All, rows);
}

/// Takes all rounds from the journal, so that the run is one file again.
Status SqliteStore::settle() {
  if (!journal_.last()) return journal_.remove();
  SqliteTransaction transaction(file_);
  if (auto begun = transaction.begin(); !begun) return begun;
  const auto oldest = oldest_needed();
  if (!oldest) return oldest.error();
  constexpr RoundId kAll{std::numeric_limits<std::uint64_t>::max()};
  if (auto moved = move_rounds(*oldest, kAll); !moved) return moved;
  if (auto committed = transaction.commit(); !committed) return committed;
  return drop_journal();
}

/// All rounds are in the state file.
Status SqliteStore::drop_journal() {
  if (auto done = synchronise(); !done) return done;
  return journal_.remove();
}

Status SqliteStore::tidy() {
  if (logged_ < log_max_) return {};
  logged_ = 0;
  auto rows = file_.query("PRAGMA wal_checkpoint(PASSIVE)");
  if (!rows) return rows.error();
  const auto any = rows->next();
  return any ? Status() : any.error();
}

/// Moves all that is in the log into the file, with a sync of both.
Status SqliteStore::synchronise() {
  logged_ = 0;
  auto rows = file_.query("PRAGMA wal_checkpoint(TRUNCATE)");
  if (!rows) return rows.error();
  const auto any = rows->next();
  if (!any) return any.error();
  SIGNET_CHECK(rows->integer(0) == 0, "nothing is synchronised while rounds are being visited");
  return {};
}

Status SqliteStore::insert_parts(const SnapshotView& snapshot) {
  if (auto gone =
          file_.run("DELETE FROM snapshots WHERE next_round = ?", snapshot.next_round.value);
      !gone)
    return gone;
  std::span<const float> rest = snapshot.parameters;
  std::int64_t part = 0;
  do {  // At least one, so that a model without parameters is a snapshot, too.
    const auto now = rest.first(std::min(rest.size(), kPartFloats));
    rest = rest.subspan(now.size());
    if (auto saved = file_.run("INSERT INTO snapshots (next_round, part, digest, parameters)"
                               " VALUES (?, ?, ?, ?)",
                               snapshot.next_round.value, part++, snapshot.digest, view_bytes(now));
        !saved)
      return saved;
  } while (!rest.empty());
  return {};
}

Status SqliteStore::prune() {
  if (auto gone = file_.run(
          "DELETE FROM snapshots WHERE next_round < (SELECT min(next_round) FROM (SELECT DISTINCT"
          " next_round FROM snapshots ORDER BY next_round DESC LIMIT 2))");
      !gone)
    return gone;
  return file_.run(
      "DELETE FROM updates WHERE round < (SELECT min(next_round) FROM snapshots)"
      " AND (SELECT count(DISTINCT next_round) FROM snapshots) >= 2");
}

Status SqliteStore::save_snapshot(const SnapshotView& snapshot) {
  // Before the snapshot: a round between two of them must not be missing after a power cut.
  if (auto done = journal_.synchronise(); !done) return done;
  SqliteTransaction transaction(file_);
  if (auto begun = transaction.begin(); !begun) return begun;
  if (auto inserted = insert_parts(snapshot); !inserted) return inserted;
  if (auto pruned = prune(); !pruned) return pruned;
  const auto oldest = oldest_needed();
  if (!oldest) return oldest.error();
  if (auto moved = move_rounds(*oldest, *oldest); !moved) return moved;
  if (auto committed = transaction.commit(); !committed) return committed;
  if (auto done = synchronise(); !done) return done;
  journal_.turn(*oldest);
  return {};
}

Result<StoredSnapshot> SqliteStore::load_snapshot(RoundId next_round,
                                                  std::uint64_t digest_expected) {
  StoredSnapshot snapshot{next_round, digest_expected, {}};
  auto rows = file_.query("SELECT parameters FROM snapshots WHERE next_round = ? ORDER BY part",
                          next_round.value);
  if (!rows) return rows.error();
  for (;;) {
    const auto any = rows->next();
    if (!any) return any.error();
    if (!*any) break;
    const ByteView part = rows->view(0);
    const std::size_t before = snapshot.parameters.size();
    snapshot.parameters.resize(before + part.size() / sizeof(float));
    // A copy byte by byte: SQLite's memory need not be aligned for floats.
    if (!part.empty())
      std::memcpy(snapshot.parameters.data() + before, part.data(),
                  part.size() / sizeof(float) * sizeof(float));
  }
  if (digest(std::span<const float>(snapshot.parameters)) != digest_expected)
    return corrupt("the snapshot before round " + std::to_string(next_round.value) +
                   " does not match its digest");
  return snapshot;
}

Result<std::optional<StoredSnapshot>> SqliteStore::latest_snapshot() {
  auto rows = file_.query(
      "SELECT next_round, digest FROM snapshots WHERE part = 0"
      " ORDER BY next_round DESC");
  if (!rows) return rows.error();
  std::optional<Error> newest;
  for (;;) {
    const auto any = rows->next();
    if (!any) return any.error();
    if (!*any) break;
    auto loaded = load_snapshot(RoundId{rows->unsigned_integer(0)}, rows->unsigned_integer(1));
    if (loaded) return std::optional(*std::move(loaded));
    if (loaded.error().kind != ErrorKind::Corrupt) return loaded.error();
    if (!newest) newest = loaded.error();
  }
  if (newest) return *newest;
  return std::optional<StoredSnapshot>();
}

Status SqliteStore::rounds_from(RoundId first,
                                const std::function<Status(const StoredRound&)>& visit) {
  auto rows = file_.query(kSelectRounds, first.value);
  if (!rows) return rows.error();
  for (;;) {
    const auto any = rows->next();
    if (!any) return any.error();
    if (!*any) break;
    StoredRound round;
    if (!read_round_row(*rows, round))
      return corrupt("round " + std::to_string(round.round.value) + " does not match its checksum");
    if (auto visited = visit(round); !visited) return visited;
    first = round.round.next();
  }
  // None of those that are in the file, and before `first`.
  return journal_.visit(first, RoundJournal::Part::All, visit);
}

Result<std::vector<StoredEvaluation>> SqliteStore::evaluations() {
  auto rows = file_.query(
      "SELECT next_round, test_accuracy, test_loss FROM evaluations"
      " ORDER BY next_round");
  if (!rows) return rows.error();
  std::vector<StoredEvaluation> all;
  for (;;) {
    const auto any = rows->next();
    if (!any) return any.error();
    if (!*any) return all;
    all.push_back({RoundId{rows->unsigned_integer(0)}, rows->real(1), rows->real(2)});
  }
}

}  // namespace sqlite_store

Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path, Durability durability,
                                                 const SqliteOptions& options) {
  if (auto ours = check_is_state_file(path); !ours) return ours.error();
  if (auto writable = check_writable(path); !writable) return writable.error();
  auto file = SqliteHandle::open(path);
  if (!file) return file.error();
  auto store = std::make_unique<sqlite_store::SqliteStore>(*std::move(file));
  if (auto started = store->start(durability, options); !started) return started.error();
  return std::unique_ptr<Store>(std::move(store));
}

Result<std::unique_ptr<Store>> Store::open(const std::string& path, Durability durability) {
  return open_sqlite_store(path, durability, {});
}

}  // namespace signet
