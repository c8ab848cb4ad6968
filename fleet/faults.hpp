#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace signet {

/// What goes wrong in a simulated fleet, all of it drawn from one seed. Shares are chances in
/// [0, 1]; at what they are drawn is said beside each.
struct FleetFaults {
  // The network, at each message.
  double loss = 0;       ///< never arrives
  double duplicate = 0;  ///< arrives twice
  /// A message of a closed connection, or to a process that died meanwhile, arrives all the same.
  double stale = 0;
  /// Its agent is cut off: of what it sends, of the answers, of the updates, or of several of them.
  double partition = 0;
  double partition_spread = 0;  ///< then for each other agent: cut off alike
  Duration partition_max{};
  Duration delay_min = std::chrono::milliseconds(1), delay_max = std::chrono::milliseconds(1);

  // Processes.
  Duration train_min = std::chrono::milliseconds(20), train_max = std::chrono::milliseconds(20);
  /// At each action of a coordinator, to die before that action is done: also between "round saved"
  /// and "update published".
  double coordinator_crash = 0;
  double agent_crash = 0;       ///< the same of an agent
  double crash_together = 0;    ///< of each agent, when the coordinator dies
  double agent_leave = 0;       ///< at each event of an agent: its user stops it
  double coordinator_stop = 0;  ///< the same of the coordinator
  /// At each event of a process, to stand still for a while: its clock goes on (a stopped process),
  /// or stands still as well (a suspended board).
  double freeze = 0, suspend = 0;
  /// At each event of an agent, to pause: its board has business of its own. Until then it answers
  /// rounds without a vote.
  double pause = 0;
  Duration still_max{};  ///< longest freeze, suspension or pause
  Duration late_max{};   ///< agents start at any time up to this
  Duration restart_after = std::chrono::seconds(3);
  bool clocks_apart = false;  ///< each process's clock begins anywhere, as monotonic clocks do

  // The disk, at each call of the store.
  double store_crash = 0;  ///< the coordinator dies within the call
  double disk_full = 0;    ///< no room from now on, until the coordinator is started again
  /// At each death of the coordinator, to be a power cut: with Durability::Snapshot its disk is
  /// then back at the last snapshot, or between that and the last round.
  double power_cut = 0;

  /// At each message of a rogue, one of the last agents: it sends another one that breaks the
  /// protocol.
  double tamper = 0;
  std::size_t rogues = 0;

  /// No more faults of any kind after this time, so that a run can end.
  Duration faults_end = Duration::max();
};

/// The chances of FleetFaults, one kind each; Amount draws how long things take.
enum class FaultKind : std::uint8_t {
  Loss,
  Duplicate,
  Stale,
  Partition,
  PartitionSpread,
  CoordinatorCrash,
  AgentCrash,
  CrashTogether,
  AgentLeave,
  CoordinatorStop,
  Freeze,
  Suspend,
  StoreCrash,
  DiskFull,
  PowerCut,
  Tamper,
  Pause,
  Amount,
};
inline constexpr std::size_t kFaultKinds = 18;
/// "loss", "agent-crash".
std::string_view name_of(FaultKind kind);
/// The chance of `kind` in `faults`; Amount has none (programmer's error).
double& chance_of(FleetFaults& faults, FaultKind kind);

/// One fault that struck: the `count`-th time that it could have struck `subject`, counted from 0.
/// Subjects are agents by their number; the coordinator has kCoordinator.
struct Fault {
  FaultKind kind = FaultKind::Loss;
  std::uint32_t subject = 0;
  std::uint64_t count = 0;

  auto operator<=>(const Fault&) const = default;
};
inline constexpr std::uint32_t kCoordinator = 0xffffffff;

/// "loss:2:17", "store-crash:coordinator:3".
std::string to_text(const Fault& fault);
/// The way back. Fails with Malformed.
Result<Fault> parse_fault(std::string_view text);

/// Decides what strikes. Each decision is a function of seed, kind, subject and count alone, so
/// that taking one fault out of a run leaves the others where they were, as far as the run still
/// gets there.
class FaultDice {
 public:
  explicit FaultDice(std::uint64_t seed) : seed_(seed) {}

  /// From now on only these strike, however likely others are.
  void allow_only(std::set<Fault> faults);
  bool strikes(FaultKind kind, std::uint32_t subject, double probability);
  /// Uniform in [low, high].
  Duration between(std::uint32_t subject, Duration low, Duration high);
  /// Any number.
  std::uint64_t draw(std::uint32_t subject);
  /// All that struck, in order.
  const std::vector<Fault>& struck() const { return struck_; }

 private:
  std::uint64_t& counter(FaultKind kind, std::uint32_t subject);

  std::uint64_t seed_;
  std::array<std::vector<std::uint64_t>, kFaultKinds> counters_;  // [subject], 0: the coordinator
  bool restricted_ = false;
  std::set<Fault> allowed_;
  std::vector<Fault> struck_;
};

}  // namespace signet
