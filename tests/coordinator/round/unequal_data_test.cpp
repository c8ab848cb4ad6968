#include <string>
#include <vector>

#include "tests/coordinator/round/round_bench.hpp"

namespace signet {

namespace {

using test::kRoundDimension;
using test::random_signs;
using test::RoundBench;

/// Notes of two hundred rounds in which agent j's losses lie around 0.5 + j * `apart`.
std::vector<std::string> notes_of(const Job& job, double apart) {
  RoundBench bench(job);
  const std::vector<std::string> names{"ada", "bob", "cid"};
  bench.join_all(names);
  Rng rng(5);
  std::vector<std::string> notes;
  for (int round = 0; round < 200; ++round) {
    const SignVector signs = random_signs(kRoundDimension, bench.open().value);
    for (std::size_t j = 0; j < names.size(); ++j) {
      Vote vote = bench.vote_of(signs);
      vote.loss = static_cast<float>(0.5 + static_cast<double>(j) * apart + 0.05 * rng.normal());
      bench.tell(RoundBench::peer_of(names[j]), vote);
      for (const auto& action : bench.actions)
        if (const auto* note = std::get_if<Note>(&action))
          if (note->text.find("data") != std::string::npos) notes.push_back(note->text);
    }
  }
  return notes;
}

}  // namespace

TEST_CASE("agents whose losses stay apart are told of once, with the setting that is for them",
          "[coordinator][round]") {
  const auto notes = notes_of(test::round_job(3), 0.2);
  REQUIRE(notes.size() == 1);
  CHECK(notes.front().find("data.distribution = \"unequal\"") != std::string::npos);
}

TEST_CASE("agents with losses of one mean are not told of", "[coordinator][round]") {
  CHECK(notes_of(test::round_job(3), 0).empty());
}

TEST_CASE("a job for unequal data needs no advice", "[coordinator][round]") {
  Job job = test::round_job(3);
  job.distribution = Distribution::Unequal;
  CHECK(notes_of(job, 0.2).empty());
}

}  // namespace signet
