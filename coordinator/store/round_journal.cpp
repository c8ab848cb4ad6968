#include "coordinator/store/round_journal.hpp"

#include <algorithm>
#include <bit>
#include <span>
#include <tuple>
#include <utility>

#include "coordinator/store/sqlite_round_rows.hpp"
#include "core/base/digest.hpp"
#include "core/platform/files.hpp"

namespace signet {
namespace round_journal {

constexpr std::uint64_t kMagic = 0x31646e756f726773;  // "sground1"

/// Words of 64 bits alone, so that there is no padding. Sizes are in bytes.
struct Head {
  std::uint64_t magic = kMagic, run = 0, round = 0, rate = 0, digest = 0, train_loss = 0,
                elapsed_s = 0, voters = 0, abstained = 0, refused = 0;
  std::uint64_t signs_size = 0, ties_size = 0, controller_size = 0, names_size = 0;
  std::uint64_t body_checksum = 0;
  std::uint64_t checksum = 0;  ///< of all before it
};

std::uint64_t checksum_of(const Head& head) {
  const ByteView all = std::as_bytes(std::span(&head, 1));
  return digest(all.first(all.size() - sizeof head.checksum));
}

Head head_of(const StoredRound& round, RunId run, ByteView names) {
  Head head;
  head.run = run.value;
  head.round = round.round.value;
  head.rate = std::bit_cast<std::uint32_t>(round.rate);
  head.digest = round.digest;
  head.train_loss = std::bit_cast<std::uint64_t>(round.train_loss);
  head.elapsed_s = std::bit_cast<std::uint64_t>(round.elapsed_s);
  head.voters = round.voters;
  head.abstained = round.abstained;
  head.refused = round.refused;
  head.signs_size = round.signs.size();
  head.ties_size = round.ties.size();
  head.controller_size = round.controller.size();
  head.names_size = names.size();
  head.body_checksum = round_checksum(round, names);
  head.checksum = checksum_of(head);
  return head;
}

StoredRound figures_of(const Head& head) {
  StoredRound round;
  round.round = RoundId{head.round};
  round.rate = std::bit_cast<float>(static_cast<std::uint32_t>(head.rate));
  round.digest = head.digest;
  round.train_loss = std::bit_cast<double>(head.train_loss);
  round.elapsed_s = std::bit_cast<double>(head.elapsed_s);
  round.voters = static_cast<std::uint32_t>(head.voters);
  round.abstained = static_cast<std::uint32_t>(head.abstained);
  round.refused = static_cast<std::uint32_t>(head.refused);
  return round;
}

/// Bytes of the record, or nothing when they are more than `room`. Each size is compared before it
/// is added: whatever stands in a file may be anything.
std::optional<std::uint64_t> size_of(const Head& head, std::uint64_t room) {
  std::uint64_t sum = sizeof head;
  for (const std::uint64_t part :
       {head.signs_size, head.ties_size, head.controller_size, head.names_size}) {
    if (sum > room || part > room - sum) return std::nullopt;
    sum += part;
  }
  return sum;
}

/// Where the next record begins; nothing when there is no valid record of `run` at byte `at`.
Result<std::optional<std::uint64_t>> read_record(const PlainFile& file, std::uint64_t at,
                                                 std::uint64_t end, RunId run,
                                                 RoundJournal::Part part, StoredRound& round) {
  using None = std::optional<std::uint64_t>;
  Head head;
  if (end - at < sizeof head) return None();
  const auto got = file.read_at(at, std::as_writable_bytes(std::span(&head, 1)));
  if (!got) return got.error();
  if (!*got || head.magic != kMagic || head.run != run.value || head.checksum != checksum_of(head))
    return None();
  const auto size = size_of(head, end - at);
  if (!size) return None();
  round = figures_of(head);
  if (part == RoundJournal::Part::Figures) return None(at + *size);
  Bytes names;
  std::uint64_t from = at + sizeof head;
  const std::pair<Bytes*, std::uint64_t> parts[] = {{&round.signs, head.signs_size},
                                                    {&round.ties, head.ties_size},
                                                    {&round.controller, head.controller_size},
                                                    {&names, head.names_size}};
  for (const auto& [bytes, wanted] : parts) {
    bytes->resize(static_cast<std::size_t>(wanted));
    const auto read = file.read_at(from, *bytes);
    if (!read) return read.error();
    if (!*read) return None();
    from += wanted;
  }
  if (!unpack_names(names, round.agents) || head.body_checksum != round_checksum(round, names))
    return None();
  return None(from);
}

}  // namespace round_journal

RoundJournal::RoundJournal(const std::string& path) {
  const auto names = paths(path);
  for (std::size_t i = 0; i < names.size(); ++i) segments_.at(i).path = names.at(i);
}

std::array<std::string, 2> RoundJournal::paths(const std::string& path) {
  return {path + "-rounds-a", path + "-rounds-b"};
}

Status RoundJournal::open(RunId run, std::optional<RoundId> in_file) {
  run_ = run;
  for (Segment& segment : segments_)
    if (exists(segment.path))
      if (auto opened = open(segment); !opened) return opened;
  const auto& [a, b] = segments_;
  current_ = !b.empty() && (a.empty() || b.first > a.first) ? 1 : 0;
  Segment& earlier = segments_[1 - current_];
  const Segment& current = segments_[current_];
  if (earlier.empty() || current.first == earlier.next) return {};
  // The new beginning of a file that was being written over did not reach the disk.
  if (in_file && current.first <= in_file->next()) return empty_out(earlier);
  return Error{ErrorKind::Corrupt,
               earlier.path + " ends before round " + std::to_string(earlier.next.value) + ", " +
                   current.path + " begins with round " + std::to_string(current.first.value) +
                   "; restore a copy, or move both and the state file away to begin anew"};
}

Status RoundJournal::empty_out(Segment& segment) {
  segment.end = 0;
  segment.first = segment.next = {};
  if (auto cut = segment.file->resize(0); !cut) return cut;
  return segment.file->synchronise();
}

Status RoundJournal::open(Segment& segment) {
  auto file = PlainFile::open(segment.path);
  if (!file) return file.error();
  const auto size = file->size();
  if (!size) return size.error();
  StoredRound round;
  for (;;) {
    const auto next = round_journal::read_record(*file, segment.end, *size, run_, Part::All, round);
    if (!next) return next.error();
    if (!*next || (!segment.empty() && round.round != segment.next)) break;
    if (segment.empty()) segment.first = round.round;
    segment.next = round.round.next();
    segment.end = **next;
    round = {};
  }
  // A record behind a torn one must not follow on what will be written in its place.
  if (segment.end != *size) {
    if (auto cut = file->resize(segment.end); !cut) return cut;
    if (auto done = file->synchronise(); !done) return done;
  }
  segment.file = std::move(*file);
  return {};
}

std::optional<RoundId> RoundJournal::first() const {
  for (const Segment* segment : {&segments_[1 - current_], &segments_[current_]})
    if (!segment->empty()) return segment->first;
  return std::nullopt;
}

std::optional<RoundId> RoundJournal::last() const {
  for (const Segment* segment : {&segments_[current_], &segments_[1 - current_]})
    if (!segment->empty()) return RoundId{segment->next.value - 1};
  return std::nullopt;
}

Status RoundJournal::visit(RoundId first, Part part, const Visit& visit) const {
  for (const Segment* segment : {&segments_[1 - current_], &segments_[current_]})
    if (!segment->empty() && first < segment->next)
      if (auto visited = this->visit(*segment, first, part, visit); !visited) return visited;
  return {};
}

Status RoundJournal::visit(const Segment& segment, RoundId first, Part part,
                           const Visit& visit) const {
  std::uint64_t at = 0;
  for (RoundId expected = segment.first; expected < segment.next; expected = expected.next()) {
    StoredRound round;
    const auto next = round_journal::read_record(*segment.file, at, segment.end, run_,
                                                 expected < first ? Part::Figures : part, round);
    if (!next) return next.error();
    if (!*next || round.round != expected)
      return Error{ErrorKind::Corrupt, segment.path + ": round " + std::to_string(expected.value) +
                                           " does not match its checksum; restore a copy"};
    at = **next;
    if (expected < first) continue;
    if (auto visited = visit(round); !visited) return visited;
  }
  return {};
}

Status RoundJournal::append(const StoredRound& round) {
  Segment& segment = segments_[current_];
  if (!segment.file) {
    auto file = PlainFile::open(segment.path);
    if (!file) return file.error();
    segment.file = std::move(*file);
  }
  const Bytes names = pack_names(round.agents);
  const round_journal::Head head = round_journal::head_of(round, run_, names);
  const std::array<ByteView, 5> parts{std::as_bytes(std::span(&head, 1)), round.signs, round.ties,
                                      round.controller, names};
  if (auto written = segment.file->write_at(segment.end, parts); !written) {
    // With what lay there before, a part of the record could be taken for all of it; after a power
    // cut, too.
    if (segment.file->resize(segment.end)) std::ignore = segment.file->synchronise();
    return written;
  }
  for (const ByteView part : parts) segment.end += part.size();
  if (segment.empty()) segment.first = round.round;
  segment.next = round.round.next();
  return {};
}

Status RoundJournal::synchronise() {
  for (Segment& segment : segments_)
    if (segment.file)
      if (auto done = segment.file->synchronise(); !done) return done;
  return {};
}

void RoundJournal::turn(RoundId oldest) {
  Segment& earlier = segments_[1 - current_];
  if (segments_[current_].empty() || (!earlier.empty() && earlier.next > oldest)) return;
  earlier.end = 0;
  earlier.first = earlier.next = {};
  current_ = 1 - current_;
}

Status RoundJournal::remove() {
  for (Segment& segment : segments_) {
    segment = Segment{std::move(segment.path), std::nullopt, 0, {}, {}};
    if (auto gone = remove_file(segment.path); !gone) return gone;
  }
  return {};
}

}  // namespace signet
