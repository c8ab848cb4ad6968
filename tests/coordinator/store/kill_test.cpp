#include <cerrno>
#include <optional>

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "coordinator/store/store.hpp"
#include "tests/coordinator/store/store_samples.hpp"
#include "tests/core/platform/temporary_folder.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace kill_test {

using namespace test;

constexpr std::size_t kSigns = 20'000;
constexpr std::uint64_t kSnapshotEvery = 25;

/// Saves rounds from `first` on for ever, and says the number of each through `pipe` once the store
/// says that it is saved.
[[noreturn]] void save_until_killed(const std::string& path, Durability durability,
                                    std::uint64_t first, int pipe) {
  const auto store = Store::open(path, durability);
  for (std::uint64_t k = first; store; ++k) {
    if (!(*store)->save_round(sample_round(k, kSigns))) break;
    if (::write(pipe, &k, sizeof k) != sizeof k) break;
    if ((k + 1) % kSnapshotEvery == 0 &&
        !(*store)->save_snapshot(sample_snapshot(k + 1, 50'000).view()))
      break;
  }
  ::_exit(1);
}

/// The next number out of the pipe; nothing when none comes in time, or it is closed.
std::optional<std::uint64_t> number_from(int pipe, timespec patience) {
  pollfd item{pipe, POLLIN, 0};
  if (::ppoll(&item, 1, &patience, nullptr) <= 0) return std::nullopt;
  std::uint64_t number = 0;
  if (::read(pipe, &number, sizeof number) != sizeof number) return std::nullopt;
  return number;
}

/// Kills `child` at a random instant within so many nanoseconds (under a second).
void kill_within(pid_t child, std::uint64_t longest_ns, Rng& rng) {
  const timespec instant{0, static_cast<long>(rng.below(longest_ns))};
  ::ppoll(nullptr, 0, &instant, nullptr);
  ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  REQUIRE(WIFSIGNALED(status));
}

/// Lets a child save from `first` on and kills it at a random instant; the number of rounds that
/// are then said to be saved.
std::uint64_t rounds_said_before_kill(const std::string& path, Durability durability,
                                      std::uint64_t first, Rng& rng) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    save_until_killed(path, durability, first, ends[1]);
  }
  ::close(ends[1]);
  std::uint64_t said = first;
  const std::uint64_t enough = first + 1 + rng.below(40);
  while (said < enough) {
    const auto number = number_from(ends[0], {20, 0});
    REQUIRE(number == said);
    ++said;
  }
  // Now anywhere within the next rounds: their saving takes about a millisecond each.
  kill_within(child, 5'000'000, rng);
  while (const auto number = number_from(ends[0], {0, 0})) said = *number + 1;
  ::close(ends[0]);
  return said;
}

TEST_CASE("every round that was said to be saved is there after kill -9 at any instant",
          "[coordinator][store]") {
  for (const auto durability : {Durability::Round, Durability::Snapshot}) {
    const TemporaryFolder folder;
    const std::string path = folder / "state";
    Rng rng(9);
    std::uint64_t saved = 0;
    for (int death = 0; death < 12; ++death) {
      const std::uint64_t said = rounds_said_before_kill(path, durability, saved, rng);
      const auto store = Store::open(path, durability);
      REQUIRE(store);
      const auto rounds = rounds_of(**store);
      // One more at most: saved, but killed before it could say so.
      CHECK(rounds.size() >= said);
      CHECK(rounds.size() <= said + 1);
      for (std::size_t k = 0; k < rounds.size(); ++k) {
        const auto expected = sample_round(k, kSigns);
        REQUIRE((is_pruned(rounds[k]) ? same_figures(rounds[k], expected)
                                      : same_round(rounds[k], expected)));
      }
      const auto snapshot = (*store)->latest_snapshot();
      REQUIRE(snapshot);
      if (said > kSnapshotEvery) {
        REQUIRE(snapshot->has_value());
        CHECK(same_snapshot(**snapshot, sample_snapshot((*snapshot)->next_round.value, 50'000)));
        CHECK_FALSE(is_pruned(rounds.back()));
      }
      saved = rounds.size();
    }
  }
}

TEST_CASE("a process killed while it creates the file leaves one that opens",
          "[coordinator][store]") {
  Rng rng(10);
  for (int death = 0; death < 30; ++death) {
    const TemporaryFolder folder;
    const pid_t child = ::fork();
    if (child == 0) {
      const auto store = Store::open(folder / "state", Durability::Round);
      for (;;) ::pause();
    }
    kill_within(child, 40'000'000, rng);
    const auto store = Store::open(folder / "state", Durability::Round);
    REQUIRE(store);
    CHECK((*store)->begin_run(sample_header()));
    CHECK((*store)->save_round(sample_round(0)));
  }
}

}  // namespace kill_test
}  // namespace signet
