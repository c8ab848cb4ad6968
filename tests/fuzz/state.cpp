// What a coordinator finds when it starts: the state file, its journal, and what lies in them.
#include <memory>

#include "coordinator/store/persistence.hpp"
#include "coordinator/store/round_journal.hpp"
#include "coordinator/store/store.hpp"
#include "core/vote/voter_trust.hpp"
#include "tests/coordinator/store/crash_disk.hpp"
#include "tests/coordinator/store/store_samples.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/support/small_fleet.hpp"

namespace signet::test {

namespace {

const char* const kState = "disk/state";
RunPlan fuzzed_plan() {
  return {small_job(), kFuzzRun, std::vector<float>(kFuzzDimension)};
}

/// A run of a few rounds, left as a crash leaves it, or closed.
void save_some(Store& store) {
  auto state = recover(store, fuzzed_plan());
  SIGNET_CHECK(state, "a new run");
  Replica replica(state->parameters, RoundId{0});
  SIGNET_CHECK(store.save_agent({"ada", AgentId{1}, 100}), "there is room");
  for (std::uint64_t k = 0; k < 6; ++k) {
    StoredRound round;
    round.round = RoundId{k};
    round.rate = 0.125F;
    round.digest = replica.digest();
    const SignVector signs(kFuzzDimension);
    round.signs = to_bytes(signs.bytes());
    if (k % 2 == 0) round.ties = to_bytes(signs.bytes());
    round.agents = {"ada"};
    SIGNET_CHECK(store.save_round(round), "there is room");
    replica.apply(round.rate, signs, k % 2 == 0 ? signs : SignVector());
    if (k == 2 || k == 4)
      SIGNET_CHECK(
          store.save_snapshot({replica.next_round(), replica.digest(), replica.parameters()}),
          "there is room");
  }
  SIGNET_CHECK(store.save_evaluation({RoundId{3}, 0.5, 1.25}), "there is room");
}

Bytes file_after(bool crash, const char* path) {
  CrashDisk disk;
  auto store = Store::open(kState, Durability::Snapshot);
  SIGNET_CHECK(store, "a new disk");
  save_some(**store);
  if (crash) disk.kill();
  store = Error{};
  return to_bytes(disk.read(path, 0));
}

}  // namespace

void fuzz_state_file(ByteView input) {
  CrashDisk disk;
  disk.create(kState, true);
  disk.write(kState, 0, input);
  auto store = Store::open(kState, Durability::Snapshot);
  if (!store) return;
  static_cast<void>(bool{recover(**store, fuzzed_plan())});
  const auto nothing = [](const StoredRound& /*round*/) { return Status(); };
  static_cast<void>(bool{(*store)->rounds_from(RoundId{0}, nothing)});
  static_cast<void>(bool{(*store)->save_round(sample_round(6, 3))});
}

std::vector<Bytes> state_file_seeds() {
  return {file_after(false, kState)};
}

void fuzz_journal(ByteView input) {
  CrashDisk disk;
  const auto paths = RoundJournal::paths(kState);
  FuzzInput parts(input);
  const auto first = parts.number<std::uint16_t>();
  const ByteView a = parts.take(first), b = parts.take(input.size());
  disk.create(paths[0], true);
  disk.write(paths[0], 0, a);
  if (!b.empty()) {
    disk.create(paths[1], true);
    disk.write(paths[1], 0, b);
  }
  RoundJournal journal(kState);
  if (!journal.open(kFuzzRun)) return;
  const auto nothing = [](const StoredRound& /*round*/) { return Status(); };
  SIGNET_CHECK(journal.visit(RoundId{0}, RoundJournal::Part::All, nothing),
               "what was found sound can be read");
  const auto last = journal.last();
  if (last && last->value < 1'000'000)
    SIGNET_CHECK(journal.append(sample_round(last->value + 1)), "there is room");
}

std::vector<Bytes> journal_seeds() {
  const auto paths = RoundJournal::paths(kState);
  return {pack_frames({file_after(true, paths[0].c_str())}),
          pack_frames({file_after(true, paths[1].c_str())})};
}

void fuzz_saved_memory(ByteView input) {
  FuzzInput parts(input);
  Job job = small_job();
  if (parts.flag()) job.weights = VoteWeights::Mismatch;
  const ByteView memory = parts.take(input.size());
  static_cast<void>(bool{unpack_normalisation(memory)});
  RunState state;
  state.parameters.resize(kFuzzDimension);
  state.normalisation.emplace();
  state.controller = to_bytes(memory);
  static_cast<void>(bool{RoundMachine::create(job, "job", std::move(state), 1, Instant{})});
}

std::vector<Bytes> saved_memory_seeds() {
  Bytes trust{std::byte{1}, std::byte{24}, std::byte{0}, std::byte{0}, std::byte{0}};
  trust.resize(trust.size() + 24);
  const Bytes more = VoterTrust().state();
  trust.insert(trust.end(), more.begin(), more.end());
  return {Bytes(25), trust};
}

}  // namespace signet::test
