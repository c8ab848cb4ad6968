#include "coordinator/store/memory_store.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "core/base/digest.hpp"

namespace signet {
namespace {

Error corrupt_memory(const std::string& what) {
  return Error{ErrorKind::Corrupt, "memory: " + what + "; begin anew with an empty disk"};
}

/// A round without what replays it.
std::shared_ptr<const StoredRound> pruned_round(const StoredRound& round) {
  StoredRound figures = round;
  figures.signs.clear();
  figures.ties.clear();
  figures.controller.clear();
  figures.agents.clear();
  return std::make_shared<const StoredRound>(std::move(figures));
}

}  // namespace

void MemoryDisk::lose_power() {
  SIGNET_CHECK(!in_use_, "the store goes before its disk loses power");
  if (durability_ == Durability::Snapshot) written_ = synchronised_;
}

void MemoryDisk::damage_newest_snapshot() {
  SIGNET_CHECK(!written_.snapshots.empty(), "there is a snapshot to damage");
  auto& newest = written_.snapshots.rbegin()->second;
  StoredSnapshot damaged = *newest;
  damaged.digest ^= 1U;
  newest = std::make_shared<const StoredSnapshot>(std::move(damaged));
}

Result<std::unique_ptr<Store>> MemoryStore::open(std::shared_ptr<MemoryDisk> disk,
                                                 Durability durability) {
  if (disk->in_use_)
    return Error{ErrorKind::Unavailable,
                 "memory is in use by another process; close the other store first"};
  disk->in_use_ = true;
  disk->durability_ = durability;
  return std::unique_ptr<Store>(new MemoryStore(std::move(disk)));  // The constructor is private.
}

MemoryStore::~MemoryStore() {
  disk_->in_use_ = false;
}

Status MemoryStore::take_room() {
  auto& left = disk_->writes_left_;
  if (left && *left == 0)
    return Error{ErrorKind::Full, "memory: the disk is full; make room and start again"};
  if (left) --*left;
  return {};
}

void MemoryStore::synchronise() {
  if (disk_->durability_ == Durability::Snapshot) disk_->synchronised_ = disk_->written_;
}

Result<std::optional<RunHeader>> MemoryStore::header() {
  return disk_->written_.header;
}

Status MemoryStore::begin_run(const RunHeader& header) {
  if (disk_->written_.header) return corrupt_memory("a run has begun in it before");
  if (auto room = take_room(); !room) return room;
  disk_->written_.header = header;
  synchronise();
  return {};
}

Status MemoryStore::save_normalisation(ByteView normalisation) {
  if (!disk_->written_.header) return corrupt_memory("no run has begun in it");
  if (auto room = take_room(); !room) return room;
  disk_->written_.header->normalisation = to_bytes(normalisation);
  return {};
}

Status MemoryStore::save_job(const std::string& job_text) {
  if (!disk_->written_.header) return corrupt_memory("no run has begun in it");
  if (auto room = take_room(); !room) return room;
  disk_->written_.header->job_text = job_text;
  return {};
}

Status MemoryStore::save_agent(const StoredAgent& agent) {
  for (const auto& [name, other] : disk_->written_.agents)
    if (other.id == agent.id && name != agent.name)
      return corrupt_memory("agent id " + std::to_string(agent.id.value) + " belongs to " + name);
  if (auto room = take_room(); !room) return room;
  disk_->written_.agents[agent.name] = agent;
  return {};
}

Result<std::vector<StoredAgent>> MemoryStore::agents() {
  std::vector<StoredAgent> all;
  for (const auto& [name, agent] : disk_->written_.agents) all.push_back(agent);
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return all;
}

Status MemoryStore::save_round(const StoredRound& round) {
  auto& rounds = disk_->written_.rounds;
  if (!rounds.empty() && round.round != rounds.rbegin()->first.next())
    return corrupt_memory("round " + std::to_string(round.round.value) +
                          " cannot be saved after round " +
                          std::to_string(rounds.rbegin()->first.value));
  if (auto room = take_room(); !room) return room;
  rounds[round.round] = std::make_shared<const StoredRound>(round);
  return {};
}

void MemoryStore::prune() {
  auto& [header, agents, rounds, snapshots, evaluations] = disk_->written_;
  while (snapshots.size() > 2) snapshots.erase(snapshots.begin());
  if (snapshots.size() < 2) return;
  for (auto& [id, round] : rounds) {
    if (id >= snapshots.begin()->first) break;
    if (!round->signs.empty()) round = pruned_round(*round);
  }
}

Status MemoryStore::save_snapshot(const SnapshotView& snapshot) {
  if (auto room = take_room(); !room) return room;
  disk_->written_.snapshots[snapshot.next_round] = std::make_shared<const StoredSnapshot>(
      StoredSnapshot{snapshot.next_round,
                     snapshot.digest,
                     {snapshot.parameters.begin(), snapshot.parameters.end()}});
  prune();
  synchronise();
  return {};
}

Status MemoryStore::save_evaluation(const StoredEvaluation& evaluation) {
  if (auto room = take_room(); !room) return room;
  disk_->written_.evaluations[evaluation.next_round] = evaluation;
  return {};
}

Result<std::optional<StoredSnapshot>> MemoryStore::latest_snapshot() {
  const auto& snapshots = disk_->written_.snapshots;
  // NOLINTNEXTLINE(modernize-loop-convert): clang 14 cannot read this library's views::reverse.
  for (auto it = snapshots.rbegin(); it != snapshots.rend(); ++it)
    if (digest(std::span<const float>(it->second->parameters)) == it->second->digest)
      return std::optional(*it->second);
  if (snapshots.empty()) return std::optional<StoredSnapshot>();
  return corrupt_memory("the snapshot before round " +
                        std::to_string(snapshots.rbegin()->first.value) +
                        " does not match its digest");
}

Status MemoryStore::rounds_from(RoundId first,
                                const std::function<Status(const StoredRound&)>& visit) {
  const auto& rounds = disk_->written_.rounds;
  for (auto it = rounds.lower_bound(first); it != rounds.end(); ++it)
    if (auto visited = visit(*it->second); !visited) return visited;
  return {};
}

Result<std::vector<StoredEvaluation>> MemoryStore::evaluations() {
  std::vector<StoredEvaluation> all;
  for (const auto& [round, evaluation] : disk_->written_.evaluations) all.push_back(evaluation);
  return all;
}

}  // namespace signet
