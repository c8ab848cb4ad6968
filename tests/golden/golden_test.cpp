// What a release wrote stays readable, and says what it said.
#include <filesystem>
#include <string>

#include "coordinator/store/store.hpp"
#include "core/base/digest.hpp"
#include "core/job/job.hpp"
#include "core/platform/files.hpp"
#include "core/wire/codec.hpp"
#include "tests/coordinator/store/store_samples.hpp"
#include "tests/core/platform/temporary_folder.hpp"
#include "tests/golden/packed.hpp"
#include "tests/golden/v1.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/same_message.hpp"

namespace signet {
namespace golden_test {

using namespace test;

std::string golden_file(const std::string& name) {
  return std::string(SIGNET_SOURCE_DIR) + "/tests/golden/" + name;
}

Bytes golden_bytes(const std::string& name) {
  auto file = read_file(golden_file(name));
  if (!file) FAIL(file.error().message);
  return *std::move(file);
}

TEST_CASE("every message of version 1 is read and says what it said", "[golden][wire]") {
  for (const auto& [name, message] : v1::messages()) {
    INFO(name);
    const Bytes file = golden_bytes("v1/" + name + ".frames");
    const auto read = decode(unpacked(file));
    REQUIRE(read);
    CHECK(same_message(*read, message));
    // A version may add fields, but change none.
    CHECK(encode(*read) == encode(message));
  }
}

TEST_CASE("a golden vote that differs in one sign is another vote", "[golden][wire]") {
  const auto vote = encode(v1::messages()[3].second);
  const Bytes whole = golden_bytes("v1/vote.frames");
  REQUIRE(encode(*decode(unpacked(whole))) == vote);
  for (std::size_t byte = 1; byte <= sign_bytes(v1::kDimension); ++byte) {
    Bytes other = whole;
    other[other.size() - byte] ^= std::byte{1};
    CHECK(encode(*decode(unpacked(other))) != vote);
  }
}

TEST_CASE("the state file of version 1 is opened and holds what was saved", "[golden][store]") {
  for (const auto durability : {Durability::Round, Durability::Snapshot}) {
    const TemporaryFolder folder;
    std::filesystem::copy_file(golden_file("v1/state.signet"), folder / "state.signet");
    const auto store = Store::open(folder / "state.signet", durability);
    if (!store) FAIL(store.error().message);
    const auto header = (*store)->header();
    REQUIRE((header && *header));
    CHECK((*header)->run == v1::kRun);
    CHECK((*header)->dimension == v1::kDimension);
    CHECK((*header)->normalisation == Bytes(9, std::byte{1}));
    CHECK((*header)->job_text == to_text(golden_bytes("v1/job.toml")));
    const auto agents = (*store)->agents();
    REQUIRE(agents);
    REQUIRE(agents->size() == v1::kAgents.size());
    for (std::size_t i = 0; i < agents->size(); ++i) {
      CHECK((*agents)[i].name == v1::kAgents[i].name);
      CHECK((*agents)[i].id == v1::kAgents[i].id);
      CHECK((*agents)[i].samples == v1::kAgents[i].samples);
    }
    const auto rounds = rounds_of(**store);
    REQUIRE(rounds.size() == v1::kRounds);
    for (const auto& round : rounds) {
      const StoredRound expected = v1::round(round.round.value);
      CHECK(same_figures(round, expected));
      // Those before the older snapshot were pruned.
      if (round.round.value < v1::kSnapshots[0]) {
        CHECK(is_pruned(round));
      } else {
        CHECK(same_round(round, expected));
      }
    }
    const auto snapshot = (*store)->latest_snapshot();
    REQUIRE((snapshot && *snapshot));
    CHECK((*snapshot)->next_round == RoundId{v1::kSnapshots[1]});
    CHECK((*snapshot)->parameters == v1::parameters(v1::kSnapshots[1]));
    const auto evaluations = (*store)->evaluations();
    REQUIRE(evaluations);
    REQUIRE(evaluations->size() == 1);
    CHECK(evaluations->front().next_round == v1::kEvaluation.next_round);
    CHECK(evaluations->front().test_accuracy == v1::kEvaluation.test_accuracy);
    // And the run goes on in it.
    CHECK((*store)->save_round(v1::round(v1::kRounds)));
  }
}

TEST_CASE("the job of version 1 is read and is the job that it was", "[golden][job]") {
  const auto job = parse_job(to_text(golden_bytes("v1/job.toml")), "job.toml");
  if (!job) FAIL(job.error().message);
  CHECK(job->name == "small");
  CHECK(job->seed == 1);
  CHECK(job->stop.rounds == 60);
  CHECK(job->training.batch == 16);
  CHECK(job->round.silence == std::chrono::seconds(5));
  CHECK(job->state.snapshot_every == 20);
  CHECK(job->data.label_column == "label");
}

}  // namespace golden_test
}  // namespace signet
