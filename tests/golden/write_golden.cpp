// write_golden FOLDER: the files of the newest version, once, before its release. See README.md
// here.
#include <cstdio>
#include <string>

#include "coordinator/store/store.hpp"
#include "core/base/digest.hpp"
#include "core/job/job.hpp"
#include "core/platform/files.hpp"
#include "core/wire/codec.hpp"
#include "tests/golden/packed.hpp"
#include "tests/golden/v1.hpp"
#include "tests/support/small_fleet.hpp"

namespace signet::test {

namespace {

Status write_state(const std::string& path) {
  auto opened = Store::open(path, Durability::Round);
  if (!opened) return opened.error();
  Store& store = **opened;
  if (auto done = store.begin_run({v1::kRun, canonical_text(small_job()), v1::kDimension, {}});
      !done)
    return done;
  if (auto done = store.save_normalisation(Bytes(9, std::byte{1})); !done) return done;
  for (const auto& agent : v1::kAgents)
    if (auto done = store.save_agent(agent); !done) return done;
  for (std::uint64_t k = 0; k < v1::kRounds; ++k) {
    if (auto done = store.save_round(v1::round(k)); !done) return done;
    const auto x = v1::parameters(k);
    for (const std::uint64_t next : v1::kSnapshots)
      if (next == k)
        if (auto done = store.save_snapshot({RoundId{k}, digest(std::span<const float>(x)), x});
            !done)
          return done;
  }
  return store.save_evaluation(v1::kEvaluation);
}

Status write_all(const std::string& folder) {
  for (const auto& [name, message] : v1::messages())
    if (auto done = write_file_atomically(folder + "/" + name + ".frames", packed(encode(message)));
        !done)
      return done;
  const std::string job = canonical_text(small_job());
  if (auto done = write_file_atomically(folder + "/job.toml", view_bytes(job)); !done) return done;
  return write_state(folder + "/state.signet");
}

}  // namespace

}  // namespace signet::test

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: write_golden FOLDER, which must be there\n", stderr);
    return 2;
  }
  const auto done = signet::test::write_all(argv[1]);
  if (!done) std::fprintf(stderr, "%s\n", done.error().message.c_str());
  return done ? 0 : 1;
}
